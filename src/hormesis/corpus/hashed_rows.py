"""Rows and evaluation texts as hashes: of words, of their n-grams, of whole texts. Nothing of the text is kept.

The hash of a run of words is the polynomial Σ word · base^(length - 1 - place) modulo 2^64, over 64-bit hashes of the
words (Karp and Rabin 1987, doi 10.1147/rd.312.0249): the runs of one length follow from those of the length before.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from hormesis.corpus.held_out import normalised

BASE = np.uint64(0x9E3779B97F4A7C15)
_WORD = re.compile(r"\w+")
_BATCH_WORDS = 2**18
_FILTER_BITS = 24
"""A table of so many bits' places tells at once that most n-grams of a corpus are in no evaluation set."""


@dataclass(frozen=True)
class LocatedText:
    """A text and where it stands: ``file:row``."""

    text: str
    origin: str


@dataclass(frozen=True, eq=False)
class Grams:
    """All n-grams of one length: sorted keys, and the texts of each (``texts[starts[i] : starts[i + 1]]``)."""

    keys: np.ndarray
    starts: np.ndarray
    texts: np.ndarray
    sets: np.ndarray
    table: np.ndarray

    @classmethod
    def of(cls, parts: list[tuple[np.ndarray, int]], set_of: np.ndarray) -> Grams:
        hashes = np.concatenate([windows for windows, _ in parts])
        texts = np.repeat([index for _, index in parts], [len(windows) for windows, _ in parts])
        order = np.argsort(hashes, kind="stable")
        keys, starts = np.unique(hashes[order], return_index=True)
        table = np.zeros(2**_FILTER_BITS, dtype=bool)
        table[_slot(keys)] = True
        return cls(keys, np.append(starts, len(hashes)), texts[order], set_of[texts[order]], table)

    def look_up(self, windows: np.ndarray, within: np.ndarray, row_of: np.ndarray) -> tuple[list[int], list[int]]:
        """(places among the keys, rows of the batch) of the windows that are found; each pair once."""
        likely = np.flatnonzero(within & self.table[_slot(windows)])
        places = np.searchsorted(self.keys, windows[likely]).clip(max=len(self.keys) - 1)
        found = self.keys[places] == windows[likely]
        pairs = np.unique(np.stack([places[found], row_of[likely[found]]], axis=1), axis=0)
        return pairs[:, 0].tolist(), pairs[:, 1].tolist()

    def texts_of(self, place: int) -> list[int]:
        chosen: list[int] = np.unique(self.texts[self.starts[place] : self.starts[place + 1]]).tolist()
        return chosen

    def sets_of(self, place: int) -> list[int]:
        chosen: list[int] = np.unique(self.sets[self.starts[place] : self.starts[place + 1]]).tolist()
        return chosen


class WordHashes(dict[str, int]):
    """64-bit hashes of words, kept while they are few enough."""

    def __missing__(self, word: str) -> int:
        if len(self) >= 2**20:
            self.clear()
        digest = hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        self[word] = found = int.from_bytes(digest, "little")
        return found

    def of(self, text: str) -> np.ndarray:
        """Those of the words of a normalised text, uint64 [words]."""
        words = _WORD.findall(text)
        return np.fromiter(map(self.__getitem__, words), np.uint64, len(words))


@dataclass(frozen=True, eq=False)
class Batch:
    """Some rows, their words end to end: words uint64 [words], row_of int64 [words]."""

    origins: list[str]
    wholes: list[int]
    words: np.ndarray
    row_of: np.ndarray


def batches(rows: Iterable[LocatedText], hashes: WordHashes) -> Iterator[Batch]:
    """``rows`` hashed, some at a time, so that memory does not grow with them."""
    origins: list[str] = []
    wholes: list[int] = []
    words: list[np.ndarray] = []
    count = 0

    def batch() -> Batch:
        row_of = np.repeat(np.arange(len(words)), [len(each) for each in words])
        return Batch(origins, wholes, np.concatenate(words), row_of)

    for row in rows:
        origins.append(row.origin)
        text = normalised(row.text)
        wholes.append(whole_hash(text))
        words.append(hashes.of(text))
        count += len(words[-1])
        if count >= _BATCH_WORDS:
            yield batch()
            origins, wholes, words, count = [], [], [], 0
    if origins:
        yield batch()


def windows_of(words: np.ndarray, length: int) -> np.ndarray:
    """The hash of each run of ``length`` words: Σ word · base^(length - 1 - place), modulo 2^64."""
    running = words
    for place in range(1, length):
        running = running[:-1] * BASE + words[place:]
    return running


def whole_hash(text: str) -> int:
    """Of a normalised text."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest())


def _slot(hashes: np.ndarray) -> np.ndarray:
    slots: np.ndarray = (hashes >> np.uint64(64 - _FILTER_BITS)).astype(np.int64)
    return slots
