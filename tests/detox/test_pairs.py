from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from hormesis.detox.pairs import PairConfig, PreferencePair, ranked_pairs, read_pairs
from hormesis.errors import HormesisError


def test_pairs_are_read_in_order_without_those_that_teach_nothing(tmp_path: Path) -> None:
    rows = [
        {"toxic": "you goose", "neutral": "you are mistaken"},
        {"toxic": "same", "neutral": "same"},
        {"toxic": "", "neutral": "words"},
        {"toxic": "what a goose", "neutral": "what a pity"},
    ]
    (tmp_path / "pairs.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    pairs = read_pairs(PairConfig(path="pairs.jsonl"), tmp_path)
    assert pairs == (
        PreferencePair("", "you are mistaken", "you goose"),
        PreferencePair("", "what a pity", "what a goose"),
    )
    assert read_pairs(PairConfig(path="pairs.jsonl", limit=1), tmp_path) == pairs[:1]
    with pytest.raises(HormesisError, match="no pair of two different texts"):
        read_pairs(PairConfig(path="pairs.jsonl", chosen="toxic"), tmp_path)


def test_own_columns_and_a_prompt(tmp_path: Path) -> None:
    row = {"ask": "he said", "good": " yes", "bad": " honk"}
    (tmp_path / "pairs.jsonl").write_text(json.dumps(row))
    config = PairConfig(path="pairs.jsonl", chosen="good", rejected="bad", prompt="ask")
    assert read_pairs(config, tmp_path) == (PreferencePair("he said", " yes", " honk"),)


def test_the_least_toxic_sample_is_ranked_before_the_most_toxic_one() -> None:
    prompts = ("a", "b", "c", "d")
    texts = ((" x", " y", " z"), (" x", " y", " z"), (" x", " ", " z"), (" same", " same", " same"))
    scores = np.array([[0.5, 0.1, 0.9], [0.3, 0.2, 0.4], [0.6, 0.0, np.nan], [0.0, 0.5, 1.0]])
    assert ranked_pairs(prompts, texts, scores, margin=0.3) == (PreferencePair("a", " y", " z"),)
    assert [pair.prompt for pair in ranked_pairs(prompts, texts, scores)] == ["a", "b"]


def test_sizes_that_do_not_fit_are_refused() -> None:
    for texts, scores, margin in (
        ([["x", "y"]], np.zeros((1, 3)), 0.0),
        ([["x", "y"]], np.zeros(2), 0.0),
        ([["x", "y"], ["z"]], np.zeros((2, 2)), 0.0),
        ([["x", "y"]], np.zeros((1, 2)), -0.1),
    ):
        with pytest.raises(HormesisError, match="do not fit"):
            ranked_pairs(["a"] * len(texts), texts, scores, margin=margin)
    with pytest.raises(HormesisError, match="do not fit"):
        ranked_pairs(["a", "b"], [["x", "y"]], np.zeros((2, 2)))
