"""Token ids of texts, and the tokens that begin, end and pad them.

One rule for training, capture, cost, prompts and every arm. *Text is letters*: what spells a special token (``</s>``)
in a text is encoded letter by letter, and ends or begins nothing. *Before, not behind*: what a tokenizer puts before a
text (bos) stays, also where a text is cut; what it puts behind one (eos) is left out, for a prompt is to be continued,
and a capture reads the text's last token. *Joined by ids*: some tokenizers (SentencePiece's) put a space before all
that they encode, and drop that of all that they decode; so parts of texts are spelled as they stand behind others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

_ANCHORS = ("a", ".", "\n", "7", ")")
"""Texts that another is put behind, to see its ids there: one of them merges with no beginning."""


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


def leading_ids(tokenizer: PreTrainedTokenizerBase) -> tuple[int, ...]:
    """What the tokenizer itself puts before a text: bos, usually, or nothing."""
    bare = _letters(tokenizer, [_ANCHORS[0]])[0]
    whole: list[int] = tokenizer(_ANCHORS[0], add_special_tokens=True, verbose=False)["input_ids"]
    places = [start for start in range(len(whole)) if whole[start : start + len(bare)] == bare]
    return tuple(whole[: places[0]]) if places else ()


def token_ids(tokenizer: PreTrainedTokenizerBase, text: str, *, special: bool = True) -> tuple[int, ...]:
    """The ids of ``text``, without the tokenizer's own warning about length: callers cut.

    :param special: with what the tokenizer itself puts before a text.
    """
    return many_token_ids(tokenizer, [text], special=special)[0]


def many_token_ids(
    tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], *, special: bool = True
) -> list[tuple[int, ...]]:
    """:func:`token_ids` of each text, at once."""
    leading = leading_ids(tokenizer) if special else ()
    return [(*leading, *ids) for ids in _letters(tokenizer, texts)]


def ids_behind(tokenizer: PreTrainedTokenizerBase, text: str) -> tuple[int, ...]:
    """The ids that spell ``text`` behind other tokens: its own where these do, as every byte-level tokenizer's; else
    what it adds to the ids of another text that it is put behind."""
    own = _letters(tokenizer, [text])[0]
    for anchor in _ANCHORS:
        before, whole = _letters(tokenizer, [anchor, anchor + text])
        if texts_behind(tokenizer, before, [own]) == [text]:
            return tuple(own)
        added = whole[len(before) :]
        if whole[: len(before)] == before and texts_behind(tokenizer, before, [added]) == [text]:
            return tuple(added)
    return tuple(own)


def texts_behind(
    tokenizer: PreTrainedTokenizerBase, before: Sequence[int], continuations: Sequence[Sequence[int]]
) -> list[str]:
    """Each continuation as it reads behind the tokens ``before``: the difference of two whole decodes."""
    head, *whole = tokenizer.batch_decode(
        [list(before), *([*before, *ids] for ids in continuations)], skip_special_tokens=True
    )
    return [
        text[len(head) :] if text.startswith(head) else str(tokenizer.decode(list(ids), skip_special_tokens=True))
        for text, ids in zip(whole, continuations, strict=True)
    ]


def _letters(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str]) -> list[list[int]]:
    """The ids of each text, nothing added, no special token read out of it."""
    if not texts:
        return []
    found: list[list[int]] = tokenizer(list(texts), add_special_tokens=False, split_special_tokens=True, verbose=False)[
        "input_ids"
    ]
    return found
