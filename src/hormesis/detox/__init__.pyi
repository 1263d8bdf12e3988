from .at_costs import AtCosts as AtCosts
from .conditioned import Conditioned as Conditioned
from .contrasts.dexperts import DExperts as DExperts
from .contrasts.self_debiasing import SelfDebiasing as SelfDebiasing
from .evidence import Evidence as Evidence
from .evidence import Learner as Learner
from .intervention import Intervention as Intervention
from .options import FromOwnSamples as FromOwnSamples
from .options import FromPairs as FromPairs
from .options import HeadOptions as HeadOptions
from .options import MethodOptions as MethodOptions
from .options import PreferenceOptions as PreferenceOptions
from .options import SteeredOptions as SteeredOptions
from .options import StreamOptions as StreamOptions
from .options import TuningOptions as TuningOptions
from .pairs import (
    PairConfig as PairConfig,
)
from .pairs import (
    PreferencePair as PreferencePair,
)
from .pairs import (
    ranked_pairs as ranked_pairs,
)
from .pairs import (
    read_pairs as read_pairs,
)
from .pairs import (
    write_pairs as write_pairs,
)
from .prompting import Prompting as Prompting
from .prompting import few_shot as few_shot
from .registry import METHODS as METHODS
from .registry import AnyMethod as AnyMethod
from .registry import Method as Method
from .registry import columns_of as columns_of
from .registry import is_fitted as is_fitted
from .registry import method as method
from .steering.ablation import DirectionalAblation as DirectionalAblation
from .steering.controls import (
    random_direction as random_direction,
)
from .steering.controls import (
    random_heads as random_heads,
)
from .steering.controls import (
    shuffled_labels as shuffled_labels,
)
from .steering.gated import GatedIntervention as GatedIntervention
from .steering.hooked import HookedIntervention as HookedIntervention
from .steering.iti import InferenceTimeIntervention as InferenceTimeIntervention
from .steering.leace import ConceptErasure as ConceptErasure
from .steering.leace import fit_leace as fit_leace
from .steering.residual import ResidualAddition as ResidualAddition
from .storage import intervention_hash as intervention_hash
from .storage import keep_strength as keep_strength
from .storage import kept_strength as kept_strength
from .storage import load_intervention as load_intervention
from .unsteered import Unsteered as Unsteered
from .weights.delta import WeightDelta as WeightDelta
from .weights.dpo import PreferenceConfig as PreferenceConfig
from .weights.dpo import preference_optimisation as preference_optimisation
from .weights.sft import SupervisedConfig as SupervisedConfig
from .weights.sft import supervised_fine_tuning as supervised_fine_tuning
