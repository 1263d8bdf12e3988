"""Shift of the residual stream along the first principal component of differences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from hormesis.detox.options import StreamOptions
from hormesis.detox.registry import Method, method

if TYPE_CHECKING:
    from hormesis.detox.evidence import Evidence
    from hormesis.detox.intervention import Intervention


class PcaOptions(StreamOptions):
    """Which layer."""

    method: Literal["pca"]


@method
class Pca(Method[PcaOptions]):
    """See :mod:`hormesis.detox.steering.residual`."""

    options = PcaOptions
    label = "principal direction"
    summary = "shift of the residual stream along the first principal component of differences"
    source = "Zou et al. 2023, arXiv 2310.01405"
    needs = "labelled texts"
    made = "hormesis.detox.steering.residual:ResidualAddition"
    strengths = (0.5, 1.0, 2.0, 4.0)

    def make(self, known: Evidence, options: PcaOptions) -> Intervention:
        """See :meth:`~hormesis.detox.Method.fit`."""
        from hormesis.detox.steering.residual import ResidualAddition

        return ResidualAddition(known.principal(options.layer), "pca")
