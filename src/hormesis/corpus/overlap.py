"""Contamination: which texts of evaluation sets are among rows of training, whole or by an n-gram of words.

The evaluation sets are hashed (every run of 13 words, as in GPT-3: Brown et al. 2020, arXiv 2005.14165, appendix C; and
each text as a whole), then the training rows stream past once, so that memory grows with the evaluation sets and not
with the corpus. A text of fewer words than the n-gram is looked for as one run of all its words, if it has at least
``shortest`` of them; a shorter one only as a whole row, for a run of few words proves nothing.

Words are runs of letters and digits, case folded. A hash has 64 bits: a million n-grams against a hundred million give
a false hit once in two hundred thousand such scans. What is found is named by file and row, never by its text.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Literal

import numpy as np

from hormesis.corpus.documents import text_of
from hormesis.corpus.formats import Undecodable
from hormesis.corpus.held_out import normalised
from hormesis.corpus.rows import RowsConfig, read_rows

NGRAM, SHORTEST = 13, 8
_WORD = re.compile(r"\w+")
_BASE = np.uint64(0x9E3779B97F4A7C15)
_BATCH_WORDS = 2**18
_FILTER_BITS = 24
"""A table of so many bits' places tells at once that most n-grams of a corpus are in no evaluation set."""


@dataclass(frozen=True)
class LocatedText:
    """A text and where it stands: ``file:row``."""

    text: str
    origin: str


@dataclass(frozen=True)
class Place:
    """A hit: the evaluation text, and the first row that shares something with it."""

    text: str
    row: str
    kind: Literal["whole", "n-gram"]


@dataclass(frozen=True)
class Overlap:
    """What a stream of rows shares with one evaluation set."""

    texts: int
    """Texts of the set."""
    whole: int
    """Those that are a whole row."""
    ngram: int
    """Those that share an n-gram with a row; a whole row of enough words does."""
    rows: int
    """Rows that share an n-gram with the set, or are one of its texts."""
    places: tuple[Place, ...]
    """The first hits, whole ones first."""


def located(config: RowsConfig, columns: Iterable[str], *, root: Path | None = None) -> Iterator[LocatedText]:
    """The texts of the columns of a source, with their file's name and row; rows without text are passed over.

    :raises HormesisError: as :func:`~hormesis.corpus.rows.read_rows`.
    """
    columns = tuple(columns)
    for row in read_rows(config, columns, root=root):
        file, _, number = row.origin.rpartition(":")
        origin = f"{Path(file).name}:{number}" if number.isdigit() else Path(row.origin).name
        for column in columns:
            text = text_of(row, column)
            if isinstance(text, str) and not isinstance(text, Undecodable):
                yield LocatedText(text, origin)


class EvaluationIndex:
    """The hashed texts of evaluation sets, for :meth:`scan`.

    :param sets: texts by the name of their set.
    :param ngram: words of an n-gram.
    :param shortest: a text with fewer words is looked for as a whole row only.
    """

    def __init__(
        self, sets: Mapping[str, Iterable[LocatedText]], *, ngram: int = NGRAM, shortest: int = SHORTEST
    ) -> None:
        self.names = tuple(sets)
        self._hashes = _WordHashes()
        self._origins: list[str] = []
        self._whole: dict[int, list[int]] = {}
        members: list[int] = []
        found: dict[int, list[tuple[np.ndarray, int]]] = {}
        for number, texts in enumerate(sets.values()):
            for each in texts:
                index = len(self._origins)
                self._origins.append(each.origin)
                members.append(number)
                text = normalised(each.text)
                self._whole.setdefault(_whole_hash(text), []).append(index)
                words = self._hashes.of(text)
                length = min(ngram, len(words))
                if length >= min(shortest, ngram):
                    found.setdefault(length, []).append((_windows(words, length), index))
        self._set_of = np.array(members, dtype=np.int64)
        self._grams = {length: _Grams.of(parts, self._set_of) for length, parts in sorted(found.items())}

    def scan(
        self,
        rows: Iterable[LocatedText],
        *,
        most_places: int = 20,
        progress: Callable[[int], None] | None = None,
    ) -> dict[str, Overlap]:
        """What ``rows``, streamed once, share with each set.

        :param most_places: hits that are named, a set.
        :param progress: called with the number of rows read.
        """
        hits = _Hits(len(self.names))
        read = 0
        for batch in _batches(rows, self._hashes):
            self._scan_batch(batch, hits)
            read += len(batch.origins)
            if progress is not None:
                progress(read)
        return {name: self._overlap(number, hits, most_places) for number, name in enumerate(self.names)}

    def _scan_batch(self, batch: _Batch, hits: _Hits) -> None:
        touched: list[tuple[int, int]] = []  # (set, row of the batch)
        for row, whole in enumerate(batch.wholes):
            for index in self._whole.get(whole, ()):
                hits.whole.setdefault(index, batch.origins[row])
                touched.append((int(self._set_of[index]), row))
        running, length = batch.words, 1
        for wanted, grams in self._grams.items():
            while length < wanted:
                running = running[:-1] * _BASE + batch.words[length:] if len(running) > 1 else running[:0]
                length += 1
            within = batch.row_of[: len(running)] == batch.row_of[len(batch.row_of) - len(running) :]
            for place, row in zip(*grams.look_up(running, within, batch.row_of), strict=True):
                for index in grams.texts_of(place):
                    hits.ngram.setdefault(index, batch.origins[row])
                touched += [(number, row) for number in grams.sets_of(place)]
        for number, chosen in groupby(sorted(set(touched)), key=lambda pair: pair[0]):
            hits.rows[number] += sum(1 for _ in chosen)

    def _overlap(self, number: int, hits: _Hits, most: int) -> Overlap:
        inside = [index for index in np.flatnonzero(self._set_of == number).tolist()]
        whole = [index for index in inside if index in hits.whole]
        ngram = [index for index in inside if index in hits.ngram]
        places = [Place(self._origins[index], hits.whole[index], "whole") for index in whole]
        places += [Place(self._origins[i], hits.ngram[i], "n-gram") for i in ngram if i not in hits.whole]
        return Overlap(len(inside), len(whole), len(ngram), int(hits.rows[number]), tuple(places[:most]))


@dataclass
class _Hits:
    sets: int
    whole: dict[int, str] = field(default_factory=dict)
    ngram: dict[int, str] = field(default_factory=dict)
    rows: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.rows = np.zeros(self.sets, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class _Grams:
    """All n-grams of one length: sorted keys, and the texts of each (``texts[starts[i] : starts[i + 1]]``)."""

    keys: np.ndarray
    starts: np.ndarray
    texts: np.ndarray
    sets: np.ndarray
    table: np.ndarray

    @classmethod
    def of(cls, parts: list[tuple[np.ndarray, int]], set_of: np.ndarray) -> _Grams:
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


class _WordHashes(dict[str, int]):
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
class _Batch:
    """Some rows, their words end to end: words uint64 [words], row_of int64 [words]."""

    origins: list[str]
    wholes: list[int]
    words: np.ndarray
    row_of: np.ndarray


def _batches(rows: Iterable[LocatedText], hashes: _WordHashes) -> Iterator[_Batch]:
    origins: list[str] = []
    wholes: list[int] = []
    words: list[np.ndarray] = []
    count = 0

    def batch() -> _Batch:
        row_of = np.repeat(np.arange(len(words)), [len(each) for each in words])
        return _Batch(origins, wholes, np.concatenate(words), row_of)

    for row in rows:
        origins.append(row.origin)
        text = normalised(row.text)
        wholes.append(_whole_hash(text))
        words.append(hashes.of(text))
        count += len(words[-1])
        if count >= _BATCH_WORDS:
            yield batch()
            origins, wholes, words, count = [], [], [], 0
    if origins:
        yield batch()


def _windows(words: np.ndarray, length: int) -> np.ndarray:
    """The hash of each run of ``length`` words: Σ word · base^(length - 1 - place), modulo 2^64."""
    running = words
    for place in range(1, length):
        running = running[:-1] * _BASE + words[place:]
    return running


def _whole_hash(text: str) -> int:
    """Of a normalised text."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest())


def _slot(hashes: np.ndarray) -> np.ndarray:
    slots: np.ndarray = (hashes >> np.uint64(64 - _FILTER_BITS)).astype(np.int64)
    return slots
