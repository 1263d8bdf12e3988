"""Dose–response: toxicity against the toxic share, one line a strength; controls in panels of their own
beside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
    strength_names,
)
from hormesis.statistics.view import TOXICITY_METRICS, Measurements, PromptSet, of_prompts

_BASE = Mark(INK, "o", "-")
_FIXED = Mark(ACCENT, "x", (0, (1, 1.5)))


def dose_response(measurements: Measurements, prompts: PromptSet, metrics: Sequence[str], name: str) -> Drawing | None:
    """Rows: metrics. Columns: the interventions that have a strength. None if nothing of it was measured."""
    pooled = {metric: of_prompts(measurements.pooled, prompts, metric) for metric in metrics}
    pooled = {metric: rows for metric, rows in pooled.items() if len(rows)}
    if not pooled:
        return None
    drawn = pd.concat(pooled.values())
    methods = [method for method in measurements.steered_methods() if (drawn["method"] == method).any()] or ["base"]
    titles = [TOXICITY_METRICS[metric] for metric in pooled]
    title = f"{', '.join(titles).capitalize()} against toxic share · {prompts.domain}"
    figure, grid = panels(
        len(pooled),
        len(methods),
        title,
        caption(drawn, measurements.seed_labels, prompts),
        height=2.7 if len(pooled) == 1 else 2.1,
        share_y="row",
    )
    lines = _lines(drawn)
    for axes_row, (metric, rows) in zip(grid, pooled.items(), strict=True):
        seeds = of_prompts(measurements.seeds, prompts, metric)
        for axes, method in zip(axes_row, methods, strict=True):
            others = sorted(set(rows.loc[rows["strength"].isna(), "method"])) if method == methods[0] else []
            fixed = {other: measurements.arms.label(other) for other in others}
            _panel(axes, rows, seeds, method, lines, fixed=fixed)
            share_axis(axes, measurements.shares, named=axes_row is grid[-1])
            if axes_row is grid[0]:
                axes.set_title(measurements.arms.label(method))
        axes_row[0].set_ylabel(TOXICITY_METRICS[metric])
        axes_row[0].set_ylim(bottom=0)
    legend(figure, grid[0][0], "strength")
    alternative = f"Line chart of {' and '.join(titles)} on {prompts.domain} by toxic share, one line a strength."
    return Drawing(name, title, alternative, figure)


def _lines(rows: pd.DataFrame) -> dict[tuple[float, float], tuple[str, Mark]]:
    """(strength, heads) → label and mark, the same in every panel. Heads are named only if they vary."""
    steered = rows[rows["strength"].notna() & (rows["method"] != "base")]
    settings = sorted({(s, h) for s, h in zip(steered["strength"], steered["heads"].fillna(-1), strict=True) if s})
    names = strength_names(sorted({strength for strength, _ in settings}))
    several = len({heads for _, heads in settings}) > 1
    looks = marks(len(settings) + 1)[1:]  # the darkest is too near to the black of the base
    return {
        (strength, heads): (
            names[strength] + (f", {heads:.0f} heads" if several and heads >= 0 else ""),
            look,
        )
        for (strength, heads), look in zip(settings, looks, strict=True)
    }


def _panel(
    axes: Axes,
    rows: pd.DataFrame,
    seeds: pd.DataFrame,
    method: str,
    lines: dict[tuple[float, float], tuple[str, Mark]],
    *,
    fixed: Mapping[str, str],
) -> None:
    shares = sorted(set(rows["share"]))
    step = 100 * min((b - a for a, b in zip(shares, shares[1:], strict=False)), default=0.05)
    series: list[tuple[str, Mark, pd.DataFrame, pd.DataFrame]] = []

    def add(label: str, mark: Mark, which: str, setting: tuple[float, float] | None = None) -> None:
        chosen = []
        for frame in (rows, seeds):
            frame = frame[frame["method"] == which]
            if setting is not None:
                frame = frame[(frame["strength"] == setting[0]) & (frame["heads"].fillna(-1) == setting[1])]
            chosen.append(frame)
        series.append((label, mark, chosen[0], chosen[1]))

    add("none (base)", _BASE, "base")
    for name, label in fixed.items():
        add(label, _FIXED, name)
    for setting, (label, mark) in lines.items():
        add(label, mark, method, setting)
    for place, (label, mark, points, single) in enumerate(series):
        points = points.sort_values("share")
        aside = (place - (len(series) - 1) / 2) * 0.045 * step  # so that bars at one share do not hide each other
        draw_bars(
            axes,
            100 * points["share"] + aside,
            points["value"],
            error_bars(points),
            label=label,
            color=mark.color,
            marker=mark.marker,
            linestyle=mark.line,
            elinewidth=0.8,
            zorder=3,
        )
        axes.plot(
            100 * single["share"] + aside,
            single["value"],
            linestyle="none",
            color=mark.color,
            marker=mark.marker,
            markersize=3.2,
            markerfacecolor="none",
            markeredgewidth=0.5,
            alpha=0.8,
            zorder=2,
        )
