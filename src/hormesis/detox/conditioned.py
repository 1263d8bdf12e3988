"""An intervention on a model that was trained to expect a condition before its text."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hormesis.detox.intervention import Intervention
from hormesis.errors import HormesisError

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedModel


@dataclass(frozen=True)
class Conditioned(Intervention):
    """``intervention`` with a recipe's ``condition`` (:mod:`hormesis.corpus.recipes`) before every prompt.

    The forward pass is steered as the wrapped intervention steers it, and measurements carry its name: the condition
    belongs to the recipe of the arm, not to the method.
    """

    intervention: Intervention
    condition: str

    @property
    def name(self) -> str:
        """The wrapped intervention's."""
        return self.intervention.name

    @property
    def rowwise(self) -> bool:
        """The wrapped intervention's."""
        return self.intervention.rowwise

    @property
    def reserved_tokens(self) -> int:
        """The wrapped intervention's."""
        return self.intervention.reserved_tokens

    def prepare(self, prompt: str) -> str:
        """The condition, then the prompt as the wrapped intervention prepares it."""
        return self.condition + self.intervention.prepare(prompt)

    def apply(
        self,
        model: PreTrainedModel,
        strength: float | Tensor,
        *,
        prompt_lengths: Tensor | None = None,
        attention_mask: Tensor | None = None,
    ) -> AbstractContextManager[None]:
        """As the wrapped intervention."""
        return self.intervention.apply(model, strength, prompt_lengths=prompt_lengths, attention_mask=attention_mask)

    def save(self, folder: Path) -> None:  # noqa: ARG002 (the protocol's)
        """:raises HormesisError: always."""
        raise HormesisError(
            "a condition belongs to the recipe of a model, not to an intervention, and is not saved with it",
            "save the intervention that it wraps",
        )

    @classmethod
    def load(cls, folder: Path) -> Conditioned:
        """:raises HormesisError: always; see :meth:`save`."""
        raise HormesisError(f"nothing of the kind is saved, in {folder} or elsewhere", "load_intervention() it")
