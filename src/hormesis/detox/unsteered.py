"""The base model itself, as the intervention that does nothing: every comparison has it as its zero."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hormesis.detox.intervention import Intervention
from hormesis.detox.storage import read_intervention, write_intervention

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedModel


@dataclass(frozen=True)
class Unsteered(Intervention):
    """No intervention: prompts and forward passes stay as they are, whatever the strength."""

    @property
    def name(self) -> str:
        """``"base"``."""
        return "base"

    @contextmanager
    def apply(
        self,
        model: PreTrainedModel,  # noqa: ARG002 (the protocol's)
        strength: float | Tensor,  # noqa: ARG002
        *,
        prompt_lengths: Tensor | None = None,  # noqa: ARG002
        attention_mask: Tensor | None = None,  # noqa: ARG002
    ) -> Iterator[None]:
        """Nothing happens."""
        yield

    def save(self, folder: Path) -> None:
        """Write its name to ``folder``."""
        write_intervention(folder, self, {})

    @classmethod
    def load(cls, folder: Path) -> Unsteered:
        """Read what :meth:`save` wrote."""
        read_intervention(folder, cls)
        return cls()
