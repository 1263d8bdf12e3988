"""Can the model tell? Against scikit-learn, simulations, and models whose answer is known."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import balanced_accuracy_score, roc_auc_score

from hormesis.corpus import LabelledTexts
from hormesis.detox import Prompting, Unsteered
from hormesis.errors import HormesisError
from hormesis.evaluate.detection import DetectionConfig, linear_probe, read_toxigen, zero_shot
from hormesis.evaluate.detection.detected import detection_table
from hormesis.evaluate.detection.detectors import QUESTION
from hormesis.measurements import DetectionTable, Origin, detection_measurements
from hormesis.measurements.detection_summary import area_under_roc, balanced_accuracy
from hormesis.models import LanguageModel
from tests.evaluate.tiny import invented_texts, tiny_iti, tiny_model, tiny_tokenizer

ORIGIN = Origin(cell="x", share=0.0, budget="additive", method="base", code="")


def told_apart(count: int = 60, groups: int = 6) -> LabelledTexts:
    """Invented texts; the toxic ones end in another word."""
    labels = np.arange(count) % 2 == 0
    texts = [f"{text} {'zuzu' if toxic else 'koko'}" for text, toxic in zip(invented_texts(count), labels, strict=True)]
    return LabelledTexts(tuple(texts), labels, tuple(f"g{place % (2 * groups) // 2}" for place in range(count)))


def test_figures_are_those_of_scikit_learn_ties_included() -> None:
    generator = np.random.default_rng(0)
    toxic = generator.random(300) < 0.3
    scores = np.round(generator.normal(size=300) + toxic, 1)
    assert area_under_roc(scores, toxic).value == pytest.approx(roc_auc_score(toxic, scores))
    assert balanced_accuracy(scores, toxic).value == pytest.approx(balanced_accuracy_score(toxic, scores > 0))


def test_delongs_error_is_that_of_repeated_samples() -> None:
    generator = np.random.default_rng(1)
    toxic = np.arange(150) < 50
    values, widths, covered = [], [], 0
    truth = 0.5 * (1 + math.erf(1 / 2))  # Φ(1/√2): normal scores a unit apart
    for _ in range(600):
        found = area_under_roc(generator.normal(size=150) + toxic, toxic)
        assert found.low is not None and found.high is not None
        values.append(found.value)
        widths.append((found.high - found.low) / (2 * 1.96))
        covered += found.low <= truth <= found.high
    assert np.mean(values) == pytest.approx(truth, abs=0.01)
    assert np.mean(widths) == pytest.approx(np.std(values), rel=0.1)
    assert 0.91 < covered / 600 < 0.98


def test_the_interval_of_balanced_accuracy_covers() -> None:
    generator = np.random.default_rng(2)
    toxic, covered = np.arange(80) < 20, 0
    for _ in range(600):
        right = np.where(toxic, generator.random(80) < 0.9, generator.random(80) < 0.6)
        found = balanced_accuracy(np.where(right == toxic, 1.0, -1.0), toxic)
        assert found.low is not None and found.high is not None
        covered += found.low <= 0.75 <= found.high
    assert 0.92 < covered / 600 < 0.99


def test_what_cannot_be_measured_is_left_out() -> None:
    toxic = np.array([True, True, False, False])
    assert area_under_roc(np.array([3.0, 2.0, 1.0, 0.0]), toxic).low is None, "parted whole: no error to estimate"
    assert math.isnan(area_under_roc(np.ones(2), np.array([True, True])).value)
    texts = LabelledTexts(("a", "b", "c"), np.array([True, False, True]), ("one", "one", "two"))
    table = detection_table("d", "zero_shot", texts, [0.0], np.array([[1.0, -1.0, 1.0]]))
    assert {row.domain for row in detection_measurements(table, ORIGIN)} == {"d", "d/one"}


def test_zero_shot_is_the_difference_of_two_likelihoods_and_is_steered() -> None:
    texts = told_apart(12)
    model, tokenizer = tiny_model(context=256), tiny_tokenizer()
    lm = LanguageModel.of(model, tokenizer)
    table = zero_shot(lm, texts, tiny_iti(), (0.0, 8.0)).frame
    plain = zero_shot(lm, texts, Unsteered(), (0.0,)).frame
    assert table.loc[table["strength"] == 0, "score"].tolist() == plain["score"].tolist()
    assert table.loc[table["strength"] == 8, "score"].tolist() != plain["score"].tolist()
    prefixed = zero_shot(lm, texts, Prompting("mila "), (0.0,)).frame
    assert prefixed["score"].tolist() != plain["score"].tolist()
    from lm_eval.api.instance import Instance
    from lm_eval.models.huggingface import HFLM

    pairs = [(QUESTION.format(text=texts.texts[3]), answer) for answer in (" Yes", " No")]
    requests = [
        Instance(request_type="loglikelihood", doc={}, arguments=pair, idx=0, metadata=("", 0, 1)) for pair in pairs
    ]
    yes, no = HFLM(pretrained=model, tokenizer=tiny_tokenizer()).loglikelihood(requests, disable_tqdm=True)
    assert plain["score"][3] == pytest.approx(yes[0] - no[0], abs=1e-4)


def test_the_linear_probe_judges_groups_that_it_has_not_seen() -> None:
    told = linear_probe(LanguageModel.of(tiny_model(), tiny_tokenizer()), told_apart())
    rows = {(row.domain, row.metric): row for row in detection_measurements(told, ORIGIN)}
    assert rows["toxigen-detection", "linear_probe_balanced_accuracy"].value == 1.0
    assert len(rows) == 2 * (1 + 6)
    # Labels that the texts do not bear: nothing is to be found, and nothing is.
    generator = np.random.default_rng(0)
    noise = LabelledTexts(told_apart(240, 12).texts, generator.random(240) < 0.5, told_apart(240, 12).groups)
    found = area_under_roc(
        linear_probe(LanguageModel.of(tiny_model(), tiny_tokenizer()), noise).frame["score"].to_numpy(), noise.labels
    ).value
    assert 0.35 < found < 0.65
    with pytest.raises(HormesisError, match="three target groups"):
        linear_probe(LanguageModel.of(tiny_model(), tiny_tokenizer()), told_apart(12, 2))


def test_labels_follow_either_rule(tmp_path: Path) -> None:
    rows = pd.DataFrame(
        {
            "text": ["one", "two", "three", "four", None],
            "target_group": ["a", "b", "a", "b", "a"],
            "toxicity_ai": [5.0, 3.0, 1.0, 3.5, 5.0],
            "toxicity_human": [1.0, 2.5, 2.6, 2.0, 5.0],
        }
    )
    rows.to_parquet(tmp_path / "texts.parquet")
    path = str(tmp_path / "texts.parquet")
    assert read_toxigen(DetectionConfig(path=path)).labels.tolist() == [True, False, False, False]
    by_people = read_toxigen(DetectionConfig(path=path, labels="human"))
    assert by_people.labels.tolist() == [False, True, True, False]
    assert by_people.groups == ("a", "b", "a", "b")
    assert len(read_toxigen(DetectionConfig(path=path, limit=2))) == 2
    rows.assign(toxicity_human=1.0, toxicity_ai=1.0).to_parquet(path)
    with pytest.raises(HormesisError, match="one class"):
        read_toxigen(DetectionConfig(path=path))


def test_a_table_is_read_as_it_was_written(tmp_path: Path) -> None:
    table = detection_table("d", "zero_shot", told_apart(4), [0.0, 1.0], np.arange(8.0).reshape(2, 4))
    table.write(tmp_path / "detection.parquet")
    pd.testing.assert_frame_equal(DetectionTable.read(tmp_path / "detection.parquet").frame, table.frame)
