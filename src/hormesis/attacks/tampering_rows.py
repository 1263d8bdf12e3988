"""Toxicity and cross-entropy of a detoxified model after each of a tamperer's budgets, as measurement rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from hormesis.attacks.config import TamperingConfig, TamperingKind
from hormesis.attacks.tampering import tampered
from hormesis.detox import Intervention
from hormesis.evaluate import EvaluationSuite, Setting, measure
from hormesis.measurements import Measurement, Origin
from hormesis.models import LanguageModel


@dataclass(frozen=True)
class FineTuningAttack:
    """One point of a curve: what is trained on, for how many steps."""

    kind: TamperingKind
    steps: int


def fine_tuning_attacks(kinds: Sequence[TamperingKind], config: TamperingConfig) -> tuple[FineTuningAttack, ...]:
    """All points, the untouched model (an attack of no step) first."""
    return tuple(FineTuningAttack(kind, steps) for steps in (0, *config.steps) for kind in kinds)


def tampering_measurements(
    lm: LanguageModel,
    intervention: Intervention,
    strength: float,
    texts: Mapping[TamperingKind, Sequence[str]],
    config: TamperingConfig,
    suite: EvaluationSuite,
    origin: Origin,
    *,
    done: Sequence[FineTuningAttack] = (),
    progress: Callable[[FineTuningAttack, int, int], None] | None = None,
) -> Iterator[tuple[FineTuningAttack, list[Measurement]]]:
    """The rows of one attack after the other: whoever keeps them at once loses one to a kill, and goes on with
    ``done``.

    Rows carry ``tampering`` and ``tampering_steps``. Those of no step are measured once, and given for each kind. The
    interval is over prompts; ``ce`` is under the intervention, ``ce_cost`` the intervention's cost on the tampered
    weights.

    :param texts: what is trained on, by kind.
    :param done: stops to leave out.
    :param progress: called with (attack, steps of fine-tuning done, steps).
    :raises HormesisError: as the fine-tuning and the evaluation.
    """
    longest = lm.context_length or config.max_length
    untouched: list[Measurement] = []
    for attack in fine_tuning_attacks(list(texts), config):
        if attack in done:
            continue
        if attack.steps == 0 and untouched:
            yield attack, [replace(row, tampering=attack.kind) for row in untouched]
            continue
        tuning = config.supervised(attack.steps, longest) if attack.steps else None
        told = None if progress is None else lambda now, whole, attack=attack: progress(attack, now, whole)
        with tampered(lm, intervention, strength, texts[attack.kind], tuning, progress=told):
            stamp = replace(origin, tampering=attack.kind, tampering_steps=attack.steps)
            rows = measure(lm, Setting(intervention, (strength,)), suite).rows(stamp)
        if attack.steps == 0:
            untouched = rows
        yield attack, rows
