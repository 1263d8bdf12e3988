"""Generated texts and tokens for the page: data, and never markup; shown when they are asked for."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hormesis.files import Json
from hormesis.legible import legible
from hormesis.report.lens import Lens
from hormesis.report.sample import Sample, SampleOfSeed
from hormesis.report.words import share_in_words
from hormesis.statistics.arms import Arms

MOST_LETTERS = 4_000_000
"""Of prompts and texts on one page, so that it stays below three megabytes."""


def samples_of(samples: Sequence[Sample], arms: Arms) -> Json:
    """As columns, evenly spaced where there are too many: ``shown`` of ``all`` says so.

    Prompts are said once, and texts point to them.
    """
    kept = _kept(samples)
    prompts = list(dict.fromkeys(sample.prompt for sample in kept))
    places = {prompt: place for place, prompt in enumerate(prompts)}
    return {
        "shown": len(kept),
        "all": len(samples),
        "prompts": [legible(prompt) for prompt in prompts],
        "prompt": [places[sample.prompt] for sample in kept],
        "share": [share_in_words(sample.share) for sample in kept],
        "method": [sample.method for sample in kept],
        "arm": [arms.label(sample.method) for sample in kept],
        "strength": [None if sample.method == "base" else _number(sample.strength) for sample in kept],
        "seed": [sample.seed if isinstance(sample, SampleOfSeed) else "" for sample in kept],
        "score": [_number(sample.score) for sample in kept],
        "text": [legible(sample.text) for sample in kept],
    }


def lenses_of(lenses: Sequence[Lens]) -> Json:
    """(heading, promoted, suppressed) of each."""
    return [[lens.heading, list(lens.promoted), list(lens.suppressed)] for lens in lenses]


def _kept(samples: Sequence[Sample]) -> list[Sample]:
    letters = sum(len(sample.text) + len(sample.prompt) // 4 for sample in samples)
    step = max(1, math.ceil(letters / MOST_LETTERS))
    if step == 1:
        return list(samples)
    prompts = list(
        dict.fromkeys(sample.prompt for sample in samples)
    )  # whole prompts, so that base stays beside steered
    chosen = set(prompts[::step])
    return [sample for sample in samples if sample.prompt in chosen]


def _number(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else round(value, 4)
