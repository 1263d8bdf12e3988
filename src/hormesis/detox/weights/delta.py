"""A change of weights as an intervention: within the context the model runs with W + s ΔW.

What fine-tuning did to a model is such a change; s = 1 is the fine-tuned model, between 0 and 1 it is interpolated,
and beyond 1 extrapolated (task arithmetic, Ilharco et al. 2023, arXiv 2212.04089).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import torch
from torch import Tensor, nn

from hormesis.detox.intervention import Intervention
from hormesis.detox.storage import read_intervention, write_intervention
from hormesis.detox.strengths import single_strength
from hormesis.detox.weights.bake import bake_weights
from hormesis.detox.weights.change import WeightChange, pack, unpack
from hormesis.errors import HormesisError
from hormesis.representation.artefact import damage_explained
from hormesis.reprs import short_repr

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


@short_repr
@dataclass(frozen=True, eq=False)
class WeightDelta(Intervention):
    """ΔW of some of a model's weights, by the names of its parameters."""

    changes: Mapping[str, WeightChange]
    """Parameter → ΔW. A weight that is tied to another has the name that comes first."""
    method: str
    """The method that found it."""

    @property
    def name(self) -> str:
        """The method."""
        return self.method

    @property
    def rowwise(self) -> bool:
        """Weights are the same for every row."""
        return False

    @property
    def of_weights(self) -> bool:
        """Always."""
        return True

    def describe(self) -> str:
        """The weights that are changed, with their shapes, a line each."""
        lines = [f"  {name}: {'×'.join(map(str, change.shape))}" for name, change in self.changes.items()]
        return "\n".join([f"{len(lines)} weights are changed", *lines])

    @contextmanager
    def apply(
        self,
        model: PreTrainedModel,
        strength: float | Tensor,
        *,
        prompt_lengths: Tensor | None = None,  # noqa: ARG002 (weights act at every position)
        attention_mask: Tensor | None = None,  # noqa: ARG002
    ) -> Iterator[None]:
        """Let ``model`` run with W + strength · ΔW, in place; afterwards every bit is as it was.

        Every position is changed, of the prompt too: the position rule has no meaning for weights. The weights that
        change are held twice within the context.

        :raises HormesisError: the model does not fit, or has quantised weights; strengths differ from row to row.
        """
        number = single_strength(strength)
        weights = self.weights(model)
        if number == 0:
            yield
            return
        kept: dict[str, Tensor] = {}
        try:
            with torch.no_grad():
                for name, weight in weights.items():
                    kept[name] = weight.detach().clone()
                    weight.copy_(changed(weight, self.changes[name], number))
            yield
        finally:
            with torch.no_grad():
                for name, before in kept.items():
                    weights[name].copy_(before)

    def weights(self, model: PreTrainedModel) -> dict[str, nn.Parameter]:
        """The parameters of ``model`` that change, by name.

        :raises HormesisError: it lacks one, has another shape, or holds quantised or absent numbers.
        """
        parameters = dict(model.named_parameters())
        for name, change in self.changes.items():
            weight = parameters.get(name)
            if weight is None or tuple(weight.shape) != change.shape:
                found = "no such weight" if weight is None else f"shape {tuple(weight.shape)}"
                raise HormesisError(
                    f"the change of {name} is for shape {change.shape}, and this {type(model).__name__} has {found}",
                    "apply it to the model that was fine-tuned: load the whole causal language model, without"
                    " quantisation and without adapters",
                )
            if not weight.is_floating_point() or weight.element_size() < 2 or weight.is_meta:
                raise HormesisError(
                    f"{name} is {weight.dtype} on {weight.device}: a change cannot be added to it",
                    "load the model unquantised (dtype=torch.bfloat16), into memory",
                )
        return {name: parameters[name] for name in self.changes}

    def bake(
        self,
        model: PreTrainedModel,
        strength: float,
        folder: Path,
        *,
        tokenizer: PreTrainedTokenizerBase | None = None,
    ) -> Path:
        """Write a plain Hugging Face folder with the weights that ``apply(model, strength)`` gives.

        The folder appears only after it was reloaded and gave the same logits; see
        :func:`hormesis.detox.weights.bake.bake_weights`.
        """
        with self.apply(model, strength):
            return bake_weights(model, folder, tokenizer=tokenizer)

    def save(self, folder: Path) -> None:
        """Write the changes to ``folder``; low-rank ones as their factors."""
        write_intervention(folder, self, {}, pack(self.changes))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what :meth:`save` wrote.

        :raises HormesisError: no such artefact there, or a damaged one.
        """
        stored = read_intervention(folder, cls)
        with damage_explained(folder):
            return cls(unpack(stored.tensors), stored.name)


def changed(weight: Tensor, change: WeightChange, strength: float) -> Tensor:
    """W + strength · ΔW, summed in float32 at least, in the precision of W."""
    added = strength * change.full(weight.device)
    return (weight.detach().to(torch.promote_types(weight.dtype, torch.float32)) + added).to(weight.dtype)
