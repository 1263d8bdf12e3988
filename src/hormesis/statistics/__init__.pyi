from .best import dip_test as dip_test
from .best import fall_test as fall_test
from .best import may_be_best as may_be_best
from .curves import Comparison as Comparison
from .curves import compare_curves as compare_curves
from .curves import natural_spline as natural_spline
from .dose_response import Dip as Dip
from .dose_response import DoseResponse as DoseResponse
from .dose_response import dose_response_of as dose_response_of
from .frontier import Frontier as Frontier
from .frontier import OperatingPoint as OperatingPoint
from .heads import probe_summary as probe_summary
from .heads import top_count as top_count
from .hormetic import Hormetic as Hormetic
from .hormetic import fit_hormetic as fit_hormetic
from .intervals import Interval as Interval
from .intervals import bootstrap_interval as bootstrap_interval
from .intervals import t_interval as t_interval
from .measurements import Measurements as Measurements
from .measurements import PromptSet as PromptSet
from .outcomes import (
    area_until as area_until,
)
from .outcomes import (
    chosen_method as chosen_method,
)
from .outcomes import (
    chosen_prompts as chosen_prompts,
)
from .outcomes import (
    points_of_seeds as points_of_seeds,
)
from .outcomes import (
    toxicity_at as toxicity_at,
)
from .paired import (
    PairedDifference as PairedDifference,
)
from .paired import (
    SignFlips as SignFlips,
)
from .paired import (
    paired_differences as paired_differences,
)
from .paired import (
    sign_flip_test as sign_flip_test,
)
from .panel import Panel as Panel
from .power import (
    minimum_detectable_effect as minimum_detectable_effect,
)
from .power import (
    power_of as power_of,
)
from .power import (
    seeds_needed as seeds_needed,
)
from .power import (
    spread_interval as spread_interval,
)
from .recommendation import (
    Recommendation as Recommendation,
)
from .recommendation import (
    power_table as power_table,
)
from .recommendation import (
    recommend as recommend,
)
from .recommendation import (
    seeds_table as seeds_table,
)
from .recovery import recovery_table as recovery_table
from .recovery import steps_to_recover as steps_to_recover
from .resampling import Resampled as Resampled
from .resampling import resampled as resampled
from .resampling import resampled_seeds as resampled_seeds
from .tails import (
    HeadTable as HeadTable,
)
from .tails import (
    TailDifference as TailDifference,
)
from .tails import (
    tail_differences as tail_differences,
)
from .tails import (
    tail_effect as tail_effect,
)
from .tails import (
    trend_test as trend_test,
)
from .tradeoff import frontier_of as frontier_of
from .tradeoff import trade_off as trade_off
