"""Removal of a random direction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from hormesis.detox.options import StreamOptions
from hormesis.detox.registry import Method, method

if TYPE_CHECKING:
    from hormesis.detox.evidence import Evidence
    from hormesis.detox.intervention import Intervention


class AblationRandomOptions(StreamOptions):
    """Which layer."""

    method: Literal["ablation-random-direction"]


@method
class AblationRandomDirection(Method[AblationRandomOptions]):
    """See :mod:`hormesis.detox.steering.ablation`."""

    options = AblationRandomOptions
    label = "ablation, random direction (control)"
    summary = "removal of a random direction"
    source = "Arditi et al. 2024, arXiv 2406.11717"
    needs = "labelled texts"
    made = "hormesis.detox.steering.ablation:DirectionalAblation"
    strengths = (0.25, 0.5, 0.75, 1.0)
    largest = 1.0
    control_of = "ablation"

    def make(self, known: Evidence, options: AblationRandomOptions) -> Intervention:
        """See :meth:`~hormesis.detox.Method.fit`."""
        from hormesis.detox.steering.ablation import DirectionalAblation

        learned = DirectionalAblation(known.mean_difference(options.layer))
        return learned.along_a_random_direction(seed=known.seed)
