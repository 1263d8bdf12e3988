from .bank import ConceptBank as ConceptBank
from .bank import fit_bank as fit_bank
from .baselines import (
    Chance as Chance,
)
from .baselines import (
    OverlapChance as OverlapChance,
)
from .baselines import (
    covariance_eigenvalues as covariance_eigenvalues,
)
from .baselines import (
    drawn_chance as drawn_chance,
)
from .baselines import (
    random_entanglement as random_entanglement,
)
from .baselines import (
    shuffled_chance as shuffled_chance,
)
from .config import Estimator as Estimator
from .config import Place as Place
from .config import SurveyConfig as SurveyConfig
from .dimensions import effective_rank as effective_rank
from .dimensions import participation_ratio as participation_ratio
from .direction_overlap import (
    CorrectedOverlap as CorrectedOverlap,
)
from .direction_overlap import (
    Overlap as Overlap,
)
from .direction_overlap import (
    corrected_gram as corrected_gram,
)
from .direction_overlap import (
    cosines as cosines,
)
from .direction_overlap import (
    overlap as overlap,
)
from .direction_overlap import (
    overlaps as overlaps,
)
from .direction_overlap import (
    raw_gram as raw_gram,
)
from .direction_overlap import (
    split_half_cosines as split_half_cosines,
)
from .entanglement import (
    RandomBaseline as RandomBaseline,
)
from .entanglement import (
    entanglements as entanglements,
)
from .entanglement import (
    random_baseline as random_baseline,
)
from .entanglement import (
    spread_baseline as spread_baseline,
)
from .entanglement import (
    welch_bound as welch_bound,
)
from .erasure_rank import Erasure as Erasure
from .erasure_rank import erasure as erasure
from .estimators import (
    ClassMeans as ClassMeans,
)
from .estimators import (
    class_means as class_means,
)
from .estimators import (
    estimator_map as estimator_map,
)
from .lens import LensReading as LensReading
from .lens import logit_lens as logit_lens
from .model import (
    ModelSurvey as ModelSurvey,
)
from .model import (
    joined as joined,
)
from .model import (
    survey_model as survey_model,
)
from .noise import Fragility as Fragility
from .noise import activation_scale as activation_scale
from .noise import fragility as fragility
from .rows import (
    BASELINES as BASELINES,
)
from .rows import (
    FRACTIONS as FRACTIONS,
)
from .rows import (
    TOXICITY as TOXICITY,
)
from .rows import (
    ConceptRows as ConceptRows,
)
from .rows import (
    concept_rows as concept_rows,
)
from .separation import Separability as Separability
from .separation import chance_area as chance_area
from .separation import separability as separability
from .site_survey import Finding as Finding
from .site_survey import Site as Site
from .site_survey import sites_of as sites_of
from .site_survey import survey as survey
from .transfer import LabelledFeatures as LabelledFeatures
from .transfer import Transfer as Transfer
from .transfer import transfers as transfers
