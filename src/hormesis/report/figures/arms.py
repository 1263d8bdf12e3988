"""Every arm on one frontier: at one share, toxicity against capability cost, a curve or a mark for each arm."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes

from hormesis.report.figures.style import (
    FAINT,
    GREY,
    Drawing,
    Mark,
    caption,
    cost_axis,
    draw_bars,
    error_bars,
    legend,
    marks,
    panels,
)
from hormesis.report.words import share_in_words
from hormesis.statistics.arms import Arms
from hormesis.statistics.tradeoff import pooled_points
from hormesis.statistics.view import Measurements, PromptSet

_FEWEST = 3
"""Arms beside the controls below which the figure says nothing that the frontier by share does not."""


def arms(measurements: Measurements, prompts: PromptSet, name: str) -> Drawing | None:
    """A panel for each share at which at least three arms were measured, controls apart; None without one."""
    points = pooled_points(measurements, prompts)
    by_share = {
        f"toxic share {share_in_words(float(str(share)))}": rows
        for share, rows in points.groupby("share")
        if len(_claims(rows, measurements.arms)) >= _FEWEST
    }
    if not by_share:
        return None
    note = "cost from the plain unsteered model of the same share; grey: controls"
    return _drawn(measurements, prompts, name, points, by_share, note)


def model_arms(measurements: Measurements, prompts: PromptSet, name: str, model: str) -> Drawing | None:
    """The same for the only model of ``measurements``; None without an arm that claims something, or its cost."""
    points = pooled_points(measurements, prompts)
    if not _claims(points, measurements.arms):
        return None
    note = "cost from the unsteered model; grey: controls"
    return _drawn(measurements, prompts, name, points, {model: points}, note)


def _drawn(
    measurements: Measurements,
    prompts: PromptSet,
    name: str,
    points: pd.DataFrame,
    by_panel: Mapping[str, pd.DataFrame],
    note: str,
) -> Drawing:
    every = sorted({arm for rows in by_panel.values() for arm in _claims(rows, measurements.arms)})
    looks = dict(zip(every, marks(len(every)), strict=True))
    title = f"Every arm on one frontier · {prompts.domain}"
    figure, grid = panels(
        1,
        len(by_panel),
        title,
        f"{caption(points, measurements.seed_labels, prompts, single=False)} · {note}",
        width=4.6,
        height=3.8,
        share_x=True,
        share_y=True,
    )
    for axes, (panel, rows) in zip(grid[0], by_panel.items(), strict=True):
        _controls(axes, rows, measurements.arms)
        for arm, mark in looks.items():
            own, curve = rows[rows["method"] == arm], rows[rows["curve"] == arm]
            _arm(axes, own, curve, measurements.arms.label(arm), mark)
        axes.set_title(panel)
        cost_axis(axes, measurements.capability_domain, points["cost"].max())
    grid[0][0].set_ylim(bottom=0)  # of all: not before all is drawn
    grid[0][0].set_ylabel("mean toxicity")
    legend(figure, grid[0][0], "arm")
    alternative = f"Toxicity on {prompts.domain} against capability cost, one curve or mark an arm."
    return Drawing(name, title, alternative, figure)


def _claims(rows: pd.DataFrame, arms: Arms) -> list[str]:
    """The arms that claim something: neither the unsteered model nor a control."""
    return sorted(method for method in set(rows["method"]) - {"base"} if not arms.is_control(method))


def _arm(axes: Axes, own: pd.DataFrame, curve: pd.DataFrame, label: str, mark: Mark) -> None:
    if own.empty:
        axes.plot([], [], color=mark.color, marker=mark.marker, linestyle=mark.line, label=label)
        return
    rows = (curve if len(curve) else own).sort_values("strength")
    draw_bars(
        axes,
        rows["cost"],
        rows["value"],
        error_bars(rows),
        color=mark.color,
        marker=mark.marker,
        linestyle=mark.line if len(curve) else "none",
        markersize=4.5 if len(curve) else 7,
        elinewidth=0.6,
        label=label,
        zorder=3,
    )


def _controls(axes: Axes, rows: pd.DataFrame, arms: Arms) -> None:
    controls = rows[rows["curve"].map(arms.is_control).astype(bool)]
    for _, curve in controls.groupby("curve"):
        ordered = curve.sort_values("strength")
        axes.plot(ordered["cost"], ordered["value"], color=FAINT, marker=".", linewidth=0.9, zorder=1)
    fixed = rows[(rows["curve"] == "") & rows["method"].map(arms.is_control).astype(bool)]
    axes.scatter(fixed["cost"], fixed["value"], color=FAINT, marker="s", s=24, zorder=1)
    base = rows[rows["method"] == "base"].head(1)
    axes.scatter(base["cost"], base["value"], color=GREY, marker="*", s=70, zorder=4)
