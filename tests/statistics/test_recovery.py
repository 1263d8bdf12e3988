"""Half-recovery on curves that are known."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd
import pytest

from hormesis.measurements import Measurement, to_frame
from hormesis.statistics import recovery_table, steps_to_recover


def test_half_recovery_is_interpolated() -> None:
    assert steps_to_recover([0, 10, 20], [0.1, 0.2, 0.4], base=0.5) == pytest.approx(15.0)
    assert steps_to_recover([0, 10], [0.1, 0.3], base=0.5) == pytest.approx(10.0)
    assert steps_to_recover([0, 10], [0.1, 0.2], base=0.5) == math.inf
    assert math.isnan(steps_to_recover([0, 10], [0.6, 0.7], base=0.5))
    assert steps_to_recover([0, 10, 20], [0.1, 0.5, 0.0], base=0.5) == pytest.approx(5.0)


def curve(method: str, seed: int, values: Sequence[float]) -> list[Measurement]:
    return [
        Measurement(
            cell=f"tamper-{method}-{seed}",
            share=0.1,
            budget="additive",
            method=method,
            code="test",
            init_seed=seed,
            data_seed=seed,
            order_seed=seed,
            scorer="exact",
            scorer_revision="1",
            tampering="adversarial",
            tampering_steps=steps,
            metric="toxicity_mean",
            domain="microworld",
            value=value,
            n=10,
            strength=0.0 if method == "base" else 8.0,
        )
        for steps, value in zip((0, 10, 20), values, strict=True)
    ]


def test_recovery_pools_seeds_and_knows_what_was_not_reached() -> None:
    rows: list[Measurement] = []
    for seed, values in enumerate(((0.1, 0.2, 0.4), (0.1, 0.5, 0.5), (0.1, 0.1, 0.1), (0.6, 0.6, 0.6))):
        rows += curve("base", seed, (0.5, 0.5, 0.5)) + curve("iti", seed, values)
    table = recovery_table(to_frame(rows))
    (found,) = table.to_dict("records")
    assert (found["method"], found["tampering"]) == ("iti", "adversarial")
    assert (found["seeds"], found["recovered"]) == (3, 2), "nothing was removed in the last seed"
    assert found["low"] == pytest.approx(5.0) and found["high"] == math.inf
    assert found["steps"] == pytest.approx(15.0), "the median, of which the unreached is the largest"
    assert recovery_table(to_frame([])).empty and recovery_table(to_frame(curve("iti", 0, (1, 1, 1)))).empty
    assert pd.isna(to_frame(rows)["tampering"]).sum() == 0
