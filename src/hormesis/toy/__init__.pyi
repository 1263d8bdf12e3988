from .chains import World as World
from .chains import build_world as build_world
from .directions import feature_directions as feature_directions
from .directions import residual_stream as residual_stream
from .experiment import Fall as Fall
from .experiment import ToyResult as ToyResult
from .experiment import read_members as read_members
from .experiment import run as run
from .figures import draw as draw
from .model import Decoder as Decoder
from .setting import (
    DEFAULT_SHARES as DEFAULT_SHARES,
)
from .setting import (
    ModelConfig as ModelConfig,
)
from .setting import (
    ReadingConfig as ReadingConfig,
)
from .setting import (
    Setting as Setting,
)
from .setting import (
    TrainingConfig as TrainingConfig,
)
from .setting import (
    WorldConfig as WorldConfig,
)
from .setting import (
    changed as changed,
)
from .statistics import (
    Difference as Difference,
)
from .statistics import (
    benjamini_hochberg as benjamini_hochberg,
)
from .statistics import (
    difference as difference,
)
from .statistics import (
    holm as holm,
)
from .storage import read_result as read_result
from .storage import write_result as write_result
from .storage import write_sweep as write_sweep
from .style import save_figure as save_figure
from .sweep import (
    Variant as Variant,
)
from .sweep import (
    effects as effects,
)
from .sweep import (
    option_variants as option_variants,
)
from .sweep import (
    run_variants as run_variants,
)
from .sweep import (
    size_variants as size_variants,
)
from .sweep_figures import draw_options as draw_options
from .sweep_figures import draw_readings as draw_readings
from .sweep_figures import draw_sizes as draw_sizes
from .training import (
    Members as Members,
)
from .training import (
    TrainedMembers as TrainedMembers,
)
from .training import (
    TrainingProgress as TrainingProgress,
)
from .training import (
    train as train,
)
from .verdict import describe as describe
