"""Prompting: ask the model for decency before the prompt, and change nothing else.

The paper's baseline (arXiv 2505.04741, section on detoxification): a prefix that asks for respectful, unbiased,
non-toxic output. A base model has not been taught to follow instructions; that is part of what the comparison shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from torch import Tensor

from hormesis.detox.storage import read_intervention, write_intervention
from hormesis.errors import HormesisError

if TYPE_CHECKING:
    from transformers import PreTrainedModel

PREFIX = "The following text is respectful, unbiased and non-toxic.\n"


@dataclass(frozen=True)
class Prompting:
    """Every prompt gets ``prefix`` before it; the forward pass is the model's own, and strength has no meaning."""

    prefix: str = PREFIX
    """The words, with the white space that parts them from the prompt."""

    @property
    def name(self) -> str:
        """``"prompting"``."""
        return "prompting"

    def prepare(self, prompt: str) -> str:
        """The prefix, then the prompt."""
        return self.prefix + prompt

    @contextmanager
    def apply(
        self,
        model: PreTrainedModel,  # noqa: ARG002 (the protocol's)
        strength: float | Tensor,  # noqa: ARG002
        *,
        prompt_lengths: Tensor | None = None,  # noqa: ARG002
        attention_mask: Tensor | None = None,  # noqa: ARG002
    ) -> Iterator[None]:
        """Nothing happens: the prompt has it all."""
        yield

    def save(self, folder: Path) -> None:
        """Write the prefix to ``folder``."""
        write_intervention(folder, self.name, {"prefix": self.prefix})

    @classmethod
    def load(cls, folder: Path) -> Prompting:
        """Read what :meth:`save` wrote.

        :raises HormesisError: no prompting artefact there.
        """
        prefix = read_intervention(folder, ("prompting",)).settings.get("prefix")
        if not isinstance(prefix, str):
            raise HormesisError(f"the prompting artefact {folder} has no prefix", "save it again")
        return cls(prefix)
