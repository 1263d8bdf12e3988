"""The noise floor is the spread that was put in."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hormesis.statistics import Measurements, noise_floor, step_noise
from tests.report.invented import invented


def test_the_seeds_spread_is_found() -> None:
    rows = invented((0.0, 0.1), tuple(range(12)), domains=("rtp",), pooled=False)
    chosen = (rows["metric"] == "toxicity_mean") & (rows["method"] == "base")
    noise = np.random.default_rng(0).normal(0, 0.05, int(chosen.sum()))
    rows.loc[chosen, "value"] = 1.0 + rows.loc[chosen, "share"] + noise
    floor = noise_floor(Measurements.of(rows))
    (row,) = floor.query("method == 'base' and metric == 'toxicity_mean' and domain == 'rtp'").to_dict("records")
    assert row["freedom"] == 22
    assert row["seed_sd"] == pytest.approx(0.05, rel=0.4)
    assert row["of_mean"] == pytest.approx(row["seed_sd"] / 1.05, rel=0.1)


def test_steps_are_compared_with_their_neighbours() -> None:
    common = {"budget": "additive", "share": 0.1, "data_seed": 0, "order_seed": 0, "method": "base", "strength": 0.0}
    common |= {"site": "1", "metric": "entanglement", "domain": "concept"}
    rows = pd.DataFrame(
        [
            {**common, "cell": f"c{tokens}-{seed}", "init_seed": seed, "training_tokens": tokens, "value": value}
            for seed in (0, 1)
            for tokens, value in [(0, 9.0), (10, 0.5), (20, 0.7), (None, 0.5)]
        ]
    )
    (row,) = step_noise(rows).to_dict("records")
    assert row["step_sd"] == pytest.approx(0.2 / np.sqrt(2)) and row["models"] == 2
    assert step_noise(rows.drop(columns="training_tokens")).empty
