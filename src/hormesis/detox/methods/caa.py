"""Shift of the residual stream by differences of means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from hormesis.detox.options import StreamOptions
from hormesis.detox.registry import Method, method

if TYPE_CHECKING:
    from hormesis.detox.evidence import Evidence
    from hormesis.detox.intervention import Intervention


class CaaOptions(StreamOptions):
    """Which layer."""

    method: Literal["caa"]


@method
class Caa(Method[CaaOptions]):
    """See :mod:`hormesis.detox.steering.residual`."""

    options = CaaOptions
    label = "CAA"
    summary = "shift of the residual stream by differences of means"
    source = "Rimsky et al. 2023, arXiv 2312.06681"
    needs = "labelled texts"
    made = "hormesis.detox.steering.residual:ResidualAddition"
    strengths = (0.5, 1.0, 2.0, 4.0)

    def make(self, known: Evidence, options: CaaOptions) -> Intervention:
        """See :meth:`~hormesis.detox.Method.fit`."""
        from hormesis.detox.steering.residual import ResidualAddition

        return ResidualAddition(known.mean_difference(options.layer))
