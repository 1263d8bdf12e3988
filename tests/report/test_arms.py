"""Recipes and methods on one frontier."""

from __future__ import annotations

import pandas as pd
import pytest

from hormesis.report.figures import house_style
from hormesis.report.figures.arms import arms
from hormesis.statistics.recipes import with_recipes_as_methods
from hormesis.statistics.tradeoff import pooled_points
from hormesis.statistics.view import Measurements
from tests.report.invented import base_toxicity, invented


def _with_masked_arms(frame: pd.DataFrame) -> pd.DataFrame:
    """The arms of another recipe at one share: half as toxic, and 0.05 nats a token dearer."""
    masked = frame[(frame["share"] == 0.10) & ~frame["method"].str.contains("random")].copy()
    masked["recipe"] = "mask"
    masked["cell"] = masked["cell"].where(masked["cell"] == "pooled", masked["cell"] + "-mask")
    toxic = masked["metric"].isin(["toxicity_mean"])
    masked.loc[toxic, ["value", "low", "high"]] *= 0.5
    masked.loc[masked["metric"] == "ce", ["value", "low", "high"]] += 0.05
    return pd.concat([frame.assign(recipe="plain"), masked], ignore_index=True)


def test_an_arm_has_one_name_and_its_cost_is_counted_from_the_plain_model() -> None:
    plain = invented(noise=0.0)
    measured = Measurements.of(_with_masked_arms(plain))
    assert {"mask", "mask + iti", "mask + prompting"} <= set(measured.pooled["method"])
    costs = measured.seeds[(measured.seeds["metric"] == "ce_cost") & (measured.seeds["domain"] == "clean")]
    of = costs.set_index(["method", "strength"])["value"].groupby(level=[0, 1], dropna=False).mean()
    assert of["mask"].iloc[0] == pytest.approx(0.05)
    assert of["mask + iti", 8.0] == pytest.approx(of["iti", 8.0] + 0.05)
    arms = measured.arms
    assert arms.label("mask + iti") == "masked loss + ITI" and arms.unsteered["mask + iti"] == "mask"
    assert arms.is_control("iti-random-direction") and arms.controlled("iti-random-direction") == "iti"
    assert not arms.is_control("mask + iti") and arms.controlled("mask + iti") == "mask + iti"
    with_control = _with_masked_arms(plain).assign(recipe=lambda rows: rows["recipe"].replace("mask", "control"))
    assert Measurements.of(with_control).arms.is_control("control + iti")
    assert "mask" in measured.fixed_methods() and "mask + iti" in measured.steered_methods()
    assert set(measured.heads["cell"]) == set(Measurements.of(plain).heads["cell"])


def test_plain_rows_are_left_as_they_are() -> None:
    frame = invented()
    assert with_recipes_as_methods(frame) is frame
    assert with_recipes_as_methods(frame.assign(recipe="plain"))["method"].equals(frame["method"])


def test_a_panel_a_share_where_there_are_arms_enough() -> None:
    with house_style():
        few = Measurements.of(invented())
        assert arms(few, few.prompt_sets[0], "arms") is None, "prompting and ITI are two"
        measured = Measurements.of(_with_masked_arms(invented()))
        drawing = arms(measured, measured.prompt_sets[0], "arms")
    assert drawing is not None
    assert [axes.get_title(loc="left") for axes in drawing.figure.axes] == ["toxic share 10 %"]
    labels = drawing.figure.axes[0].get_legend_handles_labels()[1]
    assert {"ITI", "prompting", "masked loss", "masked loss + ITI", "masked loss + prompting"} == set(labels)


def test_a_legend_of_many_arms_is_not_cut_off() -> None:
    frame = _with_masked_arms(invented())
    masked = frame[frame["recipe"] == "mask"]
    more = [
        masked.assign(
            recipe=f"recipe-{i}", cell=masked["cell"].where(masked["cell"] == "pooled", masked["cell"] + str(i))
        )
        for i in range(12)
    ]
    measured = Measurements.of(pd.concat([frame, *more], ignore_index=True))
    with house_style():
        drawing = arms(measured, measured.prompt_sets[0], "arms")
        assert drawing is not None
        figure = drawing.figure
        figure.draw_without_rendering()
        box = figure.legends[0].get_window_extent()
    assert len(figure.legends[0].get_texts()) > 30
    assert box.y0 >= 0 and box.y1 <= figure.bbox.y1


def test_a_curve_begins_at_the_unsteered_model_of_its_recipe() -> None:
    measured = Measurements.of(_with_masked_arms(invented(noise=0.0)))
    points = pooled_points(measured, measured.prompt_sets[0])
    here = points[(points["share"] == 0.10) & (points["strength"] == 0)].set_index("curve")
    assert here.loc["mask + iti", "cost"] == pytest.approx(0.05)
    assert here.loc["mask + iti", "value"] == pytest.approx(0.5 * base_toxicity(0.10))
    assert here.loc["iti", "cost"] == 0 and here.loc["iti", "value"] == pytest.approx(base_toxicity(0.10))
