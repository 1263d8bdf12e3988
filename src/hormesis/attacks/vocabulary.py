"""Which tokens an attacker may write: those that survive as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from hormesis.errors import HormesisError
from hormesis.models import LanguageModel, ids_behind, token_ids


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


def survive(lm: LanguageModel, text: str, prompt: Sequence[int], candidates: Sequence[Sequence[int]]) -> list[bool]:
    """Whether each candidate, written out after ``text`` and read again, is the same tokens after ``prompt``, and
    before what closes the turn of a chat."""
    again = lm.prompts_ids([text + after for after in lm.texts_behind(prompt, candidates)])
    behind = lm.frame[1]
    return [ids == (*prompt, *candidate, *behind) for ids, candidate in zip(again, candidates, strict=True)]


def open_prompt(lm: LanguageModel, text: str) -> tuple[int, ...]:
    """The ids of a prompt to which more is to be added: in a chat, without what closes the turn.

    :raises HormesisError: the end of the template is not told apart in the ids.
    """
    ids, behind = lm.prompt_ids(text), lm.frame[1]
    if not behind:
        return ids
    if ids[-len(behind) :] != behind:
        raise HormesisError(
            "the chat template's end merges with what the user says: no suffix can be put between them",
            "attack without --chat",
        )
    return ids[: -len(behind)]


def target_ids(lm: LanguageModel, target: str) -> tuple[int, ...]:
    """The ids that an answer begins with: after a space, or, in a chat, where the answer begins."""
    return lm.ids_behind(target if lm.chat else f" {target}")


def first_tokens(tokenizer: PreTrainedTokenizerBase, word: str, length: int) -> tuple[int, ...]:
    """``word``, repeated after a space, as ``length`` tokens.

    :raises HormesisError: the tokenizer makes no tokens of it.
    """
    ids = ids_behind(tokenizer, f" {word}" * length)[:length]
    if len(ids) < length:
        raise HormesisError(
            f"the tokenizer makes {len(ids)} tokens of {word!r} written {length} times", "begin with another word"
        )
    return ids
