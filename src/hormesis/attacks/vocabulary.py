"""Which tokens an attacker may write: those that survive as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from hormesis.errors import HormesisError
from hormesis.models import LanguageModel, token_ids


def allowed_tokens(lm: LanguageModel, *, ascii_only: bool) -> Tensor:
    """[vocabulary of the model] bool: no special tokens, no rows of the embedding without a token, nothing that is no
    text by itself; with ``ascii_only`` printable ASCII alone, as in the paper."""
    size = len(cast(Tensor, lm.model.get_input_embeddings().weight))
    allowed = torch.zeros(size, dtype=torch.bool)
    special = set(lm.tokenizer.all_special_ids)
    known = [token for token in range(min(size, len(lm.tokenizer))) if token not in special]
    for token, text in zip(known, lm.tokenizer.batch_decode([[token] for token in known]), strict=True):
        writable = bool(text) and text.isprintable() and "\ufffd" not in text
        allowed[token] = writable and (text.isascii() or not ascii_only)
    return allowed


def own_ids(tokenizer: PreTrainedTokenizerBase, text: str) -> tuple[int, ...]:
    """The ids of ``text`` with nothing added."""
    return token_ids(tokenizer, text, special=False)


def written(
    tokenizer: PreTrainedTokenizerBase, prompt: Sequence[int], candidates: Sequence[Sequence[int]]
) -> list[str]:
    """Each candidate as the text that stands after ``prompt``, with the space, if any, that parts the two."""
    before, *whole = tokenizer.batch_decode(
        [list(prompt), *([*prompt, *ids] for ids in candidates)], skip_special_tokens=True
    )
    return [text[len(before) :] if text.startswith(before) else "" for text in whole]


def survive(
    tokenizer: PreTrainedTokenizerBase, text: str, prompt: Sequence[int], candidates: Sequence[Sequence[int]]
) -> list[bool]:
    """Whether each candidate, written out after ``text`` and read again, is the same tokens after ``prompt``."""
    texts = [text + after for after in written(tokenizer, prompt, candidates)]
    again = tokenizer(texts, add_special_tokens=True, verbose=False)["input_ids"] if texts else []
    return [ids == [*prompt, *candidate] for ids, candidate in zip(again, candidates, strict=True)]


def first_tokens(tokenizer: PreTrainedTokenizerBase, word: str, length: int) -> tuple[int, ...]:
    """``word``, repeated after a space, as ``length`` tokens.

    :raises HormesisError: the tokenizer makes no tokens of it.
    """
    ids = own_ids(tokenizer, f" {word}" * length)[:length]
    if len(ids) < length:
        raise HormesisError(
            f"the tokenizer makes {len(ids)} tokens of {word!r} written {length} times", "begin with another word"
        )
    return ids
