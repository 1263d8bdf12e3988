"""Removal of the difference of means from all that is written to the residual stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from hormesis.detox.options import StreamOptions
from hormesis.detox.registry import Method, method

if TYPE_CHECKING:
    from hormesis.detox.evidence import Evidence
    from hormesis.detox.intervention import Intervention


class AblationOptions(StreamOptions):
    """Which layer."""

    method: Literal["ablation"]


@method
class Ablation(Method[AblationOptions]):
    """See :mod:`hormesis.detox.steering.ablation`."""

    options = AblationOptions
    label = "directional ablation"
    summary = "removal of the difference of means from all that is written to the residual stream"
    source = "Arditi et al. 2024, arXiv 2406.11717"
    needs = "labelled texts"
    made = "hormesis.detox.steering.ablation:DirectionalAblation"
    strengths = (0.25, 0.5, 0.75, 1.0)
    largest = 1.0

    def make(self, known: Evidence, options: AblationOptions) -> Intervention:
        """See :meth:`~hormesis.detox.Method.fit`."""
        from hormesis.detox.steering.ablation import DirectionalAblation

        return DirectionalAblation(known.mean_difference(options.layer))
