"""Heads are summarised by their top and their middle, and the top is judged on texts that did not choose it."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from hormesis.statistics.heads import probe_summary, top_count
from hormesis.statistics.view import Measurements
from tests.report.invented import HEADS, invented


@pytest.mark.parametrize(("heads", "top"), [(1, 1), (16, 2), (256, 26), (1024, 30)])
def test_the_top_is_a_tenth_and_at_most_thirty(heads: int, top: int) -> None:
    assert top_count(heads) == top


def test_each_model_is_a_row() -> None:
    frame = invented((0.0, 0.1), seeds=(0, 1, 2))
    summary = probe_summary(Measurements.of(frame).heads)
    assert len(summary) == 2 * 3 * 2  # shares × seeds × metrics
    row = summary[(summary["share"] == 0.1) & (summary["metric"] == "probe_accuracy")].iloc[0]
    values = frame[(frame["share"] == 0.1) & (frame["init_seed"] == 0) & (frame["metric"] == "probe_accuracy")]["value"]
    assert (row["heads"], row["top"]) == (HEADS, 2)
    assert row["top_mean"] == pytest.approx(values.nlargest(2).mean())
    assert row["median"] == pytest.approx(values.median())
    assert math.isnan(row["top_on_test"])


def test_the_same_heads_are_judged_on_the_test_texts() -> None:
    frame = invented((0.1,), seeds=(0,))
    heads = frame[frame["site"].notna()]
    test = heads.assign(domain="toxigen/test", value=1 - heads["value"])  # the best on one are the worst on the other
    summary = probe_summary(Measurements.of(pd.concat([frame, test])).heads)
    row = summary[(summary["domain"] == "toxigen") & (summary["metric"] == "probe_accuracy")].iloc[0]
    assert row["top_on_test"] == pytest.approx(1 - row["top_mean"])
