"""Entanglement of the toxicity direction: by layer for one model, by share and layer for a study."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from hormesis.report.figures.style import (
    FAINT,
    GREY,
    INK,
    Drawing,
    draw_bars,
    error_bars,
    legend,
    marks,
    panels,
    seeds_in_words,
    share_axis,
    span,
)
from hormesis.report.words import share_in_words
from hormesis.statistics.geometry import ALONG_TRAINING, TOXICITY, along_training, site_order
from hormesis.statistics.view import Measurements

_MOST_PANELS = 6
_RAW, _CORRECTED = "entanglement", "entanglement_corrected"
_CHANCE = {
    "random": ("random directions", GREY, (0, (5, 1.5))),
    "covariance": ("of the activations' covariance", GREY, (0, (1.2, 1))),
    "shuffled": ("shuffled labels", FAINT, (0, (3, 1, 1, 1))),
    "welch": ("Welch bound", INK, (0, (1, 3))),
}
_ALTERNATIVE = "Largest absolute cosine of the toxicity direction with another concept's, beside its chance levels."


def layer_profile(frame: pd.DataFrame, model: str) -> Drawing:
    """One model: E at each site, as found and without the noise's share, with chance levels.

    :param frame: measurement rows of the model; numbers may be nullable.
    """
    rows = frame.assign(**{column: frame[column].astype("float64") for column in ("value", "low", "high", "n")})
    sites = sorted(set(rows["site"]), key=site_order)
    places = {site: place for place, site in enumerate(sites)}
    concepts = rows.loc[rows["metric"] == "cosine", "domain"].nunique()
    toxic = rows[(rows["metric"] == _RAW) & (rows["domain"] == TOXICITY)]
    title = f"Entanglement of toxicity by site · {model}"
    caption = (
        f"n = {span(toxic['n'])} toxic texts to fit, {concepts} other concepts · bars: 95 % bootstrap over texts"
        " · grey: means under chance, shaded: where 95 % of its draws lie · labels from the annotations, no scorer"
    )
    figure, grid = panels(1, 1, title, caption, width=max(3.6, min(10.0, 0.4 * len(sites) + 2)), height=3.2)
    axes = grid[0][0]
    _chance(axes, rows, rows["site"].map(places))
    for metric, mark, line, label in (
        (_RAW, "o", "-", "E as found"),
        (_CORRECTED, "^", (0, (5, 1.5)), "E without the noise's share"),
    ):
        own = rows[(rows["metric"] == metric) & (rows["domain"] == TOXICITY)]
        own = own.assign(place=own["site"].map(places)).sort_values("place")
        face = INK if metric == _RAW else "white"
        draw_bars(axes,
            own["place"], own["value"], error_bars(own), color=INK, marker=mark, linestyle=line, label=label,
            markerfacecolor=face, elinewidth=0.7, zorder=3,
        )  # fmt: skip
    step = max(1, len(sites) // 16)
    axes.set_xticks(range(0, len(sites), step), sites[::step])
    axes.set_xlabel("site: layer, or layer.head")
    axes.set_ylabel("E of toxicity")
    axes.set_ylim(0, 1.02)
    legend(figure, axes, "")
    return Drawing("geometry", title, _ALTERNATIVE, figure)


def entanglement_by_share(measurements: Measurements, name: str) -> Drawing | None:
    """A study: E by toxic share, a panel a layer, with every seed and the chance levels; None if not measured."""
    rows = measurements.layers
    rows = rows[rows["metric"].isin([_RAW, _CORRECTED])]
    own = rows[rows["domain"] == TOXICITY]
    if own.empty:
        return None
    sites = _evenly(sorted(set(own["site"]), key=site_order))
    shares = sorted(set(own["share"]))
    seeds = sorted(set(own["seed"]))
    title = "Entanglement of toxicity by toxic share"
    caption = (
        f"n = {span(own['n'])} toxic texts to fit · {seeds_in_words(seeds)} · thin marks: single seeds; line:"
        " their mean; bars: range over seeds · grey: means under chance, shaded: where 95 % of its draws lie, mean over"
        " models · plain recipe · labels from the annotations, no scorer"
    )
    columns = min(3, len(sites))
    lines = -(-len(sites) // columns)
    figure, grid = panels(lines, columns, title, caption, width=2.6, height=2.5, share_y=True)
    flat = [axes for line in grid for axes in line]
    for axes, site in zip(flat, sites, strict=False):
        here = rows[rows["site"] == site]
        _chance(axes, here, 100 * here["share"])
        for metric, mark, line, label in (
            (_RAW, "o", "-", "E as found"),
            (_CORRECTED, "^", (0, (5, 1.5)), "E without the noise's share"),
        ):
            one = here[(here["metric"] == metric) & (here["domain"] == TOXICITY)]
            face = INK if metric == _RAW else "white"
            axes.scatter(100 * one["share"], one["value"], marker=mark, s=9, color=GREY, linewidths=0.5, zorder=2)
            middle = one.groupby("share")["value"].agg(["mean", "min", "max"])
            bars = np.stack([middle["mean"] - middle["min"], middle["max"] - middle["mean"]])
            draw_bars(axes,
                100 * middle.index, middle["mean"], bars, color=INK, marker=mark, linestyle=line, label=label,
                markerfacecolor=face, elinewidth=0.7, zorder=3,
            )  # fmt: skip
        axes.set_title(f"layer {site}" if site.isdigit() else f"site {site}")
        share_axis(axes, shares)
    for axes in flat[len(sites) :]:
        axes.set_axis_off()
    for line_of_axes in grid:
        line_of_axes[0].set_ylabel("E of toxicity")
    flat[0].set_ylim(0, 1.02)
    legend(figure, flat[0], "")
    return Drawing(name, title, _ALTERNATIVE, figure)


def geometry_along_training(measurements: pd.DataFrame, name: str) -> Iterator[Drawing]:
    """A study whose models were kept on the way, a figure a budget: E and AUROC of the toxicity direction by tokens of
    training, a column for each of some layers, a line a share, the mean of chance in grey.

    :param measurements: the rows as they are stored.
    """
    every = along_training(measurements)
    budgets = sorted(set(every["budget"]))
    for budget in budgets:
        several = len(budgets) > 1
        title = "The toxicity direction along training" + (f" · budget {budget}" if several else "")
        yield _along(every[every["budget"] == budget], title, f"{name}-{budget}" if several else name)


def _along(rows: pd.DataFrame, title: str, name: str) -> Drawing:
    sites = _evenly(sorted(set(rows["site"]), key=site_order), most=3)
    shares = sorted(set(rows["share"]))
    looks = dict(zip(shares, marks(len(shares)), strict=True))
    caption = (
        f"n = {span(rows.loc[rows['domain'] == TOXICITY, 'n'])} texts a value ·"
        f" {seeds_in_words(sorted(set(rows['seed'])))}: mean, bars: range · grey: means under chance, over models"
        " · plain recipe · labels from the annotations, no scorer"
    )
    figure, grid = panels(
        len(ALONG_TRAINING), len(sites), title, caption, width=2.8, height=2.0, share_x=True, share_y="row"
    )
    for line, (metric, label) in zip(grid, ALONG_TRAINING.items(), strict=True):
        for axes, site in zip(line, sites, strict=True):
            here = rows[(rows["site"] == site) & (rows["metric"] == metric)]
            for baseline, (named, colour, dashes) in _CHANCE.items():
                chance = here[here["domain"] == baseline].groupby("tokens")["value"].mean()
                if len(chance):
                    axes.plot(chance.index / 1e6, chance, color=colour, linestyle=dashes, linewidth=1.0, label=named)
            for share, look in looks.items():
                own = here[(here["share"] == share) & (here["domain"] == TOXICITY)]
                middle = own.groupby("tokens")["value"].agg(["mean", "min", "max"])
                draw_bars(
                    axes,
                    middle.index / 1e6,
                    middle["mean"],
                    np.stack([middle["mean"] - middle["min"], middle["max"] - middle["mean"]]),
                    color=look.color,
                    marker=look.marker,
                    linestyle=look.line,
                    label=share_in_words(share),
                    elinewidth=0.7,
                )
            if line is grid[0]:
                axes.set_title(f"layer {site}" if site.isdigit() else f"site {site}")
            elif line is grid[-1]:
                axes.set_xlabel("million tokens of training")
        line[0].set_ylabel(label)
    legend(figure, grid[0][0], "toxic share")
    alternative = "Entanglement and separability of the toxicity direction against tokens of training, a line a share."
    return Drawing(name, title, alternative, figure)


def _chance(axes: Axes, rows: pd.DataFrame, places: pd.Series) -> None:
    """Lines of means under chance, and bands of their draws, over ``places``."""
    for baseline, (label, colour, line) in _CHANCE.items():
        chosen = (rows["metric"] == _RAW) & (rows["domain"] == baseline)
        if not chosen.any():
            continue
        middle = rows[chosen].assign(place=places[chosen]).groupby("place")[["value", "low", "high"]].mean()
        axes.plot(middle.index, middle["value"], color=colour, linestyle=line, linewidth=1.1, label=label, zorder=1)
        if baseline == "covariance":
            axes.fill_between(
                middle.index, middle["low"], middle["high"], color=FAINT, alpha=0.35, linewidth=0, zorder=0
            )


def _evenly(sites: Sequence[str], most: int = _MOST_PANELS) -> list[str]:
    """At most so many of the sites, first and last among them."""
    if len(sites) <= most:
        return list(sites)
    return [sites[round(place)] for place in np.linspace(0, len(sites) - 1, most)]
