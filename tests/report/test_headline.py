"""The headline numbers are those of the invented frame, whose truth is known."""

from __future__ import annotations

import json

import numpy as np
import pytest

from hormesis.report.summary import sentences
from hormesis.statistics.headline import AtCost, Headline, headlines, reachable_cost
from hormesis.statistics.intervals import STUDENT, t_interval
from hormesis.statistics.view import Measurements
from tests.report.invented import STRENGTHS, base_toxicity, cost, invented, steered_toxicity

BUDGETS = (0.05, 0.1, 0.2)


def at(headline: Headline, method: str, budget: float) -> AtCost:
    return next(each for each in headline.at_cost if (each.method, each.capability_cost) == (method, budget))


def truth(share: float, budget: float) -> float:
    costs = [0.0, *map(cost, STRENGTHS)]
    return float(np.interp(budget, costs, [base_toxicity(share), *(steered_toxicity(share, s) for s in STRENGTHS)]))


def test_toxicity_at_equal_cost_is_the_interpolated_truth() -> None:
    found = headlines(Measurements.of(invented(domains=["rtp"], noise=0.0)), BUDGETS)
    assert [headline.share for headline in found] == [0.0, 0.05, 0.1, 0.15, 0.2, 0.25]
    for headline in found:
        assert headline.base.value == pytest.approx(base_toxicity(headline.share))
        assert headline.fixed["prompting"].value == pytest.approx(0.9 * base_toxicity(headline.share))
        for budget in BUDGETS:
            each = at(headline, "iti", budget)
            assert each.toxicity.value == pytest.approx(truth(headline.share, budget))
            assert each.area.value is not None and each.area.value < budget * base_toxicity(headline.share)


def test_intervals_are_over_seeds_and_differences_are_paired() -> None:
    found = headlines(Measurements.of(invented((0.0, 0.1), seeds=(0, 1, 2), domains=["rtp"])), BUDGETS)
    clean, tenth = (at(headline, "iti", 0.1) for headline in found)
    assert tenth.toxicity.interval == STUDENT and tenth.toxicity.seeds == 3
    of_seeds = t_interval(list(tenth.by_seed.values()))
    assert (tenth.toxicity.low, tenth.toxicity.high) == (of_seeds.low, of_seeds.high)
    differences = [tenth.by_seed[seed] - clean.by_seed[seed] for seed in ("0", "1", "2")]
    assert tenth.difference.value == pytest.approx(np.mean(differences))
    assert tenth.difference.low == pytest.approx(t_interval(differences).low)
    assert clean.difference.value is None and "lowest share" in clean.difference.reason


def test_a_cost_that_was_not_reached_is_unknown_with_its_reason() -> None:
    found = headlines(Measurements.of(invented((0.0,), domains=["rtp"])), (10.0,))
    each = at(found[0], "iti", 10.0)
    assert each.toxicity.value is None and each.strength is None
    assert "strongest strength costs 0.432" in each.toxicity.reason


def test_the_largest_cost_that_all_reached_is_found() -> None:
    frame = invented((0.0, 0.1), domains=["rtp"])
    assert reachable_cost(Measurements.of(frame)) == 0.43
    short = (frame["share"] == 0.1) & (frame["init_seed"] == 1) & (frame["strength"] > 4) & (frame["method"] == "iti")
    assert reachable_cost(Measurements.of(frame[~short])) == 0.048
    assert reachable_cost(Measurements.of(frame[frame["metric"] != "toxicity_mean"])) is None


def test_without_cross_entropy_nothing_is_claimed_at_equal_cost() -> None:
    frame = invented((0.0, 0.1), domains=["rtp"])
    view = Measurements.of(frame[~frame["metric"].isin(["ce", "ce_cost", "kl"])])
    found = headlines(view, BUDGETS)
    assert found[0].base.value is not None
    assert all(each.toxicity.value is None for headline in found for each in headline.at_cost)
    assert "unknown: no CE" in sentences(found, view.capability_domain)[0]


def test_one_seed_has_no_interval() -> None:
    each = at(headlines(Measurements.of(invented((0.0,), seeds=(4,))), BUDGETS)[0], "iti", 0.1)
    assert (each.toxicity.low, each.toxicity.high) == (None, None)
    assert each.toxicity.reason == "one seed: no interval"


def test_pooled_rows_alone_give_a_value_without_interval() -> None:
    frame = invented((0.0, 0.1), domains=["rtp"])
    found = headlines(Measurements.of(frame[frame["cell"] == "pooled"]), BUDGETS)
    each = at(found[1], "iti", 0.2)
    assert each.toxicity.value == pytest.approx(truth(0.1, 0.2))
    assert each.toxicity.low is None and "pooled curve" in each.toxicity.reason


def test_several_numbers_of_heads_share_one_frontier() -> None:
    frame = invented((0.1,), domains=["rtp"], noise=0.0)
    worse = frame[frame["heads"].notna()].assign(heads=30)
    worse = worse.assign(value=worse["value"].where(worse["metric"] != "toxicity_mean", worse["value"] + 0.2))
    found = headlines(Measurements.of(type(frame)(np.concatenate([frame, worse]), columns=frame.columns)), BUDGETS)
    assert at(found[0], "iti", 0.1).toxicity.value == pytest.approx(truth(0.1, 0.1))


def test_sentences_name_the_lowest_share_and_whether_the_seeds_agree() -> None:
    view = Measurements.of(invented((0.0, 0.1), domains=["rtp"], noise=0.0))
    (text,) = sentences(headlines(view, (0.4,)), view.capability_domain)
    lowest = min((0.0, 0.1), key=lambda share: truth(share, 0.4))
    assert f"leaves the least at {100 * lowest:g} %: {truth(lowest, 0.4):.3f}" in text
    assert "Each of the 2 seeds by itself" in text
    assert json.dumps(text)


def test_seeds_that_disagree_are_said_to() -> None:
    frame = invented((0.0, 0.1), domains=["rtp"], noise=0.0, pooled=False)
    flipped = (frame["init_seed"] == 1) & (frame["share"] == 0.0) & (frame["metric"] == "toxicity_mean")
    frame["value"] = frame["value"].where(~flipped, 0.9)
    view = Measurements.of(frame)
    (text,) = sentences(headlines(view, (0.1,)), view.capability_domain)
    assert "Seed by seed the least is at 0 %, 10 %" in text


def test_ties_are_said_to_be_ties() -> None:
    frame = invented((0.0, 0.1), domains=["rtp"])
    view = Measurements.of(frame.assign(value=frame["value"].mask(frame["metric"] == "toxicity_mean", 0.0)))
    (text,) = sentences(headlines(view, (0.1,)), view.capability_domain)
    assert "Some shares tie within a seed" in text
