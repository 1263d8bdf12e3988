"""What the toxic share does to the model before any intervention: CE on each held-out text, and the training
loss.
"""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from hormesis.report.figures.style import (
    GREY,
    INK,
    Drawing,
    caption,
    draw_bars,
    error_bars,
    panels,
    share_axis,
)
from hormesis.statistics.view import Measurements, in_order

_COLUMNS = 3


def capability(measurements: Measurements, name: str) -> Drawing | None:
    """One panel for each held-out text, each with its own scale, and one for the training loss."""
    pooled = measurements.pooled
    base = pooled[pooled["method"] == "base"]
    ce, loss = base[base["metric"] == "ce"], base[base["metric"] == "train_loss"]
    shown = [("ce", domain, f"CE on {domain}, nats a token") for domain in in_order(list(ce["domain"]))]
    shown += [
        ("train_loss", domain, f"training loss{domain and f' on {domain}'}, nats a token")
        for domain in in_order(list(loss["domain"]))
    ]
    if not shown:
        return None
    columns = min(_COLUMNS, len(shown))
    title = "The unsteered model: cross-entropy and training loss by toxic share"
    text = caption(ce if len(ce) else loss, measurements.seed_labels)
    text = text.replace("prompts", "documents") + " · scales differ"  # CE is an average over documents
    figure, grid = panels(-(-len(shown) // columns), columns, title, text, width=3.0, height=2.4)
    places = [axes for row in grid for axes in row]
    for axes, (metric, domain, label) in zip(places, shown, strict=False):
        here = (metric, domain)
        _panel(axes, _of(base, *here), _of(measurements.seeds, *here), label)
        share_axis(axes, measurements.shares)
    for axes in places[len(shown) :]:
        axes.set_axis_off()
    return Drawing(name, title, "Small line charts of cross-entropy by toxic share, one a held-out text.", figure)


def _of(rows: pd.DataFrame, metric: str, domain: str) -> pd.DataFrame:
    chosen = rows[(rows["metric"] == metric) & (rows["domain"] == domain) & (rows["method"] == "base")]
    return chosen.sort_values("share")


def _panel(axes: Axes, rows: pd.DataFrame, seeds: pd.DataFrame, label: str) -> None:
    for _, one in seeds.groupby("seed"):
        axes.plot(100 * one["share"], one["value"], color=GREY, linewidth=0.5, marker="o", markersize=2.5, alpha=0.7)
    draw_bars(
        axes, 100 * rows["share"], rows["value"], error_bars(rows), color=INK, marker="o", elinewidth=0.8, zorder=3
    )
    axes.set_title(label)
