"""Costs by either definition, and a sign that one of them reverses."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hormesis.statistics import CostDefinition, Measurements, recommend, sign_grid
from hormesis.statistics.tradeoff import single_points

SHARES, SEEDS, STRENGTHS = (0.0, 0.1), (0, 1, 2), (0.0, 1.0, 2.0, 3.0)


def invented() -> pd.DataFrame:
    """A share of 10 % costs 0.1 nats before any steering, and steering lowers its toxicity more."""
    rows = []
    for share in SHARES:
        for seed in SEEDS:
            for strength in STRENGTHS:
                method = "iti" if strength else "base"
                toxicity = 0.4 + share - (0.02 + share) * strength + 0.001 * seed
                for metric, domain, value in (
                    ("toxicity_mean", "rtp", toxicity),
                    ("ce", "clean", 3.0 + share + 0.1 * strength + 0.01 * seed),
                    ("ce", "wiki", 4.0 + 3 * share + 0.3 * strength + 0.01 * seed),
                ):
                    rows.append((share, seed, method, strength, metric, domain, value))
    frame = pd.DataFrame(rows, columns=["share", "init_seed", "method", "strength", "metric", "domain", "value"])
    frame["cell"] = [f"cell-{share}-{seed}" for share, seed in zip(frame["share"], frame["init_seed"], strict=True)]
    scored = frame["metric"] == "toxicity_mean"
    frame = frame.assign(
        budget="additive", data_seed=frame["init_seed"], order_seed=0, heads=np.nan, site=None, n=100.0
    )
    frame = frame.assign(low=np.nan, high=np.nan, code="test", scorer=scored.map({True: "judge"}))
    return frame.assign(scorer_revision=scored.map({True: "1"}))


@pytest.fixture(scope="module")
def view() -> Measurements:
    return Measurements.of(invented())


def costs(view: Measurements, definition: CostDefinition, share: float) -> list[float]:
    points = single_points(view, view.prompt_sets[0], definition)
    chosen = points[(points["share"] == share) & (points["seed"] == "1") & (points["curve"] == "iti")]
    return list(chosen.sort_values("strength")["cost"])


def test_a_relative_cost_is_that_of_steering_and_an_absolute_one_counts_the_training_too(view: Measurements) -> None:
    relative, absolute = CostDefinition(("clean",)), CostDefinition(("clean",), absolute=True)
    for share in SHARES:
        assert costs(view, relative, share) == pytest.approx([0.0, 0.1, 0.2, 0.3])
    assert costs(view, absolute, 0.0) == pytest.approx([0.0, 0.1, 0.2, 0.3])
    assert costs(view, absolute, 0.1) == pytest.approx([0.1, 0.2, 0.3, 0.4])


def test_domains_are_averaged(view: Measurements) -> None:
    assert costs(view, CostDefinition(("clean", "wiki")), 0.1) == pytest.approx([0.0, 0.2, 0.4, 0.6])
    assert costs(view, CostDefinition(("clean", "wiki"), absolute=True), 0.1) == pytest.approx([0.2, 0.4, 0.6, 0.8])
    assert costs(view, CostDefinition(("clean", "absent")), 0.1) == [], "only what was measured on all of them"


def test_every_way_of_asking_is_in_the_grid_and_the_sign_may_turn(view: Measurements) -> None:
    labels = [definition.label for definition in view.cost_definitions]
    assert len(labels) == 6 and labels[0] == "ΔCE on clean" and labels[-1].endswith("clean, wiki")
    found = sign_grid(view, [0.12]).set_index("cost_definition")
    assert found.loc["ΔCE on clean", "sign"] == -1
    assert found.loc["CE above unsteered lowest share on clean", "sign"] == 1
    assert "CE above unsteered lowest share on wiki" not in found.index, "10 % is beyond it unsteered"


def test_a_recommendation_says_which_cost_it_is_at(view: Measurements) -> None:
    definition = CostDefinition(("clean",), absolute=True)
    for wanted, best in ((view.cost, 0.1), (definition, 0.0)):
        found = recommend(view, view.prompt_sets[0], "iti", 0.12, definition=wanted)
        assert (found.share, found.definition) == (best, wanted)
