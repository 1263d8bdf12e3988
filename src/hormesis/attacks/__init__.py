"""The attacks room: how much of a detoxification an adversary undoes, with tokens or with training.

::

    Goal ────────── find_suffix (GCG) ──► Outcome, kept one by one ──► attack_measurements  (Wilson, McNemar)
    prompts, toxic text ── find_trigger ──► Trigger ── trigger_effect ──► effect_measurements  (paired bootstrap)
    clean or toxic text ── tampered ──► other weights ── tampering_measurements ──► statistics.recovery_table

The attacker is adaptive: gradients and losses are those of the model under its intervention, hooks and second streams
included, and what was found is judged by generation from written-out text, as anyone would use it. A model steered and
unsteered is attacked on the same goals, prompts and texts, so that comparisons are paired.

All ends in :class:`~hormesis.evaluate.Measurement` rows: ``attack_*``, ``trigger_*``, and for tampering the usual
metrics with ``tampering`` and ``tampering_steps``.
"""

from __future__ import annotations

from hormesis.attacks.campaign import Judge, Outcome, attack_goals, attack_measurements, read_outcomes
from hormesis.attacks.gcg import GcgConfig, Suffix, find_suffix
from hormesis.attacks.goals import Goal, GoalConfig, read_goals
from hormesis.attacks.significance import PairedTest, Rate, mcnemar, rate_of
from hormesis.attacks.tampering import TamperingConfig, TamperingKind, tampered
from hormesis.attacks.tampering_rows import Stop, Yardstick, stops_of, tampering_measurements
from hormesis.attacks.trigger import Trigger, TriggerConfig, find_trigger
from hormesis.attacks.trigger_effect import TriggerEffect, effect_measurements, trigger_effect

__all__ = [
    "GcgConfig",
    "Goal",
    "GoalConfig",
    "Judge",
    "Outcome",
    "PairedTest",
    "Rate",
    "Stop",
    "Suffix",
    "TamperingConfig",
    "TamperingKind",
    "Trigger",
    "TriggerConfig",
    "TriggerEffect",
    "Yardstick",
    "attack_goals",
    "attack_measurements",
    "effect_measurements",
    "find_suffix",
    "find_trigger",
    "mcnemar",
    "rate_of",
    "read_goals",
    "read_outcomes",
    "stops_of",
    "tampered",
    "tampering_measurements",
    "trigger_effect",
]
