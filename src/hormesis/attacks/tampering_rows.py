"""Toxicity and cross-entropy of a detoxified model after each of a tamperer's budgets, as measurement rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from hormesis.attacks.tampering import TamperingConfig, TamperingKind, tampered
from hormesis.corpus import Prompt
from hormesis.detox import Intervention
from hormesis.evaluate import (
    GenerationConfig,
    Measurement,
    Origin,
    Scorer,
    document_measurements,
    evaluate_prompts,
    language_model_cost,
    prompt_measurements,
)
from hormesis.models import LanguageModel
from hormesis.reprs import short_repr


@short_repr
@dataclass(frozen=True, eq=False)
class Yardstick:
    """What is measured after each budget. prompts, documents: by domain."""

    prompts: Mapping[str, Sequence[Prompt]]
    documents: Mapping[str, Sequence[str]]
    scorer: Scorer
    generation: GenerationConfig


@dataclass(frozen=True)
class Stop:
    """One point of a curve: how was tampered, for how many steps."""

    kind: TamperingKind
    steps: int


def stops_of(kinds: Sequence[TamperingKind], config: TamperingConfig) -> tuple[Stop, ...]:
    """All points, the untouched model first."""
    return tuple(Stop(kind, steps) for steps in (0, *config.steps) for kind in kinds)


def tampering_measurements(
    lm: LanguageModel,
    intervention: Intervention,
    strength: float,
    texts: Mapping[TamperingKind, Sequence[str]],
    config: TamperingConfig,
    yardstick: Yardstick,
    origin: Origin,
    *,
    done: Sequence[Stop] = (),
    progress: Callable[[Stop, int, int], None] | None = None,
) -> Iterator[tuple[Stop, list[Measurement]]]:
    """The rows of one stop after the other: whoever keeps them at once loses one stop to a kill, and goes on with
    ``done``.

    Rows carry ``tampering`` and ``tampering_steps``. Those of no step are measured once, and given for each kind. The
    interval is over prompts; ``ce`` is under the intervention, ``ce_cost`` the intervention's cost on the tampered
    weights.

    :param texts: what is trained on, by kind.
    :param done: stops to leave out.
    :param progress: called with (stop, steps of fine-tuning done, steps).
    :raises HormesisError: as the fine-tuning and the evaluation.
    """
    longest = lm.context_length or config.max_length
    untouched: list[Measurement] = []
    for stop in stops_of(list(texts), config):
        if stop in done:
            continue
        if stop.steps == 0 and untouched:
            yield stop, [replace(row, tampering=stop.kind) for row in untouched]
            continue
        tuning = config.supervised(stop.steps, longest) if stop.steps else None
        told = None if progress is None else lambda now, whole, stop=stop: progress(stop, now, whole)
        with tampered(lm, intervention, strength, texts[stop.kind], tuning, progress=told):
            stamp = replace(origin, tampering=stop.kind, tampering_steps=stop.steps)
            rows = _rows(lm, intervention, strength, yardstick, stamp)
        if stop.steps == 0:
            untouched = rows
        yield stop, rows


def _rows(
    lm: LanguageModel,
    intervention: Intervention,
    strength: float,
    yardstick: Yardstick,
    origin: Origin,
) -> list[Measurement]:
    rows: list[Measurement] = []
    for domain, prompts in yardstick.prompts.items():
        result = evaluate_prompts(
            lm, prompts, intervention, (strength,), yardstick.scorer, yardstick.generation, domain=domain
        )
        rows += prompt_measurements([result.table], origin)
    for domain, documents in yardstick.documents.items():
        cost = language_model_cost(lm, documents, intervention, (strength,), domain=domain)
        rows += document_measurements([cost], origin)
    return rows
