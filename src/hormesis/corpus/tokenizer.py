"""Tokenizers: a byte-level BPE trained on the corpus, or any Hugging Face tokenizer folder."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import cast

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from hormesis.errors import HormesisError
from hormesis.files import content_hash, write_folder
from hormesis.marks import FolderKind
from hormesis.pretrained import read_tokenizer

log = logging.getLogger(__name__)

END_OF_TEXT = "<|endoftext|>"
PADDING = "<|padding|>"
SMALLEST_VOCABULARY = 256 + 2  # every byte, and the two special tokens
LARGEST_VOCABULARY = 2**22  # what it takes is allotted at once
LONGEST_WORD = 1000
"""Letters of a word as the training sees it: its time grows with the square of a word's length."""
_RUN = LONGEST_WORD + 1
_LONG_RUN = re.compile(rf"[^\W\d_]{{{_RUN},}}|\d{{{_RUN},}}|[^\w\s]{{{_RUN},}}|_{{{_RUN},}}|\s{{{_RUN},}}")
_KIND = FolderKind("a tokenizer")


def train_tokenizer(texts: Iterable[str], vocabulary: int, folder: Path) -> Path:
    """Train a byte-level BPE (as GPT-2's: every text has an encoding, and decodes to itself) and write it to
    ``folder``.

    ``<|endoftext|>`` (id 0) is end and beginning of text; ``<|padding|>`` (id 1) is padding alone, so that
    masking the padding never masks an end. The same texts give the same tokenizer. A word of more than
    :data:`LONGEST_WORD` letters counts as several, so that no text makes the training long; it is encoded as ever.

    :param vocabulary: tokens in all, special ones included. A corpus with too few different words gives
        fewer; a warning says so.
    :returns: ``folder``, a Hugging Face tokenizer folder, written whole or not at all.
    :raises HormesisError: the vocabulary is below 258 or above :data:`LARGEST_VOCABULARY`, or there is no text.
    """
    if vocabulary > LARGEST_VOCABULARY:
        raise HormesisError(
            f"a vocabulary of {vocabulary:,} is larger than any that can be trained",
            f"ask for {LARGEST_VOCABULARY:,} or less",
        )
    if vocabulary < SMALLEST_VOCABULARY:
        raise HormesisError(
            f"a vocabulary of {vocabulary} has no room for the 256 bytes and 2 special tokens",
            f"ask for {SMALLEST_VOCABULARY} or more",
        )
    seen = 0

    def counted() -> Iterator[str]:
        nonlocal seen
        for text in texts:
            seen += 1
            yield text

    tokenizer = trained(counted(), vocabulary)
    if seen == 0:
        raise HormesisError("there is no text to train a tokenizer on", "give at least one document")
    if tokenizer.get_vocab_size() < vocabulary:
        log.warning("the corpus has words for %d tokens, not for %d", tokenizer.get_vocab_size(), vocabulary)
    wrapped = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        eos_token=END_OF_TEXT,
        bos_token=END_OF_TEXT,
        pad_token=PADDING,
        clean_up_tokenization_spaces=False,
    )
    with write_folder(folder, _KIND) as temporary:
        wrapped.save_pretrained(str(temporary))
    return folder


def _bounded(text: str) -> Iterator[str]:
    """``text`` in parts, none of which holds a run of more than :data:`LONGEST_WORD` characters of one class."""
    start = 0
    for run in _LONG_RUN.finditer(text) if len(text) > LONGEST_WORD else ():
        for cut in range(run.start() + LONGEST_WORD, run.end(), LONGEST_WORD):
            yield text[start:cut]
            start = cut
    yield text[start:]


def trained(texts: Iterable[str], vocabulary: int) -> Tokenizer:
    """The byte-level BPE that :func:`train_tokenizer` writes."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[END_OF_TEXT, PADDING],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator((part for text in texts for part in _bounded(text)), trainer)
    return tokenizer


def load_tokenizer(folder: Path | str) -> PreTrainedTokenizerFast:
    """The tokenizer of a Hugging Face folder (or, given as a string, of a hub id).

    :raises HormesisError: there is none, it is broken, it is not a fast one, or it has no end-of-text token.
    """
    if isinstance(folder, Path) and not folder.is_dir():
        raise HormesisError(f"the tokenizer folder {folder} does not exist", "correct the path, or train a tokenizer")
    tokenizer = read_tokenizer(folder)
    if not isinstance(tokenizer, PreTrainedTokenizerFast):
        raise HormesisError(f"the tokenizer of {folder} has no tokenizer.json", "save it as a fast tokenizer")
    if tokenizer.eos_token_id is None:
        raise HormesisError(
            f"the tokenizer of {folder} has no end-of-text token",
            "set `eos_token` in its tokenizer_config.json: documents are ended by it",
        )
    return tokenizer


def tokenizer_hash(tokenizer: PreTrainedTokenizerFast) -> str:
    """A SHA-256 over what decides the encoding: model, normaliser, pre-tokeniser, added tokens, end of text.

    Padding and truncation are left out: calling the tokenizer changes them.
    """
    description = json.loads(tokenizer.backend_tokenizer.to_str())
    for key in ("padding", "truncation"):
        description.pop(key, None)
    return content_hash({"tokenizer": description, "end": cast(int, tokenizer.eos_token_id)})
