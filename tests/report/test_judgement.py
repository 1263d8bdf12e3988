"""What the page says the data decide follows from the rows, and says how sure it is."""

from __future__ import annotations

import numpy as np
import pytest

from hormesis.report.figures import house_style
from hormesis.report.figures.equal_cost import equal_cost
from hormesis.report.judgement_grids import detectable_grid, difference_grids, tail_grid
from hormesis.report.verdicts import verdicts
from hormesis.statistics.judgement import (
    curve_table,
    detectable_table,
    difference_table,
    judgements,
    tail_table,
)
from hormesis.statistics.view import Measurements
from tests.report.invented import invented, steered_toxicity

SHARES = (0.0, 0.10, 0.25)


def test_differences_are_those_of_the_invented_curve() -> None:
    measurements = Measurements.of(invented(SHARES, (0, 1, 2), domains=("rtp",), noise=0.0))
    found = judgements(measurements, (0.3, 9.0))
    table = difference_table(found)
    assert set(table["capability_cost"]) == {0.3}  # 9 nats were never paid
    toxicity = table[(table["outcome"] == "toxicity") & (table["share"] == 0.10)].iloc[0]
    strength = (0.3 / 0.003) ** 0.5
    expected = steered_toxicity(0.10, strength) - steered_toxicity(0.0, strength)
    assert toxicity["difference"] == pytest.approx(expected, abs=0.005)  # straight lines between strengths
    assert toxicity["t_low"] == pytest.approx(toxicity["t_high"])
    assert set(table["outcome"]) == {"toxicity", "area"}
    assert len(difference_grids(found)[0][1].rows) == 2


def test_the_page_says_what_two_noisy_seeds_do_not_decide() -> None:
    measurements = Measurements.of(invented(SHARES, (0, 1), domains=("rtp",), noise=0.2))
    found = judgements(measurements, (0.1,))
    (text,) = verdicts(found)
    assert "The data do not decide" in text
    assert "2 seeds can give no less than 0.5" in text
    assert set(curve_table(found)["curve"]) >= {"constant", "hormetic", "natural spline"}
    grid = detectable_grid(detectable_table(found))
    assert grid is not None
    assert grid.rows[0].keys == ("2",)


def test_the_tail_is_compared_share_by_share() -> None:
    table = tail_table(Measurements.of(invented(SHARES, (0, 1), noise=0.0)))
    assert set(table["share"]) == {0.10, 0.25}
    assert (table["p_smallest"] == 0.5).all()
    assert not table["on_test_texts"].any()  # the invented rows have none
    assert np.isfinite(table.loc[table["statistic"].str.startswith("mean"), "effect"]).all()
    assert tail_grid(table) is not None


def test_two_shares_make_no_dose_response_figure() -> None:
    with house_style():
        two = Measurements.of(invented((0.0, 0.1), domains=("rtp",)))
        assert equal_cost(two, two.prompt_sets[0], (0.1,), "equal-cost") is None
        three = Measurements.of(invented(SHARES, domains=("rtp",)))
        drawing = equal_cost(three, three.prompt_sets[0], (0.1, 0.2), "equal-cost")
    assert drawing is not None
    assert len(drawing.figure.axes) == 4
