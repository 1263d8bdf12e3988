"""A causal language model and its tokenizer, as one value."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from hormesis.errors import HormesisError
from hormesis.models.chat import chat_frame, chat_ids, check_chat
from hormesis.models.context import context_length, learned_positions
from hormesis.models.modules import evaluating, input_device
from hormesis.models.tokens import (
    end_tokens,
    ids_behind,
    leading_ids,
    many_token_ids,
    padding_token,
    start_token,
    texts_behind,
    token_ids,
)

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from hormesis.models.architecture import Architecture
    from hormesis.models.decoding import Decoding


@dataclass(frozen=True, eq=False)
class LanguageModel:
    """A model, and what belongs to it."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    name: str
    """The folder's or file's name, or the hub id."""
    chat: bool = False
    """Whether a prompt is what a user says: it is put into the tokenizer's chat template, as the first turn, and what
    is generated is the answer. Plain texts, whose likelihood is measured, stay as they are."""
    architecture: Architecture | None = None
    """The names of its modules, where the family is not among :data:`~hormesis.models.ARCHITECTURES`."""

    def __post_init__(self) -> None:
        if self.chat:
            check_chat(self.tokenizer)

    @classmethod
    def of(
        cls,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        name: str | None = None,
        *,
        chat: bool = False,
        architecture: Architecture | None = None,
    ) -> LanguageModel:
        """A model and a tokenizer that are already there.

        :param name: None: the name of the folder that the model came from, its hub id, or its class.
        """
        source = str(getattr(model, "name_or_path", "") or "")
        known = Path(source).resolve().name if source and Path(source).exists() else source
        return cls(model, tokenizer, name or known or type(model).__name__, chat, architecture)

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

    @cached_property
    def vocabulary(self) -> int:
        """Rows of the embedding: token ids below it are known to the model."""
        return len(self.model.get_input_embeddings().weight)  # type: ignore[arg-type]

    @cached_property
    def decoding(self) -> Decoding:
        """How this model may be decoded, which it proves once, when it is first asked."""
        from hormesis.models.decoding import proved_decoding

        return proved_decoding(self.model)

    @property
    def leading_tokens(self) -> tuple[int, ...]:
        """What the tokenizer itself puts before a text."""
        return leading_ids(self.tokenizer)

    @cached_property
    def frame(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """What stands before the words of a prompt, and behind them: :attr:`leading_tokens` and nothing, or, in a
        :attr:`chat`, the two parts of the template."""
        return chat_frame(self.tokenizer) if self.chat else (self.leading_tokens, ())

    def token_ids(self, text: str, *, special: bool = True) -> tuple[int, ...]:
        """The ids of ``text``, however long: text is letters, and never a special token.

        :param special: with what the tokenizer itself puts before a text (never with what it puts behind one).
        :raises HormesisError: the model has no such token.
        """
        return self._known(token_ids(self.tokenizer, text, special=special), text)

    def prompt_ids(self, prompt: str) -> tuple[int, ...]:
        """The ids of a prompt, however long: :meth:`token_ids`, or, in a :attr:`chat`, the turn that it becomes, up to
        where the answer begins.

        :raises HormesisError: as :meth:`token_ids`.
        """
        if not self.chat:
            return self.token_ids(prompt)
        return self._known(chat_ids(self.tokenizer, prompt), prompt)

    def prompts_ids(self, prompts: Sequence[str]) -> list[tuple[int, ...]]:
        """:meth:`prompt_ids` of each, at once.

        :raises HormesisError: as :meth:`token_ids`.
        """
        if self.chat:
            return [self.prompt_ids(prompt) for prompt in prompts]
        found = many_token_ids(self.tokenizer, prompts)
        return [self._known(ids, prompt) for ids, prompt in zip(found, prompts, strict=True)]

    def ids_behind(self, text: str) -> tuple[int, ...]:
        """The ids that spell ``text`` behind other tokens; see :func:`~hormesis.models.tokens.ids_behind`.

        :raises HormesisError: as :meth:`token_ids`.
        """
        return self._known(ids_behind(self.tokenizer, text), text)

    def texts_behind(self, before: Sequence[int], continuations: Sequence[Sequence[int]]) -> list[str]:
        """Each continuation as it reads behind the tokens ``before``, with the space, if any, that parts the two."""
        return texts_behind(self.tokenizer, before, continuations)

    def _known(self, ids: tuple[int, ...], text: str) -> tuple[int, ...]:
        if ids and max(ids) >= self.vocabulary:
            raise HormesisError(
                f"the tokenizer gives token {max(ids)} in a text of {len(text)} characters, and the model knows"
                f" {self.vocabulary} tokens",
                "load the tokenizer that belongs to the model, or resize the model's embedding and train it",
            )
        return ids
