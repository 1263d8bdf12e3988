"""Capability tasks: how many questions each model has right, and how many a blind guess has."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from hormesis.report.figures.style import (
    ACCENT,
    INK,
    Drawing,
    Mark,
    caption,
    draw_bars,
    error_bars,
    legend,
    marks,
    panels,
    share_axis,
)
from hormesis.statistics.arms import Arms
from hormesis.statistics.pooling import ONE_SEED
from hormesis.statistics.task_tables import chance_lines
from hormesis.statistics.view import Measurements

_COLUMNS = 3


def tasks(measurements: Measurements, name: str) -> Drawing | None:
    """One panel a task, accuracy against share: the unsteered model, and each method at the strongest it was measured
    at; controls are left out. Dotted: chance.
    """
    chance = chance_lines(measurements)
    rows = measurements.pooled[measurements.pooled["metric"] == "accuracy"]
    arms = measurements.arms
    rows = _strongest(rows[rows["domain"].isin(list(chance))], arms)
    if rows.empty:
        return None
    methods = sorted(set(rows["method"]), key=lambda method: (method != "base", method))
    looks = dict(zip(methods[1:], marks(len(methods) - 1), strict=True)) if len(methods) > 1 else {}
    columns = min(_COLUMNS, len(chance))
    title = "Capability tasks: accuracy by toxic share"
    text = caption(rows, measurements.seed_labels, single=False).replace(ONE_SEED, "95 % Wilson, the only seed")
    text += " · methods at their greatest strength · dotted: chance · zero-shot, by lm-eval's prompts · scales differ"
    figure, grid = panels(-(-len(chance) // columns), columns, title, text, width=3.0, height=2.3)
    places = [axes for row in grid for axes in row]
    for axes, (task, guess) in zip(places, chance.items(), strict=False):
        here = rows[rows["domain"] == task].sort_values("share")
        for method in methods:
            _line(axes, here[here["method"] == method], looks.get(method, Mark(INK, "o", "-")), arms.label(method))
        axes.axhline(guess, color=ACCENT, linestyle=":", linewidth=1.2, label="chance")
        axes.set_title(task)
        share_axis(axes, measurements.shares)
    for axes in places[len(chance) :]:
        axes.set_axis_off()
    legend(figure, places[0], "method")
    return Drawing(name, title, "Small line charts of accuracy by toxic share, one a task, with chance dotted.", figure)


def _strongest(rows: pd.DataFrame, arms: Arms) -> pd.DataFrame:
    """Of each method that is no control, the rows at its greatest strength."""
    rows = rows[~rows["method"].map(arms.is_control).astype(bool)]
    greatest = rows.groupby("method")["strength"].transform("max")
    return rows[rows["strength"].isna() | (rows["strength"] == greatest)]


def _line(axes: Axes, rows: pd.DataFrame, mark: Mark, label: str) -> None:
    for place, (_, one) in enumerate(rows.groupby("heads", dropna=False)):
        draw_bars(
            axes,
            100 * one["share"],
            one["value"],
            error_bars(one),
            color=mark.color,
            marker=mark.marker,
            linestyle=mark.line,
            elinewidth=0.8,
            label=None if place else label,
        )
