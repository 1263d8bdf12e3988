"""The tail of head accuracies: no winner's curse, models exchanged and not heads."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hormesis.statistics import HeadTable, tail_differences
from hormesis.statistics.tails import ABOVE, TOP_MEAN

HEADS, NOISE = 80, 0.05


def heads(shares: dict[float, float], seeds: int, *, test: bool = True) -> pd.DataFrame:
    """Accuracy .6 for all heads, and a tenth of them better by what ``shares`` says; noise on validation and test."""
    generator = np.random.default_rng(5)
    rows = []
    for share, better in shares.items():
        for seed in range(seeds):
            true = 0.6 + np.where(np.arange(HEADS) < HEADS / 10, better, 0.0)
            for domain in ("concept", "concept/test")[: 1 + test]:
                values = true + generator.normal(0, NOISE, HEADS)
                rows += [(share, str(seed), domain, f"{i:03}.0", "probe_accuracy", v) for i, v in enumerate(values)]
    return pd.DataFrame(rows, columns=["share", "seed", "domain", "site", "metric", "value"])


def test_the_value_is_that_of_texts_that_did_not_choose_the_heads() -> None:
    frame = heads({0.0: 0.0}, 20)
    honest, cursed = HeadTable.of(frame, "concept"), HeadTable.of(frame[frame["domain"] == "concept"], "concept")
    assert honest.honest
    assert not cursed.honest
    assert honest.panel(TOP_MEAN).means[0] == pytest.approx(0.6, abs=0.01)
    assert cursed.panel(TOP_MEAN).means[0] > 0.66


def test_a_fatter_tail_is_measured_in_standard_deviations_of_heads() -> None:
    table = HeadTable.of(heads({0.0: 0.0, 0.25: 0.2}, 8), "concept")
    found = tail_differences(table)[0]
    assert found.difference == pytest.approx(0.2, abs=0.02)
    assert found.p == found.smallest == 1 / 128
    assert found.effect is not None
    assert found.effect.value == pytest.approx(0.2 / NOISE, rel=0.15)
    assert found.effect.low < 0.2 / NOISE < found.effect.high
    above = tail_differences(table, ABOVE)[0]
    assert above.reference_value == pytest.approx(0.1, abs=0.03)
    assert above.value == pytest.approx(0.19, abs=0.03)


def test_two_seeds_cannot_find_anything_between_two_shares_however_many_heads_there_are() -> None:
    found = tail_differences(HeadTable.of(heads({0.0: 0.0, 0.25: 0.3}, 2), "concept"))[0]
    assert found.p == found.smallest == 0.5
