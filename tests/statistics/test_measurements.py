"""Rows are checked, pooled honestly and sorted."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pandas as pd
import pytest

from hormesis.errors import HormesisError
from hormesis.measurements.rows import Measurement, to_frame
from hormesis.statistics.intervals import STUDENT, t_interval
from hormesis.statistics.pooling import NONE, ONE_SEED, STORED
from hormesis.statistics.tradeoff import pooled_points, single_points
from hormesis.statistics.view import Measurements, of_prompts
from tests.report.invented import COLUMNS, invented

SMALL = (0.0, 0.1)


def one(rows: pd.DataFrame, **where: object) -> pd.Series:
    """The only row that has these values."""
    for column, value in where.items():
        rows = rows[rows[column] == value]
    assert len(rows) == 1
    return rows.iloc[0]


def test_no_rows_is_an_error_with_its_fix() -> None:
    with pytest.raises(HormesisError, match="no measurements") as caught:
        Measurements.of(invented(SMALL).iloc[:0])
    assert "run the study" in caught.value.fix


def test_a_missing_column_is_named() -> None:
    with pytest.raises(HormesisError, match="no column low, high"):
        Measurements.of(invented(SMALL).drop(columns=["low", "high"]))


def test_a_number_that_is_none_is_named() -> None:
    frame = invented(SMALL).astype({"value": object})
    frame.loc[3, "value"] = "much"
    with pytest.raises(HormesisError, match="'value'.*much"):
        Measurements.of(frame)


def test_rows_without_any_value_are_an_error() -> None:
    with pytest.raises(HormesisError, match="none of the"):
        Measurements.of(invented(SMALL).assign(value=np.nan))


def test_a_row_without_a_share_is_an_error() -> None:
    with pytest.raises(HormesisError, match="no share"):
        Measurements.of(invented(SMALL).assign(share=None))


def test_two_values_for_one_quantity_are_an_error_but_the_same_row_twice_is_not() -> None:
    frame = invented(SMALL)
    assert len(Measurements.of(pd.concat([frame, frame])).seeds) == len(Measurements.of(frame).seeds)
    other = frame.assign(cell="another", value=frame["value"] + 1)
    with pytest.raises(HormesisError, match="several values for one quantity"):
        Measurements.of(pd.concat([frame, other]))


def test_stored_pooled_rows_give_the_value_and_the_seeds_the_interval() -> None:
    rows = invented(SMALL)
    where = {"share": 0.1, "method": "base", "metric": "emt", "domain": "rtp"}
    row = one(Measurements.of(rows).pooled, **where)
    assert (row["interval"], row["seeds"], row["n"]) == (STUDENT, 2, 200)
    values = [one(Measurements.of(rows).seeds, seed=seed, **where)["value"] for seed in ("0", "1")]
    assert (row["low"], row["high"]) == pytest.approx((t_interval(values).low, t_interval(values).high))
    alone = one(Measurements.of(rows[rows["cell"] == "pooled"]).pooled, **where)
    assert alone["interval"] == STORED, "the only one there is"
    assert alone["high"] - alone["low"] == pytest.approx(0.04)


def test_without_pooled_rows_the_value_is_the_mean_over_seeds() -> None:
    view = Measurements.of(invented(SMALL, seeds=(0, 1, 2), pooled=False))
    where = {"share": 0.1, "method": "base", "metric": "toxicity_mean", "domain": "rtp"}
    row = one(view.pooled, **where)
    values = [one(view.seeds, seed=seed, **where)["value"] for seed in view.seed_labels]
    assert row["value"] == pytest.approx(np.mean(values))
    assert (row["low"], row["high"]) == pytest.approx((t_interval(values).low, t_interval(values).high))
    assert (row["interval"], row["seeds"], row["n"]) == (STUDENT, 3, 600)


def test_one_seed_keeps_its_own_interval_and_says_so() -> None:
    view = Measurements.of(invented(SMALL, seeds=(5,), pooled=False))
    row = one(view.pooled, share=0.1, method="base", metric="toxicity_mean", domain="rtp")
    assert row["interval"] == ONE_SEED
    assert row["high"] - row["low"] == pytest.approx(0.03)
    assert one(view.pooled, share=0.1, metric="train_loss")["interval"] == NONE


def test_a_failed_value_is_neither_kept_nor_counted_as_zero() -> None:
    frame = invented(SMALL, pooled=False)
    lost = (frame["share"] == 0.1) & (frame["metric"] == "emt") & (frame["init_seed"] == 0)
    view = Measurements.of(frame.assign(value=frame["value"].mask(lost)))
    assert len(view.unusable) == lost.sum()
    row = one(view.pooled, share=0.1, method="base", metric="emt", domain="rtp")
    assert row["seeds"] == 1
    assert row["value"] > 0.3


def test_seeds_are_named_by_what_tells_them_apart() -> None:
    frame = invented(SMALL, seeds=(0, 1, 10))
    assert Measurements.of(frame).seed_labels == ["0", "1", "10"]
    assert Measurements.of(frame.assign(data_seed=frame["init_seed"])).seed_labels == ["0", "1", "10"]
    seeds = pd.to_numeric(frame["init_seed"])
    crossed = frame.assign(init_seed=seeds.where(seeds < 10, 1), data_seed=seeds.where(seeds != 1, 0))
    assert Measurements.of(crossed).seed_labels == ["init 0, data 0", "init 1, data 0", "init 1, data 10"]


def test_any_dtype_of_the_same_numbers_gives_the_same_view() -> None:
    frame = invented(SMALL)
    nullable = frame.astype(
        {"init_seed": "Int64", "heads": "Int64", "strength": "Float64", "method": "category", "site": "string"}
    )
    pd.testing.assert_frame_equal(Measurements.of(frame).pooled, Measurements.of(nullable).pooled)
    pd.testing.assert_frame_equal(Measurements.of(frame).heads, Measurements.of(nullable).heads)


def test_further_columns_are_ignored_and_the_frame_is_left_alone() -> None:
    frame = invented(SMALL).assign(comment="x")
    copy = frame.copy(deep=True)
    Measurements.of(frame)
    pd.testing.assert_frame_equal(frame, copy)
    assert set(COLUMNS) < set(frame.columns)


def test_cost_is_derived_from_ce_where_it_was_not_recorded() -> None:
    full = invented(SMALL)
    derived = Measurements.of(full[full["metric"] != "ce_cost"])
    prompts = derived.prompt_sets[0]
    settings = ["share", "method", "strength", "curve"]
    want = pooled_points(Measurements.of(full), prompts).sort_values(settings)["cost"]
    got = pooled_points(derived, prompts).sort_values(settings)["cost"]
    np.testing.assert_allclose(got, want, atol=1e-9)


def test_every_curve_of_the_trade_off_begins_at_the_unsteered_model() -> None:
    view = Measurements.of(invented(SMALL))
    points = single_points(view, view.prompt_sets[0])
    for (curve, _, _), rows in points[points["curve"] != ""].groupby(["curve", "share", "seed"]):
        first = rows.sort_values("strength").iloc[0]
        assert (first["method"], first["cost"]) == ("base", 0.0), curve
        assert len(rows) == 5
    assert set(points.loc[points["curve"] == "", "method"]) == {"prompting"}


def test_the_capability_domain_falls_back_to_another_clean_text() -> None:
    frame = invented(SMALL)
    assert Measurements.of(frame).capability_domain == "clean"
    renamed = frame.assign(domain=frame["domain"].replace("clean", "wikitext"))
    assert Measurements.of(renamed).capability_domain == "wikitext"
    assert Measurements.of(frame[~frame["metric"].isin(["ce", "ce_cost"])]).capability_domain is None


def test_it_reads_what_the_evaluation_writes() -> None:
    frame = invented(SMALL, domains=["rtp"]).assign(samples=25)
    records = frame.astype(object).where(frame.notna(), None).to_dict("records")
    rows = [Measurement(**cast("Any", record)) for record in records]
    written = to_frame(rows)
    assert set(COLUMNS) <= set(written.columns)
    pd.testing.assert_frame_equal(Measurements.of(written).pooled, Measurements.of(frame).pooled)


def test_texts_have_the_same_quality_whoever_scores_them() -> None:
    frame = invented(SMALL, domains=["rtp"])
    frame = frame[frame["site"].isna()].assign(scorer="a", scorer_revision="1")  # quality rows may name one, too
    view = Measurements.of(pd.concat([frame, frame.assign(scorer="b")]))
    for prompts in view.prompt_sets:
        rows = of_prompts(view.pooled, prompts, "length")
        assert len(rows) == 2 * (2 + 2 * 4) and set(rows["scorer"]) == {prompts.scorer}
