"""The n-gram scorer: it learns, is saved whole, and says when it cannot."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from hormesis.errors import HormesisError
from hormesis.evaluate import NgramConfig, NgramScorer
from hormesis.marks import MARK
from tests.evaluate.tiny import invented_texts

SMALL = NgramConfig(word_features=2**12, character_features=2**12)


def _labelled(count: int, *, seed: int) -> tuple[list[str], np.ndarray]:
    labels = np.random.default_rng(seed).random(count) < 0.2
    texts = [
        f"{text} you goose" if toxic else text
        for text, toxic in zip(invented_texts(count, seed=seed), labels, strict=True)
    ]
    return texts, labels


@pytest.fixture(scope="module")
def ngram() -> NgramScorer:
    texts, labels = _labelled(400, seed=0)
    return NgramScorer.fit(texts, labels, SMALL)


def test_ngram_scorer_learns_and_is_calibrated_to_equal_classes(ngram: NgramScorer) -> None:
    texts, labels = _labelled(300, seed=1)
    scores = ngram.score([*texts, ""])
    assert ((scores >= 0) & (scores <= 1)).all()
    assert roc_auc_score(labels, scores[:-1]) > 0.99 and ngram.validation_auroc > 0.99
    assert scores[:-1][labels].mean() > 0.8 and scores[:-1][~labels].mean() < 0.2


def test_ngram_scorer_survives_saving_and_is_deterministic(ngram: NgramScorer, tmp_path: Path) -> None:
    texts, labels = _labelled(400, seed=0)
    again = NgramScorer.fit(texts, labels, SMALL)
    ngram.save(tmp_path / "scorer")
    loaded = NgramScorer.load(tmp_path / "scorer")
    files = sorted(path.name for path in (tmp_path / "scorer").iterdir())
    assert files == [MARK, "scorer.json", "scorer.safetensors"]
    assert ngram.revision == again.revision == loaded.revision
    assert np.array_equal(ngram.score(texts), loaded.score(texts))
    other = NgramScorer.fit(texts, labels, SMALL.model_copy(update={"regularisation": 1.0}))
    assert other.revision != ngram.revision


def test_ngram_scorer_damage_is_found(ngram: NgramScorer, tmp_path: Path) -> None:
    folder = tmp_path / "scorer"
    with pytest.raises(HormesisError, match="cannot be loaded"):
        NgramScorer.load(folder)
    ngram.save(folder)
    description = json.loads((folder / "scorer.json").read_text())
    (folder / "scorer.json").write_text(json.dumps(description | {"intercept": 9.0}))
    with pytest.raises(HormesisError, match="not the one that was saved"):
        NgramScorer.load(folder)
    for wrong in ({"intercept": float("inf")}, {"name": {"a": 1}}):
        (folder / "scorer.json").write_text(json.dumps(description | wrong))
        with pytest.raises(HormesisError, match="cannot be loaded"):
            NgramScorer.load(folder)
    ngram.save(folder)
    (folder / "scorer.safetensors").write_bytes(b"broken")
    with pytest.raises(HormesisError, match="cannot be loaded"):
        NgramScorer.load(folder)


@pytest.mark.parametrize(
    ("texts", "labels", "message"),
    [(["a"] * 5, [True] * 4, "5 texts have 4 labels"), (["a"] * 30, [True] * 30, "1 toxic and 0 other")],
)
def test_ngram_scorer_refuses_bad_labels(texts: list[str], labels: list[bool], message: str) -> None:
    with pytest.raises(HormesisError, match=message):
        NgramScorer.fit(texts, labels, SMALL)


def test_ngram_scorer_refuses_to_know_nothing() -> None:
    with pytest.raises(HormesisError, match="1 toxic and 0 other texts are too few to fit"):
        NgramScorer.fit(["same"] * 80, [i % 2 == 0 for i in range(80)], SMALL)
    with pytest.raises(HormesisError, match="learned nothing"):
        NgramScorer.fit(["same " * (i + 1) for i in range(80)], [i % 2 == 0 for i in range(80)], SMALL)
