"""Inference-time intervention: z ← z + α σ θ at the chosen heads.

Li, Patel, Viégas, Pfister, Wattenberg 2023 (arXiv 2306.03341, equation 2), with θ a unit direction from toxic to
non-toxic, σ the spread of the head's activations along it, and α the strength. With a prompt of P tokens, positions P−1
and later are edited: the last prompt token decides the first generated one. On plain text every position is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor

from hormesis.detox.steering.bake import bake_parameters, displaced_bias, one_strength
from hormesis.detox.steering.edits import Edit, add
from hormesis.detox.steering.hooked import HookedIntervention
from hormesis.detox.storage import read_intervention, write_intervention
from hormesis.files import Json
from hormesis.representation import Architecture, Directions, ModelLayout
from hormesis.representation.artefact import damage_explained
from hormesis.reprs import short_repr

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


@short_repr
@dataclass(frozen=True, eq=False)
class InferenceTimeIntervention(HookedIntervention):
    """ITI along :class:`~hormesis.representation.Directions`, and its controls, which differ in their directions
    alone."""

    directions: Directions
    """Heads, θ and σ."""
    name: str = "iti"
    """``"iti"``, or the control it is."""

    @cached_property
    def displacements(self) -> Mapping[int, Tensor]:
        """Layer → [heads · head_width], float32: σ θ of the chosen heads, 0 at the others; layers without any are
        absent."""
        found = self.directions
        summed: dict[int, Tensor] = {}
        for (layer, head), vector, scale in zip(found.heads, found.vectors, found.scales, strict=True):
            row = summed.setdefault(layer, torch.zeros(found.heads_per_layer, found.head_width))
            row[head] = scale * vector
        return {layer: summed[layer].flatten() for layer in sorted(summed)}

    @property
    def architecture(self) -> Architecture | None:
        """The module names of the model that the directions were found in."""
        return self.directions.architecture

    @property
    def made_for(self) -> tuple[int, ...]:
        """Layers, heads and head width of that model."""
        return (self.directions.layers, self.directions.heads_per_layer, self.directions.head_width)

    def shape_of(self, layout: ModelLayout) -> tuple[int, ...]:
        """Layers, heads and head width."""
        return (layout.layers, layout.heads, layout.head_width)

    def edits(self, layout: ModelLayout) -> Sequence[Edit]:
        """z + α σ θ, at the input of each output projection that has a chosen head."""
        return [
            Edit(layout.output_projections[layer], "input", add, (displacement,))
            for layer, displacement in self.displacements.items()
        ]

    def bake(
        self,
        model: PreTrainedModel,
        strength: float,
        folder: Path,
        *,
        tokenizer: PreTrainedTokenizerBase | None = None,
    ) -> Path:
        """Write a plain Hugging Face folder that acts like ``apply(model, strength)`` at every position.

        See :func:`hormesis.detox.steering.bake.bake_parameters`, also for what it refuses.
        """
        layout, strength = self.layout(model), one_strength(strength)
        biases = {}
        for layer, displacement in self.displacements.items():
            name = layout.architecture.projection.format(layer=layer)
            projection = layout.output_projections[layer]
            biases[f"{name}.bias"] = displaced_bias(projection, name, strength * displacement, "input")
        return bake_parameters(model, biases, self, strength, folder, tokenizer=tokenizer)

    def save(self, folder: Path) -> None:
        """Write heads, directions, scales and split to ``folder``."""
        found = self.directions
        write_intervention(folder, self, {"directions": found.settings()}, found.tensors())

    @classmethod
    def load(cls, folder: Path) -> InferenceTimeIntervention:
        """Read what :meth:`save` wrote: ITI or one of its controls.

        :raises HormesisError: no such artefact there, or a damaged one.
        """
        stored = read_intervention(folder, cls)
        with damage_explained(folder):
            settings = cast("Mapping[str, Json]", stored.settings["directions"])
            return cls(Directions.from_artefact(settings, stored.tensors), stored.name)
