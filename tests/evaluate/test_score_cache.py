from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from hormesis.errors import HormesisError
from hormesis.evaluate import CachedScorer, ScoreCache


@dataclass
class Counter:
    """Scores a text by its length, fails on "fail", and counts what it is asked."""

    name: str = "length"
    revision: str = "1"
    asked: list[str] = field(default_factory=list)

    def score(self, texts: Sequence[str]) -> np.ndarray:
        self.asked += texts
        return np.array([np.nan if text == "fail" else min(1.0, len(text) / 10) for text in texts])


def test_each_text_is_scored_once_for_a_scorer_and_revision(tmp_path: Path) -> None:
    cache, scorer = ScoreCache(tmp_path / "new" / "scores.sqlite"), Counter()
    texts = ["a", "bb", "a", "\ud800 lone", *(f"t{i}" for i in range(1200))]
    first = CachedScorer(scorer, cache).score(texts)
    second = CachedScorer(scorer, cache).score(texts[::-1])
    assert np.array_equal(first, second[::-1])
    assert np.array_equal(first, Counter().score(texts))
    assert len(scorer.asked) == len(set(texts))
    for other in (Counter(revision="2"), Counter(name="other")):
        CachedScorer(other, cache).score(["a"])
        assert other.asked == ["a"]
    assert CachedScorer(scorer, cache).score([]).shape == (0,)


def test_failures_are_not_kept(tmp_path: Path) -> None:
    scorer = Counter()
    cached = CachedScorer(scorer, ScoreCache(tmp_path / "scores.sqlite"))
    for _ in range(2):
        assert np.isnan(cached.score(["a", "fail"])).tolist() == [False, True]
    assert scorer.asked == ["a", "fail", "fail"]


def _work(path: Path) -> list[float]:
    cached = CachedScorer(Counter(), ScoreCache(path))
    scores: list[float] = []
    for start in range(0, 200, 20):
        scores += cached.score([str(i) for i in range(start, start + 30)]).tolist()
    return scores


def test_processes_share_a_cache(tmp_path: Path) -> None:
    # Several new files: the race that failed once was over who creates one.
    with ProcessPoolExecutor(4, mp_context=get_context("fork")) as pool:
        for attempt in range(10):
            found = list(pool.map(_work, [tmp_path / f"{attempt}.sqlite"] * 4))
            assert all(scores == found[0] for scores in found)


@pytest.mark.parametrize("content", [b"this is no database at all" * 50, None])
def test_a_damaged_cache_is_an_error_with_its_fix(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "scores.sqlite"
    cached = CachedScorer(Counter(), ScoreCache(path))
    cached.score([str(i) for i in range(3000)])
    data = bytearray(path.read_bytes())
    data[100:-1] = b"\xff" * (len(data) - 101)
    path.write_bytes(content or bytes(data))
    with pytest.raises(HormesisError, match=r"scores\.sqlite cannot be used[\s\S]*delete it"):
        cached.score(["a"])
