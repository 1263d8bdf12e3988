from .capture import (
    HeadActivations as HeadActivations,
)
from .capture import (
    ResidualActivations as ResidualActivations,
)
from .capture import (
    capture_heads as capture_heads,
)
from .capture import (
    capture_heads_and_residual as capture_heads_and_residual,
)
from .directions import (
    DirectionKind as DirectionKind,
)
from .directions import (
    Directions as Directions,
)
from .directions import (
    mass_mean_directions as mass_mean_directions,
)
from .directions import (
    probe_weight_directions as probe_weight_directions,
)
from .directions import (
    supervised_directions as supervised_directions,
)
from .geometry import ConceptBank as ConceptBank
from .layout import ARCHITECTURES as ARCHITECTURES
from .layout import Architecture as Architecture
from .layout import ModelLayout as ModelLayout
from .probes import HeadProbes as HeadProbes
from .probes import fit_probes as fit_probes
from .residual import (
    ResidualDirection as ResidualDirection,
)
from .residual import (
    mean_difference as mean_difference,
)
from .residual import (
    principal_direction as principal_direction,
)
from .residual import (
    probe_layers as probe_layers,
)
from .split import GroupSplit as GroupSplit
from .split import split_by_group as split_by_group
