"""A causal language model and its tokenizer, as one value."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hormesis.models.context import context_length, learned_positions
from hormesis.models.modules import evaluating, input_device
from hormesis.models.tokens import end_tokens, padding_token, start_token, token_ids

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


@dataclass(frozen=True, eq=False)
class LanguageModel:
    """A model, and what belongs to it."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    name: str
    """The folder's or file's name, or the hub id."""

    @classmethod
    def of(cls, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, name: str | None = None) -> LanguageModel:
        """A model and a tokenizer that are already there.

        :param name: None: the name of the folder that the model came from, its hub id, or its class.
        """
        source = str(getattr(model, "name_or_path", "") or "")
        known = Path(source).resolve().name if source and Path(source).exists() else source
        return cls(model, tokenizer, name or known or type(model).__name__)

    def __repr__(self) -> str:
        return f"LanguageModel({self.name!r}: {type(self.model).__name__}, {self.precision} on {self.device})"

    @property
    def context_length(self) -> int | None:
        """Tokens of the longest sequence that the model declares; None if it declares none."""
        return context_length(self.model.config)

    @property
    def learned_positions(self) -> int | None:
        """The context length where a longer sequence fails; None where positions are rotary."""
        return learned_positions(self.model.config)

    @property
    def device(self) -> torch.device:
        """Of the weights; of the first of them where the model is spread over several."""
        return self.model.device

    @property
    def input_device(self) -> torch.device:
        """Where token ids belong."""
        return input_device(self.model)

    @property
    def precision(self) -> torch.dtype:
        """Of the weights."""
        return self.model.dtype

    def evaluating(self) -> AbstractContextManager[None]:
        """No dropout within the context; every module is back in its own mode afterwards."""
        return evaluating(self.model)

    @property
    def start_token(self) -> int | None:
        """The id that stands before a text's first token: bos, else eos; None without both."""
        return start_token(self.tokenizer)

    @property
    def end_tokens(self) -> tuple[int, ...]:
        """Every id that ends a continuation."""
        return end_tokens(self.model, self.tokenizer)

    @property
    def padding_token(self) -> int:
        """The id that fills a batch."""
        return padding_token(self.tokenizer)

    def token_ids(self, text: str, *, special: bool = True) -> tuple[int, ...]:
        """The ids of ``text``, however long.

        :param special: with the tokens that the tokenizer itself adds around a text.
        """
        return token_ids(self.tokenizer, text, special=special)
