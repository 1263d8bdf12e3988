"""Token ids of texts, and the tokens that begin, end and pad them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


def start_token(tokenizer: PreTrainedTokenizerBase) -> int | None:
    """The id that stands before a text's first token, as in pretraining: bos, or eos where documents are only ended;
    None without both."""
    for token in (tokenizer.bos_token_id, tokenizer.eos_token_id):
        if token is not None:
            return int(token)
    return None


def end_tokens(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> tuple[int, ...]:
    """Every id that ends a continuation: the tokenizer's eos and those of the model's generation config."""
    configured = getattr(model.generation_config, "eos_token_id", None)
    several = configured if isinstance(configured, list) else [configured]
    return tuple(sorted({int(token) for token in [tokenizer.eos_token_id, *several] if token is not None}))


def padding_token(tokenizer: PreTrainedTokenizerBase) -> int:
    """The id that fills a batch: pad, eos, or 0; no model reads it."""
    return next((int(token) for token in (tokenizer.pad_token_id, tokenizer.eos_token_id) if token is not None), 0)


def token_ids(tokenizer: PreTrainedTokenizerBase, text: str, *, special: bool = True) -> tuple[int, ...]:
    """The ids of ``text``, without the tokenizer's own warning about length: callers cut.

    :param special: with the tokens that the tokenizer itself adds around a text.
    """
    ids: list[int] = tokenizer(text, add_special_tokens=special, verbose=False)["input_ids"]
    return tuple(ids)
