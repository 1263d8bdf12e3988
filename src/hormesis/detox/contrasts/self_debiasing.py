"""Self-debiasing: words that the model finds likelier in hateful text than here are made unlikely.

Schick, Udupa, Schütze 2021 (arXiv 2103.00453). The companion is the same model after a description y of what is not
wanted, sdb(x, y). With Δ(w) = p(w | x) − p(w | sdb(x, y)) (equation 2),

    p̃(w | x) ∝ α(Δ(w)) · p(w | x)   (equation 3),    α(Δ) = 1 where Δ ≥ 0, else exp(λ Δ)   (equation 4).

So logits become z + λ min(Δ, 0). The strength is λ, in the paper 10, 50 or 100. The released code bounds α from below
by a small constant; the equations do not, and nor do we.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self, cast

import torch
from torch import Tensor, nn

from hormesis.detox.contrasts.companion import Companion
from hormesis.detox.contrasts.contrast import contrasted
from hormesis.detox.intervention import Intervention
from hormesis.detox.storage import read_intervention, write_intervention
from hormesis.errors import HormesisError
from hormesis.models import start_token, token_ids
from hormesis.representation.artefact import damage_explained
from hormesis.reprs import short_repr

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

UNWANTED = "The following text contains rude, insulting, hateful language:\n"


@short_repr
@dataclass(frozen=True)
class SelfDebiasing(Intervention):
    """A description of what is not wanted, as text and as tokens of one tokenizer."""

    prefix: str
    """The words, with the white space that parts them from the text."""
    prefix_tokens: tuple[int, ...]
    """Their ids."""
    start_token: int | None = None
    """The token before a text's first one, which the companion reads before the prefix: bos, or eos where texts are
    only ended; None without both."""

    def __post_init__(self) -> None:
        if not self.prefix_tokens:
            raise HormesisError(
                "the description of unwanted text has no tokens", "describe what the text should not be like"
            )

    @classmethod
    def of(cls, tokenizer: PreTrainedTokenizerBase, prefix: str = UNWANTED) -> Self:
        """The intervention for models with this tokenizer.

        :raises HormesisError: a prefix without tokens.
        """
        return cls(prefix, token_ids(tokenizer, prefix, special=False), start_token(tokenizer))

    @property
    def name(self) -> str:
        """``"self-debiasing"``."""
        return "self-debiasing"

    @property
    def reserved_tokens(self) -> int:
        """The description, which the companion reads before the text."""
        return len(self.prefix_tokens)

    @contextmanager
    def apply(
        self,
        model: PreTrainedModel,
        strength: float | Tensor,
        *,
        prompt_lengths: Tensor | None = None,
        attention_mask: Tensor | None = None,
    ) -> Iterator[None]:
        """Debias ``model`` within the context; see :meth:`Intervention.apply` and
        :func:`~hormesis.detox.contrasts.contrast.contrasted`.

        :raises HormesisError: also for a prefix with tokens that the model does not have.
        """
        if max(self.prefix_tokens) >= cast(nn.Embedding, model.get_input_embeddings()).num_embeddings:
            raise HormesisError(
                f"the model has no token {max(self.prefix_tokens)}", "make it with SelfDebiasing.of(its tokenizer)"
            )
        companion = Companion(model, self.prefix_tokens, self.start_token)
        with contrasted(
            model, [companion], debiased, strength, prompt_lengths=prompt_lengths, attention_mask=attention_mask
        ):
            yield

    def save(self, folder: Path) -> None:
        """Write the description to ``folder``."""
        settings = {"prefix": self.prefix, "tokens": list(self.prefix_tokens), "start": self.start_token}
        write_intervention(folder, self, settings)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what :meth:`save` wrote.

        :raises HormesisError: no such artefact there, or a damaged one.
        """
        settings = read_intervention(folder, cls).settings
        with damage_explained(folder):
            prefix, start = settings["prefix"], settings["start"]
            tokens = tuple(cast("Sequence[int]", settings["tokens"]))
            if not (isinstance(prefix, str) and isinstance(start, int | None)):
                raise TypeError("the prefix is no text, or the start no token")
            if not all(isinstance(token, int) for token in tokens):
                raise TypeError("the prefix tokens are not numbers")
            return cls(prefix, tokens, start)


def debiased(logits: Tensor, others: Sequence[Tensor], strengths: Tensor) -> Tensor:
    """z + λ min(p − p_sdb, 0): the logits of equations 2 to 4, up to a constant."""
    (unwanted,) = others
    difference = torch.softmax(logits, -1) - torch.softmax(unwanted, -1)
    return logits + strengths * difference.clamp(max=0)
