"""Directional ablation: nothing is written to the residual stream along one direction.

Arditi et al. 2024 (arXiv 2406.11717, equations 4 and 5): every module that writes to the stream, the embedding among
them, gives x ← x − α θ θᵀ x with θ a unit direction, here the difference of means between non-toxic and toxic texts at
the best layer. α = 1 removes the direction everywhere; between 0 and 1 it is damped. Unlike a shift it has no sign, and
it can be written into the weights: W ← (I − α θ θᵀ) W for every writer. In OLMo-2 and OLMo-3 the writers are norms,
which no weight can make blind to a direction: there the hook works, and the bake is refused.
``ablation-random-direction`` is the control.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from hormesis.detox.steering.bake import as_weight, bake_parameters, matrix_of, one_strength, refuse_norm
from hormesis.detox.steering.edits import Edit
from hormesis.detox.steering.stream import StreamIntervention
from hormesis.representation import ModelLayout
from hormesis.reprs import short_repr

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


def remove(hidden: Tensor, strengths: Tensor, vector: Tensor) -> Tensor:
    """x − strength · (x·θ) θ, with θ [width]."""
    along = torch.matmul(hidden, vector).unsqueeze(-1)
    return torch.addcmul(hidden, strengths * along, vector, value=-1)


@short_repr
@dataclass(frozen=True, eq=False)
class DirectionalAblation(StreamIntervention):
    """The removal of a direction from all that is written to the stream; its scale and layer have no part in it."""

    name: str = "ablation"

    def edits(self, layout: ModelLayout) -> Sequence[Edit]:
        """The removal at the output of every writer."""
        return [Edit(module, "output", remove, (self.direction.vector,)) for module in layout.writers().values()]

    def bake(
        self,
        model: PreTrainedModel,
        strength: float,
        folder: Path,
        *,
        tokenizer: PreTrainedTokenizerBase | None = None,
    ) -> Path:
        """Write a plain Hugging Face folder whose weights cannot write along θ; see :func:`bake_parameters`.

        :raises HormesisError: the writers of this architecture are not linear.
        """
        layout, strength = self.layout(model), one_strength(strength)
        vector = self.direction.vector.double()
        parameters: dict[str, Tensor] = {}
        for name, module in layout.writers().items():
            refuse_norm(module, name, layout.architecture.model_type)
            matrix, here = matrix_of(module, name), vector.to(module.weight.device)  # type: ignore[arg-type]
            parameters[f"{name}.weight"] = as_weight(module, _without(matrix, here, strength))
            bias = getattr(module, "bias", None)
            if isinstance(bias, nn.Parameter):
                parameters[f"{name}.bias"] = _without(bias.detach().double(), here, strength).to(bias.dtype)
        return bake_parameters(model, parameters, self, strength, folder, tokenizer=tokenizer)


def _without(matrix: Tensor, vector: Tensor, strength: float) -> Tensor:
    """(I − strength · θ θᵀ) matrix, for a matrix [width, …] or a vector [width]."""
    along = vector @ matrix
    return matrix - strength * (vector[:, None] * along if along.ndim else vector * along)
