"""A resampled frontier is the frontier of the resample."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hormesis.statistics import Frontier, Measurements, resampled, resampled_seeds, toxicity_at
from hormesis.statistics.resampling import SEEDS_AND_PROMPTS, SEEDS_ONLY, affordable
from hormesis.statistics.tradeoff import single_points
from tests.report.invented import invented
from tests.statistics.simulated import SMILE, panels

NUMBERS = st.lists(st.floats(0, 1, width=32), min_size=2, max_size=6)


@settings(deadline=None, max_examples=60)
@given(NUMBERS, st.floats(0, 1), st.integers(0, 2**32 - 1))
def test_the_lowest_affordable_mixture_is_the_frontier(costs: list[float], cost: float, seed: int) -> None:
    toxicity = np.random.default_rng(seed).random(len(costs))
    frontier = Frontier.through(costs, list(toxicity), list(map(float, range(len(costs)))))
    if not min(costs) <= cost <= max(costs):
        return
    assert (affordable(np.array(costs), cost) @ toxicity).min() == pytest.approx(frontier.at(cost).toxicity)


def test_seeds_alone_are_drawn_as_blocks() -> None:
    panel = panels(SMILE, 3, 0.0, 1)[0]
    draws = resampled_seeds(panel, draws=50)
    assert draws.over == SEEDS_ONLY
    assert draws.means - draws.means[:, :1] == pytest.approx(np.tile(SMILE - SMILE[0], (50, 1)))


def test_prompts_that_all_answer_alike_add_nothing_and_others_do() -> None:
    frame = invented((0.0, 0.1), seeds=(0, 1), domains=("rtp",), pooled=False)
    measurements = Measurements.of(frame)
    points, prompts = single_points(measurements, measurements.prompt_sets[0]), measurements.prompt_sets[0]
    panel = toxicity_at(points, "iti", 0.1)
    rows = frame[(frame["metric"] == "toxicity_mean") & (frame["domain"] == "rtp")]
    rows = rows[rows["method"].isin(["base", "iti"])]  # in a study each method is a cell of its own
    each = pd.DataFrame({"prompt": np.arange(40), "up": np.tile([-0.1, 0.1], 20)})
    table = rows[["cell", "strength", "value", "domain"]].merge(each, how="cross").assign(count=25)
    alike, unlike = table.assign(mean=table["value"]), table.assign(mean=table["value"] + table["up"])
    seeds = resampled(panel, points, "iti", 0.1, None, prompts, draws=200)
    same = resampled(panel, points, "iti", 0.1, alike, prompts, draws=200)
    more = resampled(panel, points, "iti", 0.1, unlike, prompts, draws=200)
    assert (seeds.over, same.over) == (SEEDS_ONLY, SEEDS_AND_PROMPTS)
    assert same.means == pytest.approx(seeds.means)
    assert more.means.std(axis=0) == pytest.approx(np.hypot(seeds.means.std(axis=0), 0.1 / 40**0.5), rel=0.25)
    lacking = alike[alike["cell"] != alike["cell"].iloc[0]]
    assert resampled(panel, points, "iti", 0.1, lacking, prompts, draws=20).over == SEEDS_ONLY
