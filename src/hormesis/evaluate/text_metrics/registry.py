"""All text metrics by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hormesis.registry import Registry

if TYPE_CHECKING:
    from hormesis.evaluate.continuations import Generations

Measure = Callable[["Generations"], np.ndarray]


@dataclass(frozen=True)
class TextMetric:
    """A number of the texts alone, whoever scores them.

    :param label: its name in reports.
    :param measure: continuations to float64 [prompts, strengths] over the samples of a prompt, NaN where there is
        nothing to measure; of a metric that ``breaks``, bool [prompts, strengths, samples].
    :param more_is_better: whether higher values are of better text; None: neither.
    :param breaks: whether it marks single continuations as broken, which then count as degenerate.
    """

    label: str
    measure: Measure
    more_is_better: bool | None = None
    breaks: bool = False


TEXT_METRICS: Registry[TextMetric] = Registry("text metric", "hormesis.evaluate.text_metrics", "hormesis.text_metrics")
"""By the name of their column."""


def text_metric(
    label: str, *, more_is_better: bool | None = None, breaks: bool = False
) -> Callable[[Measure], Measure]:
    """Add a text metric, called like its function. In a script, a notebook, or a package whose entry point of the group
    ``hormesis.text_metrics`` names the module::

        @text_metric("share of capitals", more_is_better=False)
        def capitals(generations: Generations) -> np.ndarray:
            def share(text: str) -> float:
                return sum(map(str.isupper, text)) / max(len(text), 1)
            return np.array([[np.mean([*map(share, samples)]) for samples in each] for each in generations.texts])

    See :class:`TextMetric` for the parameters.
    """

    def add(measure: Measure) -> Measure:
        TEXT_METRICS.register(measure.__name__, TextMetric(label, measure, more_is_better, breaks), source=measure)
        return measure

    return add
