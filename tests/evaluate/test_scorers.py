from __future__ import annotations

import json
from pathlib import Path
from typing import Literal, cast

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score
from transformers import BertConfig, BertForSequenceClassification

from hormesis.corpus import Microworld, MicroworldConfig
from hormesis.errors import HormesisError
from hormesis.evaluate import HuggingFaceScorer, MicroworldScorer, NgramConfig, NgramScorer, scorer_agreement
from tests.evaluate.tiny import invented_texts, tiny_tokenizer

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
    assert sorted(path.name for path in (tmp_path / "scorer").iterdir()) == ["scorer.json", "scorer.safetensors"]
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
    ngram.save(folder)
    (folder / "scorer.safetensors").write_bytes(b"broken")
    with pytest.raises(HormesisError, match="cannot be loaded"):
        NgramScorer.load(folder)


@pytest.mark.parametrize(
    ("texts", "labels", "message"),
    [(["a"] * 5, [True] * 4, "5 texts have 4 labels"), (["a"] * 30, [True] * 30, "30 toxic and 0 other")],
)
def test_ngram_scorer_refuses_bad_labels(texts: list[str], labels: list[bool], message: str) -> None:
    with pytest.raises(HormesisError, match=message):
        NgramScorer.fit(texts, labels, SMALL)


def test_ngram_scorer_refuses_to_know_nothing() -> None:
    texts = ["zu mi", "zu ta"] * 40
    with pytest.raises(HormesisError, match="learned nothing"):
        NgramScorer.fit(["same"] * 80, [i % 2 == 0 for i in range(len(texts))], SMALL)


def test_microworld_scorer_is_the_truth() -> None:
    world = Microworld()
    scorer = MicroworldScorer(world)
    texts = [document.text for document in world.toxic(30)]
    assert scorer.score(texts).tolist() == [world.toxicity(text) for text in texts]
    assert scorer.score(texts).max() > 0
    assert scorer.revision != MicroworldScorer(Microworld(MicroworldConfig(heat=0.3))).revision


def _classifier(folder: Path, labels: list[str], problem: str | None = None) -> BertForSequenceClassification:
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=257, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        max_position_embeddings=32, id2label=dict(enumerate(labels)), initializer_range=0.5,
        problem_type=cast(Literal["regression"] | None, problem),
    )  # fmt: skip
    model = BertForSequenceClassification(config)
    model.train(False)
    model.save_pretrained(folder)
    tiny_tokenizer().save_pretrained(folder)
    return model


@pytest.mark.parametrize(
    ("labels", "problem", "label", "column", "independent"),
    [
        (["non-toxic", "Toxic"], None, None, 1, False),
        (["hate", "no_hate"], None, None, 0, False),
        (["obscene", "toxicity", "hate"], "multi_label_classification", None, 1, True),
        (["LABEL_0", "LABEL_1"], None, "label_1", 1, False),
        (["score"], None, None, 0, True),
    ],
)
def test_hugging_face_scorer_reads_the_toxic_label(
    tmp_path: Path, labels: list[str], problem: str | None, label: str | None, column: int, independent: bool
) -> None:
    model = _classifier(tmp_path / "judge", labels, problem)
    scorer = HuggingFaceScorer(tmp_path / "judge", label=label, batch_size=3)
    texts = [*invented_texts(7), "x" * 90]
    scores = scorer.score(texts)
    for text, score in zip(texts, scores, strict=True):
        ids = torch.tensor([tiny_tokenizer()(text)["input_ids"][:32]])
        with torch.inference_mode():
            logits = model(ids).logits[0]
        expected = logits.sigmoid() if independent else logits.softmax(-1)
        assert abs(float(expected[column]) - score) < 1e-5
    assert scorer.name == "judge" and labels[column] in scorer.revision
    assert np.isnan(scorer.score([""])).all(), "no tokens, no score"
    assert scorer.score([]).shape == (0,)


def test_hugging_face_scorer_revision_follows_the_weights(tmp_path: Path) -> None:
    model = _classifier(tmp_path / "judge", ["clean", "toxic"])
    before = HuggingFaceScorer(tmp_path / "judge").revision
    with torch.no_grad():
        model.classifier.bias.add_(1)
    model.save_pretrained(tmp_path / "judge")
    assert HuggingFaceScorer(tmp_path / "judge").revision != before


def test_hugging_face_scorer_errors(tmp_path: Path) -> None:
    with pytest.raises(HormesisError, match="cannot be loaded"):
        HuggingFaceScorer(tmp_path / "nowhere")
    _classifier(tmp_path / "judge", ["LABEL_0", "LABEL_1"])
    with pytest.raises(HormesisError, match="no label of the scorer"):
        HuggingFaceScorer(tmp_path / "judge")
    with pytest.raises(HormesisError, match="no label 'mean'"):
        HuggingFaceScorer(tmp_path / "judge", label="mean")


def test_agreement_leaves_failures_out() -> None:
    reference = np.array([0.1, 0.4, 0.6, 0.9, 0.9])
    found = scorer_agreement(np.array([0.0, 0.2, 0.3, 0.8, np.nan]), reference)
    assert (found.auroc, found.spearman, found.n, found.failures) == (1.0, 1.0, 4, 1)
    assert np.isnan(scorer_agreement(np.ones(5), reference).spearman)
    with pytest.raises(HormesisError, match="3 scores"):
        scorer_agreement(np.ones(3), reference)
