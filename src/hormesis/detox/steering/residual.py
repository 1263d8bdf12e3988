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
from pathlib import Path
from typing import TYPE_CHECKING

from torch import Tensor

from hormesis.detox.steering.bake import bake_parameters, displaced_bias, one_strength, refuse_norm
from hormesis.detox.steering.edits import Edit, add
from hormesis.detox.steering.stream import StreamIntervention
from hormesis.representation import ModelLayout
from hormesis.reprs import short_repr

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


@short_repr
@dataclass(frozen=True, eq=False)
class ResidualAddition(StreamIntervention):
    """The shift of one layer's output by α times the step of the direction."""

    name: str = "caa"

    @property
    def displacement(self) -> Tensor:
        """s θ: [width], float32."""
        return self.direction.scale * self.direction.vector

    def edits(self, layout: ModelLayout) -> Sequence[Edit]:
        """h + α s θ at the output of the direction's layer."""
        return [Edit(layout.blocks()[self.direction.layer], "output", add, (self.displacement,))]

    def bake(
        self,
        model: PreTrainedModel,
        strength: float,
        folder: Path,
        *,
        tokenizer: PreTrainedTokenizerBase | None = None,
    ) -> Path:
        """Write a plain Hugging Face folder whose layer adds α s θ by a bias of what it writes last, its feed-forward
        part; see :func:`bake_parameters`, also for what it refuses.

        :raises HormesisError: what that layer writes last is a norm, or can have no bias.
        """
        layout, strength = self.layout(model), one_strength(strength)
        name = layout.last_writer(self.direction.layer)
        module = model.get_submodule(name)
        refuse_norm(module, name, layout.architecture.model_type)
        bias = displaced_bias(module, name, strength * self.displacement, "output")
        return bake_parameters(model, {f"{name}.bias": bias}, self, strength, folder, tokenizer=tokenizer)
