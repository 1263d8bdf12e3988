"""Gated steering: ITI that acts only where a probe fires.

z ← z + α σ θ · [w·z + b > 0] at each chosen head, with (w, b) the head's own probe, whose positive score says toxic:
text that the head does not take for toxic passes untouched. Conditional steering after Lee et al. 2024 (arXiv
2409.05907, where one condition vector gates a whole model by its prompt); here every head gates itself, position by
position, so that the rule needs no second pass. The activation is compared before it is shifted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import torch
from torch import Tensor

from hormesis.detox.steering.edits import Edit
from hormesis.detox.steering.hooked import HookedIntervention
from hormesis.detox.steering.iti import InferenceTimeIntervention
from hormesis.detox.storage import read_intervention, write_intervention
from hormesis.files import Json
from hormesis.representation import Architecture, Directions, HeadProbes, ModelLayout
from hormesis.representation.artefact import damage_explained
from hormesis.reprs import short_repr


def add_where_fired(
    hidden: Tensor, strengths: Tensor, displacement: Tensor, weights: Tensor, intercepts: Tensor
) -> Tensor:
    """Shift the heads whose probe fires: displacement [heads · width], weights [heads, width], intercepts [heads]."""
    heads, width = weights.shape
    scores = (hidden.reshape(*hidden.shape[:-1], heads, width) * weights).sum(-1) + intercepts
    fired = (scores > 0).to(hidden.dtype).repeat_interleave(width, dim=-1)
    return torch.addcmul(hidden, strengths * fired, displacement)


@short_repr
@dataclass(frozen=True, eq=False)
class GatedIntervention(HookedIntervention):
    """ITI's shift of each chosen head, gated by that head's probe."""

    directions: Directions
    """Heads, θ and σ."""
    weights: Tensor
    """w: [K, head_width], float32; a positive score w·z + b says toxic."""
    intercepts: Tensor
    """b: [K], float32."""
    name = "gated"

    @classmethod
    def of(cls, directions: Directions, probes: HeadProbes) -> GatedIntervention:
        """Gate ``directions`` by the probes of their heads."""
        index = torch.tensor(directions.heads, dtype=torch.long)
        at = (index[:, 0], index[:, 1])
        return cls(directions, probes.weights[at], probes.intercepts[at])

    @property
    def architecture(self) -> Architecture | None:
        """The module names of the model that the directions were found in."""
        return self.directions.architecture

    @property
    def made_for(self) -> tuple[int, ...]:
        """Layers, heads and head width of that model."""
        return InferenceTimeIntervention(self.directions).made_for

    def shape_of(self, layout: ModelLayout) -> tuple[int, ...]:
        """Layers, heads and head width."""
        return (layout.layers, layout.heads, layout.head_width)

    def edits(self, layout: ModelLayout) -> Sequence[Edit]:
        """The gated shift at the input of each output projection that has a chosen head."""
        found = []
        for layer, displacement in InferenceTimeIntervention(self.directions).displacements.items():
            weights = torch.zeros(layout.heads, layout.head_width)
            intercepts = torch.zeros(layout.heads)
            for k, (place, head) in enumerate(self.directions.heads):
                if place == layer:
                    weights[head], intercepts[head] = self.weights[k], self.intercepts[k]
            tensors = (displacement, weights, intercepts)
            found.append(Edit(layout.output_projections[layer], "input", add_where_fired, tensors))
        return found

    def save(self, folder: Path) -> None:
        """Write heads, directions, scales, probes and split to ``folder``."""
        tensors = {**self.directions.tensors(), "weights": self.weights, "intercepts": self.intercepts}
        write_intervention(folder, self, {"directions": self.directions.settings()}, tensors)

    @classmethod
    def load(cls, folder: Path) -> GatedIntervention:
        """Read what :meth:`save` wrote.

        :raises HormesisError: no such artefact there, or a damaged one.
        """
        stored = read_intervention(folder, cls)
        with damage_explained(folder):
            settings = cast("Mapping[str, Json]", stored.settings["directions"])
            directions = Directions.from_artefact(settings, stored.tensors)
            return cls(directions, stored.tensors["weights"], stored.tensors["intercepts"])
