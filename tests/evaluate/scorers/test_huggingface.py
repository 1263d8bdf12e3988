"""Any sequence classifier is a scorer: its toxic label is found, and its weights are its revision."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, cast

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertForSequenceClassification

from hormesis.errors import HormesisError
from hormesis.evaluate import HuggingFaceScorer
from tests.evaluate.tiny import invented_texts, tiny_tokenizer


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
