"""A text metric is one decorated function: it becomes a column, and a measurement with an interval."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hormesis.corpus import Prompt
from hormesis.errors import HormesisError
from hormesis.evaluate import Generations
from hormesis.evaluate.judged import prompt_table
from hormesis.evaluate.text_metrics import TEXT_METRICS, text_measures, text_metric
from hormesis.measurements import Origin, PromptTable, prompt_measurements
from tests.blocking import HEAVY, run_without
from tests.evaluate.text_metrics.continuations import PROMPT, of_texts
from tests.registering import restored

ORIGIN = Origin(cell="c", share=0.0, budget="additive", method="base", code="0", init_seed=0)
TEXTS = ["the GOOSE", "a river", "and THE drum"]


def capitals(generations: Generations) -> np.ndarray:
    return np.array([[np.mean([t != t.lower() for t in each]) for each in prompt] for prompt in generations.texts])


def musical(generations: Generations) -> np.ndarray:
    return np.array([[["drum" in text for text in each] for each in prompt] for prompt in generations.texts])


def _table(texts: list[str] = TEXTS) -> PromptTable:
    return prompt_table("rtp", [Prompt(PROMPT, None, "all")], of_texts(texts), np.full((1, 1, len(texts)), 0.5))


def test_a_metric_of_ones_own_is_measured_and_kept(tmp_path: Path) -> None:
    before = _table()
    with restored(TEXT_METRICS):
        text_metric("share with capitals", more_is_better=False)(capitals)
        assert str(TEXT_METRICS.version("capitals")).startswith("script@")
        table = _table()
    assert set(table.frame.columns) - set(before.frame.columns) == {"capitals"}
    assert list(before.frame["degenerate"]) == list(table.frame["degenerate"])
    table.write(tmp_path / "p.parquet")
    again = PromptTable.read(tmp_path / "p.parquet")
    rows = {row.metric: row for row in prompt_measurements([again], ORIGIN)}
    assert rows["capitals"].value == pytest.approx(2 / 3) and rows["capitals"].n == 1
    old = [row.metric for row in prompt_measurements([before], ORIGIN)]
    assert [row.metric for row in prompt_measurements([again], ORIGIN) if row.metric != "capitals"] == old
    pooled = {row.metric: row for row in prompt_measurements([before, again], ORIGIN)}
    assert pooled["capitals"].value == pytest.approx(2 / 3), "the seed that was measured before it says nothing"


def test_what_breaks_a_continuation_makes_it_degenerate() -> None:
    with restored(TEXT_METRICS):
        text_metric("musical continuations", breaks=True)(musical)
        found = text_measures(of_texts([*TEXTS, " "]))
    assert found.values["musical"].tolist() == [[0.25]] and found.values["degenerate"].tolist() == [[0.5]]
    assert found.sound.tolist() == [[[True, True, False, False]]]


def test_a_metric_of_another_shape_or_name_is_refused() -> None:
    with restored(TEXT_METRICS):
        text_metric("musical")(musical)
        with pytest.raises(ValueError, match="the text metric musical gives"):
            _table()
    with restored(TEXT_METRICS):
        TEXT_METRICS.register("count", TEXT_METRICS["length"], source=capitals)
        with pytest.raises(HormesisError, match="a text metric is called count, like a column"):
            _table()


def test_every_metric_says_what_it_is_without_torch() -> None:
    code = "from hormesis.evaluate.text_metrics import TEXT_METRICS; print(*TEXT_METRICS)"
    names = "copied distinct_1 distinct_2 distinct_3 empty length looping not_text repetition"
    assert set(names.split()) <= set(run_without(HEAVY, code).split())
    assert all(metric.label for metric in TEXT_METRICS.values())
