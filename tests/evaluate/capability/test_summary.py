"""Accuracies and their intervals from tables of answers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hormesis.errors import HormesisError
from hormesis.measurements import AnswerTable, Measurement, Origin, answer_measurements

ORIGIN = Origin(cell="x", share=0.0, budget="additive", method="iti", code="", scorer="s", scorer_revision="1")
UNSTEERED = replace(ORIGIN, method="base")


def answers(right: np.ndarray, *, strengths: tuple[float, ...] = (0.0,)) -> AnswerTable:
    """Two halves of a task, answered so at the first strength and all wrong at the others."""
    frames = [
        pd.DataFrame(
            {
                "domain": "arc_easy",
                "part": ["one" if item < len(right) // 2 else "two" for item in range(len(right))],
                "item": np.arange(len(right)),
                "strength": strength,
                "choices": 4,
                "right": right if place == 0 else 0.0,
                "right_normalised": np.nan,
            }
        )
        for place, strength in enumerate(strengths)
    ]
    return AnswerTable(pd.concat(frames))


def only(rows: list[Measurement], metric: str, domain: str, strength: float = 0.0) -> Measurement:
    (found,) = [row for row in rows if (row.metric, row.domain, row.strength) == (metric, domain, strength)]
    return found


def test_the_interval_of_one_model_is_wilsons() -> None:
    right = np.array([1.0] * 30 + [0.0] * 10)
    rows = answer_measurements([answers(right, strengths=(0.0, 2.0))], ORIGIN)
    found = only(rows, "accuracy", "arc_easy")
    p, n, z = 0.75, 40, 1.959964
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    assert (found.value, found.n, found.scorer) == (0.75, 40, None)
    assert [found.low, found.high] == pytest.approx([centre - half, centre + half])
    assert only(rows, "accuracy", "arc_easy/one").value == 1.0
    assert only(rows, "accuracy", "arc_easy/two").value == 0.5
    assert only(rows, "accuracy", "arc_easy", 2.0).value == 0.0
    assert only(rows, "chance", "arc_easy", 2.0).value == 0.25
    assert not [row for row in rows if row.metric == "accuracy_normalised"]


def test_seeds_are_pooled_over_the_same_questions() -> None:
    generator = np.random.default_rng(0)
    seeds = [generator.binomial(1, p, 400).astype(float) for p in (0.5, 0.6, 0.7)]
    found = only(answer_measurements([answers(right) for right in seeds], UNSTEERED), "accuracy", "arc_easy")
    assert found.value == pytest.approx(np.mean(seeds))
    assert found.n == 1200
    assert found.low is not None and found.high is not None
    alone = only(answer_measurements([answers(seeds[1])], UNSTEERED), "accuracy", "arc_easy")
    assert alone.low is not None and alone.high is not None
    # The seeds differ by more than the questions explain: the interval is wider than that of one model.
    assert found.high - found.low > alone.high - alone.low
    assert found.low < 0.6 < found.high


def test_other_questions_are_not_pooled() -> None:
    with pytest.raises(HormesisError, match="not over the same questions"):
        answer_measurements([answers(np.ones(4)), answers(np.ones(6))], ORIGIN)
    with pytest.raises(HormesisError, match="no table of answers"):
        answer_measurements([], ORIGIN)


def test_a_table_is_read_as_it_was_written(tmp_path: Path) -> None:
    table = answers(np.ones(4))
    table.write(tmp_path / "answers.parquet")
    pd.testing.assert_frame_equal(AnswerTable.read(tmp_path / "answers.parquet").frame, table.frame)
