from .campaign import (
    Judge as Judge,
)
from .campaign import (
    Outcome as Outcome,
)
from .campaign import (
    attack_goals as attack_goals,
)
from .campaign import (
    attack_measurements as attack_measurements,
)
from .campaign import (
    read_outcomes as read_outcomes,
)
from .gcg import GcgConfig as GcgConfig
from .gcg import Suffix as Suffix
from .gcg import find_suffix as find_suffix
from .goals import Goal as Goal
from .goals import GoalConfig as GoalConfig
from .goals import read_goals as read_goals
from .significance import PairedTest as PairedTest
from .significance import Rate as Rate
from .significance import mcnemar as mcnemar
from .significance import rate_of as rate_of
from .tampering import TamperingConfig as TamperingConfig
from .tampering import TamperingKind as TamperingKind
from .tampering import tampered as tampered
from .tampering_rows import (
    FineTuningAttack as FineTuningAttack,
)
from .tampering_rows import (
    fine_tuning_attacks as fine_tuning_attacks,
)
from .tampering_rows import (
    tampering_measurements as tampering_measurements,
)
from .trigger import Trigger as Trigger
from .trigger import TriggerConfig as TriggerConfig
from .trigger import find_trigger as find_trigger
from .trigger_effects import (
    TriggerEffect as TriggerEffect,
)
from .trigger_effects import (
    effect_measurements as effect_measurements,
)
from .trigger_effects import (
    trigger_effect as trigger_effect,
)
