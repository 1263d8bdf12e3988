"""Inference-time intervention: z ← z + α σ θ at the chosen heads.

Li, Patel, Viégas, Pfister, Wattenberg 2023 (arXiv 2306.03341, equation 2), with θ a unit direction from toxic to
non-toxic, σ the spread of the head's activations along it, and α the strength. With a prompt of P tokens, positions P−1
and later are edited: the last prompt token decides the first generated one. On plain text every position is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, cast
from weakref import WeakSet

import torch
from torch import Tensor, nn

from hormesis.detox.bake import bake_biases
from hormesis.detox.steering import displaced
from hormesis.detox.storage import read_intervention, write_intervention
from hormesis.errors import HormesisError
from hormesis.files import Json
from hormesis.representation import Directions, ModelLayout
from hormesis.representation.artefact import damage_explained

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

NAMES = ("iti", "iti-random-direction", "iti-random-heads", "iti-shuffled-labels")


@dataclass(frozen=True, eq=False)
class InferenceTimeIntervention:
    """ITI along :class:`~hormesis.representation.Directions`, and its controls, which differ in their directions
    alone."""

    directions: Directions
    """Heads, θ and σ."""
    name: str = "iti"
    """``"iti"``, or the control it is."""
    _validated: WeakSet[nn.Module] = field(default_factory=WeakSet, repr=False, compare=False)

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

    def prepare(self, prompt: str) -> str:
        """The prompt itself."""
        return prompt

    @contextmanager
    def apply(
        self,
        model: PreTrainedModel,
        strength: float | Tensor,
        *,
        prompt_lengths: Tensor | None = None,
        attention_mask: Tensor | None = None,
    ) -> Iterator[None]:
        """Steer ``model`` within the context; see :meth:`Intervention.apply`."""
        layout = self.layout(model)
        with displaced(
            layout, self.displacements, strength, prompt_lengths=prompt_lengths, attention_mask=attention_mask
        ):
            yield

    def layout(self, model: PreTrainedModel) -> ModelLayout:
        """The hooked modules of ``model``; validated by a forward pass when the model is first met.

        :raises HormesisError: unknown or compiled model, or one of another shape than the directions were made for.
        """
        layout = ModelLayout.of(model, architecture=self.directions.architecture, validate=model not in self._validated)
        here = (layout.layers, layout.heads, layout.head_width)
        made_for = (self.directions.layers, self.directions.heads_per_layer, self.directions.head_width)
        if here != made_for:
            raise HormesisError(
                f"directions for (layers, heads, head width) {made_for} on a model with {here}",
                "capture and fit them on this model: directions belong to one model",
            )
        self._validated.add(model)
        return layout

    def bake(
        self,
        model: PreTrainedModel,
        strength: float,
        folder: Path,
        *,
        tokenizer: PreTrainedTokenizerBase | None = None,
    ) -> Path:
        """Write a plain Hugging Face folder that acts like ``apply(model, strength)`` at every position.

        See :func:`hormesis.detox.bake.bake_biases`, also for what it refuses.
        """
        return bake_biases(model, self.layout(model), self.displacements, strength, folder, tokenizer=tokenizer)

    def save(self, folder: Path) -> None:
        """Write heads, directions, scales and split to ``folder``."""
        found = self.directions
        write_intervention(folder, self.name, {"directions": found.settings()}, found.tensors())

    @classmethod
    def load(cls, folder: Path) -> InferenceTimeIntervention:
        """Read what :meth:`save` wrote: ITI or one of its controls.

        :raises HormesisError: no such artefact there, or a damaged one.
        """
        stored = read_intervention(folder, NAMES)
        with damage_explained(folder):
            settings = cast("Mapping[str, Json]", stored.settings["directions"])
            return cls(Directions.from_artefact(settings, stored.tensors), stored.name)
