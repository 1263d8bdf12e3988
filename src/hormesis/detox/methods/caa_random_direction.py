"""CAA's layer and norm, a random direction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from hormesis.detox.options import StreamOptions
from hormesis.detox.registry import Method, method

if TYPE_CHECKING:
    from hormesis.detox.evidence import Evidence
    from hormesis.detox.intervention import Intervention


class CaaRandomOptions(StreamOptions):
    """Which layer."""

    method: Literal["caa-random-direction"]


@method
class CaaRandomDirection(Method[CaaRandomOptions]):
    """See :mod:`hormesis.detox.steering.residual`."""

    options = CaaRandomOptions
    label = "CAA, random direction (control)"
    summary = "CAA's layer and norm, a random direction"
    source = "Rimsky et al. 2023, arXiv 2312.06681"
    needs = "labelled texts"
    made = "hormesis.detox.steering.residual:ResidualAddition"
    strengths = (0.5, 1.0, 2.0, 4.0)
    control_of = "caa"

    def make(self, known: Evidence, options: CaaRandomOptions) -> Intervention:
        """See :meth:`~hormesis.detox.Method.fit`."""
        from hormesis.detox.steering.residual import ResidualAddition

        learned = ResidualAddition(known.mean_difference(options.layer))
        return learned.along_a_random_direction(seed=known.seed)
