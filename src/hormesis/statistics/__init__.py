"""The statistics room: measurement rows in, statements that say how sure they are.

Pure functions: no model, no text, no network, so all of it is computed again from a results folder in seconds.

::

    rows ── Measurements ── trade_off ── Frontier ──► Panel [shares, seeds] ──► paired differences, power
                  └── HeadTable ────────────────────────┘        └── resampled ──► DoseResponse ──► Recommendation

- :class:`Measurements` checks the rows and parts them into single seeds, pooled values and attention heads.
- A :class:`Frontier` interpolates toxicity between strengths, so that models are compared at *equal capability cost*.
- A :class:`Panel` is one outcome by share and seed. A seed is a block: mixtures are nested and initialisations shared
  within it, so shares are compared within seeds (:func:`paired_differences`), and noise is what is left after both.
- :func:`dose_response_of` asks whether steered toxicity dips, where and how deep; :func:`recommend` names a share, or
  says that the data do not decide and how many seeds would.
- :func:`tail_differences` compares the upper tails of probe accuracies, models and not heads being exchanged.
- :func:`recovery_table` reads off how soon tampering brings back what detoxification removed.

With few seeds a statement is what its assumptions make it: every p has its ``smallest`` attainable value beside it,
and intervals from fewer than five seeds are said to be such.
"""

from __future__ import annotations

from hormesis.statistics.best import dip_test, fall_test, may_be_best
from hormesis.statistics.curves import Comparison, compare_curves, natural_spline
from hormesis.statistics.dose_response import Dip, DoseResponse, dose_response_of
from hormesis.statistics.frontier import Frontier, OperatingPoint
from hormesis.statistics.heads import probe_summary, top_count
from hormesis.statistics.hormetic import Hormetic, fit_hormetic
from hormesis.statistics.intervals import Interval, bootstrap_interval, t_interval
from hormesis.statistics.measurements import Measurements, PromptSet
from hormesis.statistics.outcomes import area_until, chosen_method, chosen_prompts, points_of_seeds, toxicity_at
from hormesis.statistics.paired import PairedDifference, SignFlips, paired_differences, sign_flip_test
from hormesis.statistics.panel import Panel
from hormesis.statistics.power import minimum_detectable_effect, power_of, seeds_needed, spread_interval
from hormesis.statistics.recommendation import Recommendation, power_table, recommend, seeds_table
from hormesis.statistics.recovery import recovery_table, steps_to_recover
from hormesis.statistics.resampling import Resampled, resampled, resampled_seeds
from hormesis.statistics.tails import HeadTable, TailDifference, tail_differences, tail_effect, trend_test
from hormesis.statistics.tradeoff import frontier_of, trade_off

__all__ = [
    "Comparison",
    "Dip",
    "DoseResponse",
    "Frontier",
    "HeadTable",
    "Hormetic",
    "Interval",
    "Measurements",
    "OperatingPoint",
    "PairedDifference",
    "Panel",
    "PromptSet",
    "Recommendation",
    "Resampled",
    "SignFlips",
    "TailDifference",
    "area_until",
    "bootstrap_interval",
    "chosen_method",
    "chosen_prompts",
    "compare_curves",
    "dip_test",
    "dose_response_of",
    "fall_test",
    "fit_hormetic",
    "frontier_of",
    "may_be_best",
    "minimum_detectable_effect",
    "natural_spline",
    "paired_differences",
    "points_of_seeds",
    "power_of",
    "power_table",
    "probe_summary",
    "recommend",
    "recovery_table",
    "resampled",
    "resampled_seeds",
    "seeds_needed",
    "seeds_table",
    "sign_flip_test",
    "spread_interval",
    "steps_to_recover",
    "t_interval",
    "tail_differences",
    "tail_effect",
    "top_count",
    "toxicity_at",
    "trade_off",
    "trend_test",
]
