"""An intervention around another: measured under its name, steering as it steers, but for what the wrapper changes."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

from hormesis.detox.intervention import Intervention
from hormesis.errors import HormesisError

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedModel


@dataclass(frozen=True)
class Wrapped(Intervention):
    """``intervention``, as it is. What a wrapper adds belongs to one model, so that it is never saved."""

    intervention: Intervention
    belongs_to: ClassVar[str]
    """What the wrapper adds, and what that belongs to: why it is not saved."""

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
        """As the wrapped intervention."""
        return self.intervention.prepare(prompt)

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
            f"{self.belongs_to}, not to an intervention, and is not saved with it",
            "save the intervention that it wraps",
        )

    @classmethod
    def load(cls, folder: Path) -> Self:
        """:raises HormesisError: always; see :meth:`save`."""
        raise HormesisError(f"nothing of the kind is saved, in {folder} or elsewhere", "load_intervention() it")
