"""Shifting the residual stream after one layer: h ← h + α s θ.

*Contrastive activation addition* (``caa``; Rimsky et al. 2023, arXiv 2312.06681, equation 1) takes for s θ the
difference between the mean activations of non-toxic and toxic texts; so α counts such differences. *Principal
direction* (``pca``; Zou et al. 2023, arXiv 2310.01405, section 3.1) takes the first principal component of differences
of pairs, and for s the spread of the activations along it. They differ from ITI in the place (the whole stream, not
single heads). ``caa-random-direction`` is the control: a uniformly random direction, as long.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from hormesis.detox.steering.edits import Edit, add
from hormesis.detox.steering.stream import StreamIntervention
from hormesis.representation import ModelLayout


@dataclass(frozen=True, eq=False)
class ResidualAddition(StreamIntervention):
    """The shift of one layer's output by α times the step of the direction."""

    names: ClassVar[tuple[str, ...]] = ("caa", "caa-random-direction", "pca")
    name: str = "caa"

    @property
    def displacement(self) -> Tensor:
        """s θ: [width], float32."""
        return self.direction.scale * self.direction.vector

    def edits(self, layout: ModelLayout) -> Sequence[Edit]:
        """h + α s θ at the output of the direction's layer."""
        return [Edit(layout.blocks()[self.direction.layer], "output", add, (self.displacement,))]
