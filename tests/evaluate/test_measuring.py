"""A model that is put to a suite: what is asked for is measured, once, and becomes the rows of its parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hormesis.corpus import LabelledTexts, Prompt
from hormesis.errors import HormesisError
from hormesis.evaluate import (
    EvaluationSuite,
    GenerationConfig,
    Setting,
    generate,
    language_model_cost,
    measure,
    score_generations,
)
from hormesis.evaluate.judged import prompt_table
from hormesis.measurements import Origin, document_measurements, prompt_measurements, to_frame
from hormesis.measurements.summary import SCORED_METRICS
from hormesis.models import LanguageModel
from hormesis.provenance import code_version
from tests.evaluate.tiny import tiny_iti, tiny_model, tiny_tokenizer

GENERATION = GenerationConfig(samples=3, max_new_tokens=4)
PROMPTS = {
    "one": [Prompt("mila", True, "a"), Prompt("tano", False, "b")],
    "other": [Prompt("resu", None, ""), Prompt("kopi", None, "")],
}
TEXTS = {"clean": ["mila tano", "resu"], "rude": ["kopi"]}
STEERED = Setting(tiny_iti(), (0.0, 3.0))


class Letters:
    revision = "1"

    def __init__(self, letter: str) -> None:
        self.name, self.letter = f"letter-{letter}", letter
        self.asked: list[list[str]] = []

    def score(self, texts: Sequence[str]) -> np.ndarray:
        self.asked.append(list(texts))
        return np.array([text.count(self.letter) / max(1, len(text)) for text in texts], dtype=np.float64)


@pytest.fixture
def lm() -> LanguageModel:
    return LanguageModel.of(tiny_model(), tiny_tokenizer(), "tiny")


def test_the_rows_are_those_of_the_parts_the_main_scorers_first(lm: LanguageModel) -> None:
    main, other = Letters("a"), Letters("e")
    suite = EvaluationSuite(PROMPTS, TEXTS, [main, other], generation=GENERATION)
    found = measure(lm, STEERED, suite)
    origin = Origin(cell="here", method="iti")
    by_hand = []
    for scorer in (main, other):
        stamp = replace(origin, scorer=scorer.name, scorer_revision=scorer.revision)
        for domain, prompts in PROMPTS.items():
            continued = generate(lm, [prompt.text for prompt in prompts], tiny_iti(), (0.0, 3.0), GENERATION)
            scores = score_generations(continued, scorer)
            rows = prompt_measurements([prompt_table(domain, prompts, continued, scores)], stamp)
            by_hand += rows if scorer is main else [row for row in rows if row.metric in SCORED_METRICS]
            if scorer is main:
                assert np.array_equal(found.scores[domain], scores)
                assert found.generations[domain].texts == continued.texts
        if scorer is main:
            for domain, texts in TEXTS.items():
                cost = language_model_cost(lm, texts, tiny_iti(), (0.0, 3.0), domain=domain)
                by_hand += document_measurements([cost], stamp)
    pd.testing.assert_frame_equal(to_frame(found.rows(origin)), to_frame(by_hand))
    assert list(found.prompts) == [(main.name, "1"), (other.name, "1")]
    assert found.answers is None and found.detection is None
    assert {row.code for row in by_hand} == {code_version()}


def test_each_prompt_is_continued_once_for_all_scorers_and_told(lm: LanguageModel) -> None:
    told: list[tuple[str, int, int]] = []
    scorers = [Letters("a"), Letters("e"), Letters("o")]
    suite = EvaluationSuite(PROMPTS, TEXTS, scorers, generation=GENERATION)
    found = measure(lm, Setting(), suite, progress=lambda *at: told.append(at))
    for domain, asked in zip(PROMPTS, scorers[0].asked, strict=True):
        texts = [text for prompt in found.generations[domain].texts for samples in prompt for text in samples]
        assert sorted(asked) == sorted(set(texts)), "the continuations alone, equal ones once"
        assert np.array_equal(found.scores[domain].ravel(), Letters("a").score(texts))
    assert scorers[0].asked == scorers[1].asked == scorers[2].asked
    table = found.prompts[scorers[0].name, "1"].frame
    assert table.groupby("domain")["count"].apply(list).to_dict() == {"one": [3, 3], "other": [3, 3]}
    steps = list(dict.fromkeys(what for what, _, _ in told))
    assert steps == [
        "continues one prompts", "continues other prompts", "cross-entropy on clean", "cross-entropy on rude",
    ]  # fmt: skip
    assert all([done for what, done, _ in told if what == step][-1] > 0 for step in steps)
    assert all(done <= whole for _, done, whole in told)


def test_only_the_unsteered_model_is_probed(lm: LanguageModel) -> None:
    texts = tuple(f"mila {word}" for word in ("tano", "resu", "kopi", "lane") * 12)
    labels = np.array([True, False] * 24)
    annotated = LabelledTexts(texts, labels, tuple(f"g{place // 4}" for place in range(48)))
    suite = EvaluationSuite(detection=annotated)
    detectors = {}
    for setting in (Setting(), STEERED):
        table = measure(lm, setting, suite).detection
        assert table is not None
        detectors[setting.intervention.name] = set(table.frame["detector"])
    assert detectors == {"base": {"zero_shot", "linear_probe"}, "iti": {"zero_shot"}}


def test_a_suite_of_nothing_and_prompts_without_a_scorer_are_refused() -> None:
    with pytest.raises(HormesisError, match="nothing to measure on"):
        EvaluationSuite()
    with pytest.raises(HormesisError, match="need a scorer"):
        EvaluationSuite(PROMPTS)
