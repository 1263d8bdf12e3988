"""DExperts: the difference between an expert and an anti-expert, added to the model's logits.

Liu, Sap, Lu, Swayamdipta, Bhagavatula, Smith, Choi 2021 (arXiv 2105.03023, equation 2):

    p̃(w | x) = softmax(z + α (z⁺ − z⁻)),

with z⁺ of a model fine-tuned on non-toxic and z⁻ of one fine-tuned on toxic text. The strength is α, in the paper 2.0.
Here both are fine-tunings of the model itself. The paper truncates the base model's distribution (top-p) before it adds
the experts; here the sampler truncates the sum, as for every other method.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self, cast
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn

from hormesis.detox.contrasts.companion import Companion
from hormesis.detox.contrasts.contrast import contrasted
from hormesis.detox.intervention import Intervention
from hormesis.detox.storage import read_intervention, write_intervention
from hormesis.detox.strengths import row_strengths
from hormesis.detox.weights.change import pack, unpack
from hormesis.detox.weights.delta import WeightDelta, changed
from hormesis.representation.artefact import damage_explained
from hormesis.reprs import short_repr

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_EXPERT, _ANTI_EXPERT = "expert/", "anti-expert/"


@short_repr
@dataclass(frozen=True, eq=False)
class DExperts(Intervention):
    """Two fine-tunings of one model, and their difference at work."""

    expert: WeightDelta
    """Fine-tuned on non-toxic text."""
    anti_expert: WeightDelta
    """Fine-tuned on toxic text."""
    _made: WeakKeyDictionary[nn.Module, tuple[Companion, Companion]] = field(
        default_factory=WeakKeyDictionary, repr=False, compare=False
    )

    @property
    def name(self) -> str:
        """``"dexperts"``."""
        return "dexperts"

    @property
    def of_weights(self) -> bool:
        """Always."""
        return True

    @contextmanager
    def apply(
        self,
        model: PreTrainedModel,
        strength: float | Tensor,
        *,
        prompt_lengths: Tensor | None = None,
        attention_mask: Tensor | None = None,
    ) -> Iterator[None]:
        """Steer ``model`` within the context; see :meth:`Intervention.apply` and
        :func:`~hormesis.detox.contrasts.contrast.contrasted`.

        Expert and anti-expert are made when a model is first met, and live as long as it does: their changed weights
        are copies, all others are the model's own.

        :raises HormesisError: also when the fine-tunings are of another model.
        """
        companions = self.companions(model) if bool(row_strengths(strength).any()) else ()
        with contrasted(
            model, companions, expert_difference, strength, prompt_lengths=prompt_lengths, attention_mask=attention_mask
        ):
            yield

    def companions(self, model: PreTrainedModel) -> tuple[Companion, Companion]:
        """Expert and anti-expert of ``model``, made once unless it has moved to another device or precision."""
        made = self._made.get(model)
        if made is None or self._is_elsewhere(made[0].model, model):
            made = (Companion(with_changes(model, self.expert)), Companion(with_changes(model, self.anti_expert)))
            self._made[model] = made
        return made

    def _is_elsewhere(self, expert: PreTrainedModel, model: PreTrainedModel) -> bool:
        """Whether the model was moved since: its own weights go along with it, those of the expert's that are copies
        do not."""
        name = next(iter(self.expert.changes), None)
        if name is None:
            return False
        own, copied = model.get_parameter(name), expert.get_parameter(name)
        return (own.device, own.dtype) != (copied.device, copied.dtype)

    def save(self, folder: Path) -> None:
        """Write both fine-tunings to ``folder``."""
        tensors = pack(self.expert.changes, ahead=_EXPERT) | pack(self.anti_expert.changes, ahead=_ANTI_EXPERT)
        write_intervention(folder, self, {"fine-tuning": [self.expert.name, self.anti_expert.name]}, tensors)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what :meth:`save` wrote.

        :raises HormesisError: no such artefact there, or a damaged one.
        """
        stored = read_intervention(folder, cls)
        with damage_explained(folder):
            expert, anti_expert = cast("Sequence[str]", stored.settings["fine-tuning"])
            return cls(
                WeightDelta(unpack(stored.tensors, ahead=_EXPERT), expert),
                WeightDelta(unpack(stored.tensors, ahead=_ANTI_EXPERT), anti_expert),
            )


def expert_difference(logits: Tensor, others: Sequence[Tensor], strengths: Tensor) -> Tensor:
    """z + α (z⁺ − z⁻)."""
    expert, anti_expert = others
    return logits + strengths * (expert - anti_expert)


def with_changes(model: PreTrainedModel, delta: WeightDelta) -> PreTrainedModel:
    """A model with W + ΔW, in evaluation mode and without hooks, that shares every other tensor with ``model``.

    :raises HormesisError: ``delta`` does not fit the model.
    """
    weights = delta.weights(model)
    known: dict[int, object] = {id(tensor): tensor for tensor in (*model.parameters(), *model.buffers())}
    with torch.inference_mode(False), torch.no_grad():  # it outlives the mode in which it is first needed
        for name, weight in weights.items():
            known[id(weight)] = nn.Parameter(changed(weight, delta.changes[name], 1.0), requires_grad=False)
        other = cast(nn.Module, copy.deepcopy(model, known))
    for module in other.modules():
        for hooks in (module._forward_pre_hooks, module._forward_hooks):
            hooks.clear()
    return cast("PreTrainedModel", other.eval())
