"""The slope of likelihood on toxicity: known where it is known, and lowered by steering away from a word."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from hormesis.corpus import ContinuationsConfig, ScoredContinuations, read_continuations
from hormesis.detox import Unsteered
from hormesis.errors import HormesisError
from hormesis.evaluate import EvaluationSuite, Setting, measure
from hormesis.evaluate.capability import likelihoods
from hormesis.evaluate.likelihood import _slope, continuation_slopes
from hormesis.measurements import Origin
from hormesis.models import LanguageModel
from tests.evaluate.tiny import invented_texts, tiny_iti, tiny_model, tiny_tokenizer


def _texts(count: int = 40) -> ScoredContinuations:
    prompts, continuations = invented_texts(count, words=(2, 4)), invented_texts(2 * count, words=(2, 3))[count:]
    scores = np.random.default_rng(0).random(count)
    return ScoredContinuations(tuple((p, f" {c}") for p, c in zip(prompts, continuations, strict=True)), scores)


def test_a_planted_slope_is_found() -> None:
    generator = np.random.default_rng(1)
    scores = generator.random(4000)
    found = _slope(-3 - 0.5 * scores + generator.normal(0, 1, 4000), scores)
    assert found.low < -0.5 < found.high and found.high - found.low < 0.3 and found.n == 4000
    assert found.low < found.value < found.high


def test_it_is_of_nats_a_token_of_the_continuation_alone() -> None:
    lm, texts = LanguageModel.of(tiny_model(), tiny_tokenizer()), _texts()
    iti = tiny_iti()
    found = continuation_slopes(lm, texts, iti, [0.0, 3.0])
    lengths = np.array([len(lm.token_ids(text, special=False)) for _, text in texts.pairs])
    for place, strength in enumerate((0.0, 3.0)):
        per_token = likelihoods(lm, texts.pairs, iti, [0.0, 3.0])[place] / lengths
        wanted = np.polyfit(texts.scores, per_token, 1)[0]
        assert found[strength].value == pytest.approx(wanted, rel=1e-4) and found[strength].n == len(texts.pairs)
    assert found[0.0].value != found[3.0].value


def test_what_does_not_fit_the_context_is_left_out_and_rows_say_n() -> None:
    lm = LanguageModel.of(tiny_model(), tiny_tokenizer())
    long = ScoredContinuations((*_texts().pairs, ("mila " * 500, " tano")), np.append(_texts().scores, 0.5))
    found = measure(lm, Setting(), EvaluationSuite(likelihood=long))
    rows = [row for row in found.rows(Origin(cell="c", method="base")) if row.metric == "likelihood_slope"]
    assert [(row.n, row.strength, row.scorer) for row in rows] == [(40, 0.0, None)]
    with pytest.raises(HormesisError, match="fit the model's context"):
        continuation_slopes(lm, ScoredContinuations(long.pairs[-1:], np.array([0.1])), Unsteered(), [0.0])


def test_continuations_are_read_with_their_scores(tmp_path: Path) -> None:
    rows = [
        {"prompt": f"mila {i}", "continuation": " tano", "continuation_toxicity": None if i == 3 else i / 10}
        for i in range(9)
    ]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    config = ContinuationsConfig(path="rows.jsonl")
    assert read_continuations(config, tmp_path).scores.tolist() == [0, 0.1, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8]
    drawn = read_continuations(config.model_copy(update={"limit": 4}), tmp_path)
    assert len(drawn.pairs) == 4
    assert [pair[0] for pair in drawn.pairs] == [f"mila {round(10 * score)}" for score in drawn.scores]
    (tmp_path / "rows.jsonl").write_text(json.dumps({**rows[0], "continuation_toxicity": 7}) + "\n", encoding="utf-8")
    with pytest.raises(HormesisError, match=r"outside \[0, 1\]"):
        read_continuations(config, tmp_path)
