"""What interventions along one direction of the residual stream share: the direction, and its files."""

from __future__ import annotations

from abc import ABC
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self, cast

from hormesis.detox.steering.hooked import HookedIntervention
from hormesis.detox.storage import read_intervention, write_intervention
from hormesis.files import Json
from hormesis.representation import Architecture, ModelLayout, ResidualDirection
from hormesis.representation.artefact import damage_explained
from hormesis.representation.directions import random_vectors


@dataclass(frozen=True, eq=False)
class StreamIntervention(HookedIntervention, ABC):
    """An intervention made of a :class:`~hormesis.representation.ResidualDirection`; subclasses give ``edits``."""

    """The methods that it may be, as measurements name them."""
    direction: ResidualDirection
    """θ, the layer where it was found, and the length of a step."""
    name: str
    """The method."""

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

    def save(self, folder: Path) -> None:
        """Write direction, scale and split to ``folder``."""
        write_intervention(folder, self, {"direction": self.direction.settings()}, self.direction.tensors())

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what :meth:`save` wrote.

        :raises HormesisError: no such artefact there, or a damaged one.
        """
        stored = read_intervention(folder, cls)
        with damage_explained(folder):
            settings = cast("Mapping[str, Json]", stored.settings["direction"])
            return cls(ResidualDirection.from_artefact(settings, stored.tensors), stored.name)

    def along_a_random_direction(self, *, seed: int) -> Self:
        """The control: the same layer and length, a uniformly random direction."""
        vector = random_vectors(1, self.direction.width, seed)[0].float()
        control = f"{self.name}-random-direction"
        return type(self)(replace(self.direction, vector=vector, kind="random"), control)
