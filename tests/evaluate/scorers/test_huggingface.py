"""Any sequence classifier is a scorer: its toxic label is found, and its weights are its revision."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from hormesis.errors import HormesisError
from hormesis.evaluate import HuggingFaceScorer
from tests.evaluate.tiny import invented_texts, save_classifier, tiny_tokenizer


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
    model = save_classifier(tmp_path / "judge", labels, problem)
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
    model = save_classifier(tmp_path / "judge", ["clean", "toxic"])
    before = HuggingFaceScorer(tmp_path / "judge").revision
    with torch.no_grad():
        model.classifier.bias.add_(1)
    model.save_pretrained(tmp_path / "judge")
    assert HuggingFaceScorer(tmp_path / "judge").revision != before


def test_hugging_face_scorer_errors(tmp_path: Path) -> None:
    with pytest.raises(HormesisError, match="cannot be loaded"):
        HuggingFaceScorer(tmp_path / "nowhere")
    save_classifier(tmp_path / "judge", ["LABEL_0", "LABEL_1"])
    with pytest.raises(HormesisError, match="no label of the scorer"):
        HuggingFaceScorer(tmp_path / "judge")
    with pytest.raises(HormesisError, match="no label 'mean'"):
        HuggingFaceScorer(tmp_path / "judge", label="mean")


@pytest.mark.parametrize("label", ["non-toxic", "not hateful", "positive"])
def test_a_lone_label_of_another_meaning_is_not_the_toxic_one(tmp_path: Path, label: str) -> None:
    save_classifier(tmp_path / "judge", [label])
    with pytest.raises(HormesisError, match="no label of the scorer") as caught:
        HuggingFaceScorer(tmp_path / "judge")
    assert "@LABEL" in caught.value.fix and "`label:`" in caught.value.fix
    assert HuggingFaceScorer(tmp_path / "judge", label=label).revision.endswith(label)
