"""Scores kept in SQLite, so that no text is scored twice by the same scorer, in whatever process."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from filelock import FileLock

from hormesis.errors import HormesisError
from hormesis.evaluate.scorer import Scorer

_QUERY_TEXTS = 500
"""Texts looked up by one statement; SQLite allows 999 parameters in its oldest builds."""


@dataclass(frozen=True)
class ScoreCache:
    """Scores by (scorer name, scorer revision, SHA-256 of the text) in one SQLite file, created when first
    used.

    Each row carries a check of itself: one whose score was damaged counts as unknown, and its text is scored again.

    A lock file beside it lets threads and processes of one machine in one after another: SQLite's own locks give
    up at once in some races (creating the file, closing the last connection), whatever their time limit. Only
    finite scores are kept: what failed is tried again.
    """

    path: Path

    def get(self, scorer: Scorer, texts: Sequence[str]) -> np.ndarray:
        """Known scores, float64 [n], NaN where there is none.

        :raises HormesisError: the file is corrupted, or not a cache.
        """
        keys = [_key(text) for text in texts]
        identity = (scorer.name, scorer.revision)
        known: dict[bytes, float] = {}
        with self._connection() as connection:
            for start in range(0, len(keys), _QUERY_TEXTS):
                part = keys[start : start + _QUERY_TEXTS]
                marks = ",".join("?" * len(part))
                rows = connection.execute(
                    f"SELECT text, score, sum FROM checked WHERE scorer = ? AND revision = ? AND text IN ({marks})",
                    (*identity, *part),
                )
                known.update((key, score) for key, score, check in rows if check == _check(*identity, key, score))
        return np.array([known.get(key, np.nan) for key in keys], dtype=np.float64)

    def put(self, scorer: Scorer, texts: Sequence[str], scores: np.ndarray) -> None:
        """Keep the finite ones of ``scores``.

        :raises HormesisError: the file is corrupted, or not a cache.
        """
        identity = (scorer.name, scorer.revision)
        rows = [
            (*identity, _key(text), float(score), _check(*identity, _key(text), float(score)))
            for text, score in zip(texts, scores, strict=True)
            if np.isfinite(score)
        ]
        with self._connection() as connection:
            connection.executemany("INSERT OR REPLACE INTO checked VALUES (?, ?, ?, ?, ?)", rows)

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(f"{self.path}.lock"), closing(sqlite3.connect(self.path, timeout=60)) as connection:
                connection.execute(
                    "CREATE TABLE IF NOT EXISTS checked (scorer TEXT, revision TEXT, text BLOB, "
                    "score REAL NOT NULL, sum BLOB NOT NULL, PRIMARY KEY (scorer, revision, text)) WITHOUT ROWID"
                )
                with connection:
                    yield connection
        except sqlite3.DatabaseError as error:
            raise HormesisError(
                f"the score cache {self.path} cannot be used ({error})",
                "if another program holds it or the disk is full, mend that and run again; if it is damaged, "
                "delete it: nothing is lost but the time to score again",
            ) from error


@dataclass(frozen=True)
class CachedScorer:
    """``scorer`` behind ``cache``: a :class:`Scorer` that scores each distinct text at most once."""

    scorer: Scorer
    cache: ScoreCache

    @property
    def name(self) -> str:
        """The scorer's."""
        return self.scorer.name

    @property
    def revision(self) -> str:
        """The scorer's."""
        return self.scorer.revision

    def score(self, texts: Sequence[str]) -> np.ndarray:
        """See :class:`Scorer`."""
        places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
        distinct = list(places)
        scores = self.cache.get(self.scorer, distinct)
        missing = np.flatnonzero(np.isnan(scores))
        if len(missing):
            unknown = [distinct[i] for i in missing]
            scores[missing] = self.scorer.score(unknown)
            self.cache.put(self.scorer, unknown, scores[missing])
        result: np.ndarray = scores[[places[text] for text in texts]] if len(texts) else np.empty(0)
        return result


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _check(name: str, revision: str, key: bytes, score: object) -> bytes:
    """Of one row; of the score as it is read, whatever damage made of it."""
    return hashlib.sha256(f"{name}\0{revision}\0{key.hex()}\0{score!r}".encode()).digest()[:8]
