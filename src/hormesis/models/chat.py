"""A prompt as a turn of a chat, by the template that comes with the tokenizer."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from hormesis.errors import HormesisError
from hormesis.models.tokens import ids_behind

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_PLACE = "\u2042place\u2042"
"""What stands for the words of a turn whose words may not be read as part of the template."""


def check_chat(tokenizer: PreTrainedTokenizerBase) -> None:
    """:raises HormesisError: the tokenizer has no chat template, or one that does not take a user's turn."""
    if not getattr(tokenizer, "chat_template", None):
        raise HormesisError(
            "the tokenizer has no chat template: this is a base model, or its template was not saved",
            "leave out --chat (chat=True), or set tokenizer.chat_template",
        )
    if _PLACE not in _rendered(tokenizer, _PLACE):
        raise HormesisError("the chat template leaves out what the user says", "correct tokenizer.chat_template")


def chat_ids(tokenizer: PreTrainedTokenizerBase, words: str) -> tuple[int, ...]:
    """The ids of a chat in which the user says ``words``, up to where the answer begins.

    What spells a special token in ``words`` is letters, as in every text: it opens and ends no turn.
    """
    special = [str(token) for token in tokenizer.added_tokens_decoder.values() if token.special]
    if not any(token in words for token in special):
        return _template_ids(tokenizer, _rendered(tokenizer, words))
    before, behind = chat_frame(tokenizer)
    return before + ids_behind(tokenizer, words) + behind


def chat_frame(tokenizer: PreTrainedTokenizerBase) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The ids of the template before and behind the user's words: the opening of the turn; its end, and the opening of
    the answer."""
    before, _, behind = _rendered(tokenizer, _PLACE).partition(_PLACE)
    return _template_ids(tokenizer, before), _template_ids(tokenizer, behind)


def _rendered(tokenizer: PreTrainedTokenizerBase, words: str) -> str:
    try:
        turns = [{"role": "user", "content": words}]
        return cast(str, tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True))
    except Exception as error:  # a template raises what it likes, by raise_exception()
        raise HormesisError(
            f"the chat template does not take a user's turn ({type(error).__name__}: {error})",
            "leave out --chat (chat=True), or correct tokenizer.chat_template",
        ) from error


def _template_ids(tokenizer: PreTrainedTokenizerBase, text: str) -> tuple[int, ...]:
    ids: list[int] = tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]
    return tuple(ids)
