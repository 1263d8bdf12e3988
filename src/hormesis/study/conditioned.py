"""An intervention on a model that was trained to expect a condition before its text."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from torch import Tensor

from hormesis.detox import Intervention, load_intervention
from hormesis.detox.storage import read_intervention, write_intervention
from hormesis.errors import HormesisError

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_WRAPPED = "wrapped"


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

    def save(self, folder: Path) -> None:
        """Write the condition to ``folder``, and the wrapped intervention inside it."""
        write_intervention(folder, "conditioned", {"condition": self.condition})
        self.intervention.save(folder / _WRAPPED)

    @classmethod
    def load(cls, folder: Path) -> Conditioned:
        """Read what :meth:`save` wrote.

        :raises HormesisError: no such artefact there, or a damaged one.
        """
        condition = read_intervention(folder, ("conditioned",)).settings.get("condition")
        if not isinstance(condition, str):
            raise HormesisError(f"the conditioned artefact {folder} has no condition", "save it again")
        return cls(load_intervention(folder / _WRAPPED), condition)
