"""Shifting the residual stream after one layer: h ← h + α s θ.

*Contrastive activation addition* (``caa``; Rimsky et al. 2023, arXiv 2312.06681, equation 1) takes for s θ the
difference between the mean activations of non-toxic and toxic texts; so α counts such differences. *Principal
direction* (``pca``; Zou et al. 2023, arXiv 2310.01405, section 3.1) takes the first principal component of differences
of pairs, and for s the spread of the activations along it. They differ from ITI in the place (the whole stream, not
single heads). ``caa-random-direction`` is the control: a uniformly random direction, as long.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from torch import Tensor

from hormesis.detox.hooked import HookedIntervention
from hormesis.detox.steering import Edit, add
from hormesis.detox.storage import read_intervention, write_intervention
from hormesis.files import Json
from hormesis.representation import Architecture, ModelLayout, ResidualDirection
from hormesis.representation.artefact import damage_explained
from hormesis.representation.directions import random_vectors

NAMES = ("caa", "caa-random-direction", "pca")


@dataclass(frozen=True, eq=False)
class ResidualAddition(HookedIntervention):
    """The shift of one layer's output along a :class:`~hormesis.representation.ResidualDirection`."""

    direction: ResidualDirection
    """θ, s and the layer."""
    name: str = "caa"
    """One of ``caa``, ``pca`` and the control ``caa-random-direction``."""

    @property
    def architecture(self) -> Architecture | None:
        """The module names of the model that the direction was found in."""
        return self.direction.architecture

    @property
    def made_for(self) -> tuple[int, ...]:
        """Layers and width of that model."""
        return (self.direction.layers, self.direction.width)

    def shape_of(self, layout: ModelLayout) -> tuple[int, ...]:
        """Layers and width of the stream."""
        return (layout.layers, layout.width)

    @property
    def displacement(self) -> Tensor:
        """s θ: [width], float32."""
        return self.direction.scale * self.direction.vector

    def edits(self, layout: ModelLayout) -> Sequence[Edit]:
        """h + α s θ at the output of the direction's layer."""
        return [Edit(layout.blocks()[self.direction.layer], "output", add, (self.displacement,))]

    def save(self, folder: Path) -> None:
        """Write direction, scale and split to ``folder``."""
        found = self.direction
        write_intervention(folder, self.name, {"direction": found.settings()}, found.tensors())

    @classmethod
    def load(cls, folder: Path) -> ResidualAddition:
        """Read what :meth:`save` wrote.

        :raises HormesisError: no such artefact there, or a damaged one.
        """
        stored = read_intervention(folder, NAMES)
        with damage_explained(folder):
            settings = cast("Mapping[str, Json]", stored.settings["direction"])
            return cls(ResidualDirection.from_artefact(settings, stored.tensors), stored.name)


def random_residual(reference: ResidualAddition, *, seed: int) -> ResidualAddition:
    """The control: the same layer and length, a uniformly random direction."""
    found = reference.direction
    vector = random_vectors(1, found.width, seed)[0].float()
    return ResidualAddition(replace(found, vector=vector, kind="random"), "caa-random-direction")
