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

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
