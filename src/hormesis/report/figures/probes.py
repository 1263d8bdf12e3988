"""Probe accuracy of the attention heads by share: all heads, sorted; and their median and top by share."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from hormesis.report.figures.style import (
    GREY,
    INK,
    Drawing,
    draw_bars,
    legend,
    marks,
    panels,
    seeds_in_words,
    share_axis,
    span,
)
from hormesis.report.words import share_in_words
from hormesis.statistics.heads import probe_summary
from hormesis.statistics.view import Measurements

_METRIC = "probe_accuracy"


def probe_figure(measurements: Measurements, concept: str, name: str) -> Drawing | None:
    """Left: heads from best to worst, one line a share. Right: every head, median and mean of the top heads
    by share.

    :param concept: the domain of the ``probe_accuracy`` rows.
    """
    rows = measurements.heads[measurements.heads["metric"] == _METRIC]
    summary = probe_summary(rows)
    summary, rows = summary[summary["domain"] == concept], rows[rows["domain"] == concept]
    if rows.empty:
        return None
    heads, top = int(summary["heads"].max()), int(summary["top"].max())
    seeds = sorted(set(rows["seed"]))
    caption = (
        f"n = {span(rows['n'])} texts a head · {heads} heads a model · {seeds_in_words(seeds)}"
        " · left: thick, mean over seeds of the head of that rank; thin, single seeds"
        " · right: dots, every head of every seed; bars: range over seeds"
        " · labels from the annotations, no scorer"
    )
    title = f"Probe accuracy of attention heads by toxic share · {concept or 'concept'}"
    figure, grid = panels(1, 2, title, caption, height=3.0, share_y=True)
    ranked, by_share = grid[0]
    shares = sorted(set(rows["share"]))
    for share, mark in zip(shares, marks(len(shares)), strict=True):
        curves = [np.sort(one["value"].to_numpy())[::-1] for _, one in rows[rows["share"] == share].groupby("seed")]
        for curve in curves if len(curves) > 1 else []:
            ranked.plot(np.arange(1, len(curve) + 1), curve, color=mark.color, linewidth=0.4, alpha=0.5)
        same = [curve for curve in curves if len(curve) == max(map(len, curves))]
        ranked.plot(
            np.arange(1, len(same[0]) + 1),
            np.mean(same, axis=0),
            color=mark.color,
            linestyle=mark.line,
            marker=mark.marker,
            markevery=max(1, len(same[0]) // 8),
            markersize=4,
            label=share_in_words(share),
        )
        _cloud(by_share, rows.loc[rows["share"] == share, "value"].to_numpy(), share, shares)
    for statistic, label, marker, line in (
        ("top_mean", f"mean of top {top}", "^", "-"),
        ("top_on_test", f"the same {top} on test texts", "v", (0, (1.2, 1))),
        ("median", "median head", "o", (0, (4, 2))),
    ):
        group = summary.dropna(subset=statistic).groupby("share")[statistic]
        if not len(group):
            continue
        middle = group.mean()
        bars = np.stack([middle - group.min(), group.max() - middle])
        draw_bars(
            by_share, 100 * middle.index, middle, bars, color=INK, marker=marker, linestyle=line, zorder=3, label=label
        )
    ranked.set_title("heads from best to worst")
    ranked.set_xlabel("rank of head")
    ranked.set_ylabel("probe accuracy on validation texts")
    by_share.set_title("all heads by share")
    share_axis(by_share, shares)
    by_share.legend(loc="best", fontsize=7.5, frameon=True, framealpha=0.85, edgecolor="none")
    legend(figure, ranked, "toxic share")
    alternative = f"Sorted probe accuracies of all heads for {concept}, one line a share; their median and top."
    return Drawing(name, title, alternative, figure)


def _cloud(axes: Axes, values: np.ndarray, share: float, shares: list[float]) -> None:
    """Every head as a dot, spread sideways by its rank and not by chance: redrawn, it is the same picture."""
    step = min((b - a for a, b in zip(shares, shares[1:], strict=False)), default=0.05)
    golden = (np.arange(len(values)) * 0.6180339887) % 1 - 0.5
    axes.scatter(
        100 * (share + 0.5 * step * golden),
        np.sort(values),
        s=4,
        color=GREY,
        alpha=0.35,
        linewidths=0,
        zorder=1,
        rasterized=len(values) > 2000,
    )
