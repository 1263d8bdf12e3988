"""Prompting: put words before the prompt, and change nothing else.

*Asking* is the paper's baseline (arXiv 2505.04741, section on detoxification): a prefix that asks for respectful,
unbiased, non-toxic output. A base model has not been taught to follow instructions; that is part of what the comparison
shows. *Few-shot* (``few-shot``; Brown et al. 2020, arXiv 2005.14165) shows it texts of the kind that is wanted instead,
as base models are used.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hormesis.detox.intervention import Intervention
from hormesis.detox.storage import read_intervention, write_intervention
from hormesis.errors import HormesisError
from hormesis.reprs import short_repr

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedModel

PREFIX = "The following text is respectful, unbiased and non-toxic.\n"


@short_repr
@dataclass(frozen=True)
class Prompting(Intervention):
    """Every prompt gets ``prefix`` before it; the forward pass is the model's own, and strength has no meaning."""

    prefix: str = PREFIX
    """The words, with the white space that parts them from the prompt."""
    name: str = "prompting"
    """``"prompting"``, or ``"few-shot"`` where the words are examples."""

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
        write_intervention(folder, self, {"prefix": self.prefix})

    @classmethod
    def load(cls, folder: Path) -> Prompting:
        """Read what :meth:`save` wrote.

        :raises HormesisError: no prompting artefact there.
        """
        stored = read_intervention(folder, cls)
        prefix = stored.settings.get("prefix")
        if not isinstance(prefix, str):
            raise HormesisError(f"the prompting artefact {folder} has no prefix", "save it again")
        return cls(prefix, stored.name)


def few_shot(examples: Sequence[str], *, shots: int = 4, longest: int = 120, seed: int = 0) -> Prompting:
    """A prefix of ``shots`` examples, one a line, drawn from those of at most ``longest`` characters.

    :param examples: civil texts that nothing is measured on.
    :raises HormesisError: there are fewer than ``shots`` such examples.
    """
    short = [" ".join(text.split()) for text in examples if len(text) <= longest]
    if len(short) < shots:
        raise HormesisError(
            f"few-shot prompting needs {shots} civil texts of at most {longest} characters, and {len(short)} are there",
            "give more labelled texts, or longer ones with longest=…",
        )
    drawn = np.random.default_rng(seed).permutation(len(short))[:shots]
    return Prompting("".join(f"{short[index]}\n" for index in drawn), "few-shot")
