from .callbacks import TrainingProgress as TrainingProgress
from .checkpoint import Checkpoint as Checkpoint
from .checkpoint import Provenance as Provenance
from .checkpoint import snapshots as snapshots
from .config import TrainingConfig as TrainingConfig
from .cost import Estimate as Estimate
from .cost import estimate as estimate
from .cost import flops_per_token as flops_per_token
from .export import ExportError as ExportError
from .presets import (
    PRESETS as PRESETS,
)
from .presets import (
    Preset as Preset,
)
from .presets import (
    embedding_rows as embedding_rows,
)
from .presets import (
    layers_and_heads as layers_and_heads,
)
from .presets import (
    model_config as model_config,
)
from .presets import (
    parameter_count as parameter_count,
)
from .presets import (
    shape_hash as shape_hash,
)
from .training import pretrain as pretrain
