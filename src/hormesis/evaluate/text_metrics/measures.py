"""All text metrics of some continuations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hormesis.evaluate.text_metrics.registry import TEXT_METRICS

if TYPE_CHECKING:
    from hormesis.evaluate.continuations import Generations

DEGENERATE = "degenerate"


@dataclass(frozen=True, eq=False)
class TextMeasures:
    """values: float64 [prompts, strengths] by metric; of what marks continuations, the share of them. ``degenerate`` is
    among them: the share that is broken in one way at least. sound: bool [prompts, strengths, samples], those that are
    not."""

    values: dict[str, np.ndarray]
    sound: np.ndarray


def text_measures(generations: Generations) -> TextMeasures:
    """Take every registered metric of ``generations``. One that gives another shape than it should is a defect, and
    raises ``ValueError``."""
    shape = generations.tokens.shape[:3]
    broken, values = np.zeros(shape, dtype=bool), {}
    for name, metric in TEXT_METRICS.items():
        found = np.asarray(metric.measure(generations), dtype=bool if metric.breaks else np.float64)
        if found.shape != (shape if metric.breaks else shape[:2]):
            raise ValueError(f"the text metric {name} gives {found.shape} for continuations {shape}")
        if metric.breaks:
            broken |= found
        values[name] = found.mean(-1) if metric.breaks else found
    return TextMeasures({**values, DEGENERATE: broken.mean(-1)}, ~broken)
