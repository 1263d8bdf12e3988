"""Contamination: which texts of evaluation sets are among rows of training, whole or by an n-gram of words.

The evaluation sets are hashed (every run of 13 words, as in GPT-3: Brown et al. 2020, arXiv 2005.14165, appendix C; and
each text as a whole), then the training rows stream past once, so that memory grows with the evaluation sets and not
with the corpus. A text of fewer words than the n-gram is looked for as one run of all its words, if it has at least
``shortest`` of them; a shorter one only as a whole row, for a run of few words proves nothing.

Words are runs of letters and digits, case folded. A hash has 64 bits: a million n-grams against a hundred million give
a false hit once in two hundred thousand such scans. What is found is named by file and row, never by its text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Literal

import numpy as np

from hormesis.corpus.documents import text_of
from hormesis.corpus.hashed_rows import BASE, Batch, Grams, LocatedText, WordHashes, batches, whole_hash, windows_of
from hormesis.corpus.held_out import normalised
from hormesis.corpus.readers import Undecodable
from hormesis.corpus.rows import RowsConfig, read_rows

NGRAM, SHORTEST = 13, 8


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
        self._hashes = WordHashes()
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
                self._whole.setdefault(whole_hash(text), []).append(index)
                words = self._hashes.of(text)
                length = min(ngram, len(words))
                if length >= min(shortest, ngram):
                    found.setdefault(length, []).append((windows_of(words, length), index))
        self._set_of = np.array(members, dtype=np.int64)
        self._grams = {length: Grams.of(parts, self._set_of) for length, parts in sorted(found.items())}

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
        for batch in batches(rows, self._hashes):
            self._scan_batch(batch, hits)
            read += len(batch.origins)
            if progress is not None:
                progress(read)
        return {name: self._overlap(number, hits, most_places) for number, name in enumerate(self.names)}

    def _scan_batch(self, batch: Batch, hits: _Hits) -> None:
        touched: list[tuple[int, int]] = []  # (set, row of the batch)
        for row, whole in enumerate(batch.wholes):
            for index in self._whole.get(whole, ()):
                hits.whole.setdefault(index, batch.origins[row])
                touched.append((int(self._set_of[index]), row))
        running, length = batch.words, 1
        for wanted, grams in self._grams.items():
            while length < wanted:
                running = running[:-1] * BASE + batch.words[length:] if len(running) > 1 else running[:0]
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
