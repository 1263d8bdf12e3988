"""The frontier: toxicity against capability cost, one curve a share; controls in panels of their own
beside.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

import pandas as pd
from matplotlib.axes import Axes

from hormesis.report.figures.style import (
    ACCENT,
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
    panel_title,
    panels,
)
from hormesis.report.words import share_in_words
from hormesis.statistics.arms import Arms
from hormesis.statistics.tradeoff import pooled_points, single_points
from hormesis.statistics.view import Measurements, PromptSet

_MOST_COLUMNS = 4
_LETTERS = 6.5
"""Points: the height of the letters along a curve."""


def frontier(
    measurements: Measurements, prompts: PromptSet, capability_budgets: Sequence[float], name: str
) -> Drawing | None:
    """Columns: the interventions that have a strength. None without toxicity and cost at two strengths."""
    points = pooled_points(measurements, prompts)
    seeds = single_points(measurements, prompts)
    methods = [method for method in measurements.steered_methods() if (points["method"] == method).any()]
    if not methods:
        return None
    title = f"Frontier: mean toxicity against capability cost · {prompts.domain}"
    note = "joined in the order of strengths, from the unsteered model at cost 0; dotted: capability budgets"
    columns = min(len(methods), _MOST_COLUMNS)
    figure, grid = panels(
        -(-len(methods) // columns),
        columns,
        title,
        f"{caption(points, measurements.seed_labels, prompts)} · {note}",
        height=3.4,
        share_x=True,
        share_y=True,
    )
    looks = dict(zip(measurements.shares, marks(len(measurements.shares)), strict=True))
    every = [axes for row in grid for axes in row]
    for axes in every[len(methods) :]:
        axes.set_visible(False)
    for axes in every[max(0, len(methods) - columns) : len(methods)]:
        axes.tick_params(labelbottom=True)  # also above an empty place of the last row
    for axes, method in zip(every, methods, strict=False):
        reference = measurements.arms.controlled(method)
        compared = measurements.arms.is_control(method) and reference in methods and reference != method
        if compared:
            for _, curve in _curves(points, reference):
                axes.plot(curve["cost"], curve["value"], color=FAINT, linewidth=0.9, zorder=1)
        for budget in (each for each in capability_budgets if each <= points["cost"].max()):
            axes.axvline(budget, color=GREY, linewidth=0.8, linestyle=":", zorder=0.9)
        for share, mark in looks.items():
            _share(axes, points, seeds, method, share, mark, control=measurements.arms.is_control(method))
        panel_title(
            axes,
            measurements.arms.label(method) + (f" — grey: {measurements.arms.label(reference)}" if compared else ""),
        )
        cost_axis(
            axes, measurements.capability_domain, points["cost"].max(), linear_until=max(capability_budgets)
        )  # else the budgets vanish in the first pixels
    grid[0][0].set_ylim(bottom=0)  # of all: not before all is drawn, for it ends the search for the top
    _name_strengths(grid[0][0], points, methods[0])
    _draw_fixed(grid[0][0], points, looks, measurements.arms)
    for row in grid:
        row[0].set_ylabel("mean toxicity")
    legend(figure, grid[0][0], "toxic share")
    alternative = f"Curves of toxicity on {prompts.domain} against capability cost, one a share."
    return Drawing(name, title, alternative, figure)


def _curves(points: pd.DataFrame, method: str) -> list[tuple[tuple[float, float], pd.DataFrame]]:
    """((share, heads), points in the order of strengths) of one method, each curve beginning at the base."""
    chosen = points[points["curve"] == method]
    groups = chosen.groupby(["share", "curve_heads"], dropna=False)
    return [
        ((float(share), float(heads)), rows.sort_values("strength"))
        for (share, heads), rows in cast("Iterable[tuple[tuple[float, float], pd.DataFrame]]", groups)
    ]


def _share(
    axes: Axes, points: pd.DataFrame, seeds: pd.DataFrame, method: str, share: float, mark: Mark, *, control: bool
) -> None:
    line = (0, (4, 2)) if control else mark.line
    label: str | None = share_in_words(share)
    for (_, _), curve in (each for each in _curves(points, method) if each[0][0] == share):
        draw_bars(
            axes,
            curve["cost"],
            curve["value"],
            error_bars(curve),
            label=label,
            color=mark.color,
            marker=mark.marker,
            linestyle=line,
            elinewidth=0.6,
            zorder=3,
        )
        label = None
    single = seeds[(seeds["curve"] == method) & (seeds["share"] == share)]
    axes.plot(
        single["cost"],
        single["value"],
        linestyle="none",
        color=mark.color,
        marker=mark.marker,
        markersize=3,
        markerfacecolor="none",
        markeredgewidth=0.5,
        alpha=0.6,
        zorder=2,
    )


def _name_strengths(axes: Axes, points: pd.DataFrame, method: str) -> None:
    """Writes the strengths along the uppermost curve, where there is room: none over another."""
    curves = [curve for _, curve in _curves(points, method)]
    curve = max(curves, key=lambda rows: float(rows["value"].mean()))
    written: list[tuple[float, float, float]] = []
    for cost, value, strength in zip(curve["cost"], curve["value"], curve["strength"], strict=True):
        text = f"α = {strength:g}"
        x, y = axes.transData.transform((cost, value)) * 72 / axes.figure.dpi
        width = 0.62 * _LETTERS * len(text)
        free = all(x > right or x + width < left or abs(y - other) > 1.2 * _LETTERS for left, right, other in written)
        if strength and free:
            written.append((x, x + width, y))
            axes.annotate(
                text,
                (cost, value),
                (3, 5),
                textcoords="offset points",
                fontsize=_LETTERS,
                color=GREY,
            )


def _draw_fixed(axes: Axes, points: pd.DataFrame, looks: dict[float, Mark], arms: Arms) -> None:
    """Methods without a strength: a cross for each share, in the share's colour."""
    fixed = points[points["strength"].isna()]
    for method, rows in fixed.groupby("method"):
        axes.scatter(
            rows["cost"],
            rows["value"],
            c=[looks[share].color for share in rows["share"]],
            marker="X",
            s=42,
            linewidths=0.7,
            edgecolors=ACCENT,
            label=arms.label(str(method)),
            zorder=4,
        )
