"""Toxicity by steps of fine-tuning after detoxification: one line a toxic share."""

from __future__ import annotations

import re

import pandas as pd
from matplotlib.axes import Axes

from hormesis.report.figures.style import (
    Drawing,
    Mark,
    draw_bars,
    error_bars,
    legend,
    marks,
    panels,
    scale_in_words,
    span,
    steps_axis,
)
from hormesis.report.words import share_in_words
from hormesis.statistics.arms import Arms
from hormesis.statistics.tampering import curves, seed_count


def tampering_figures(tampered: pd.DataFrame) -> list[Drawing]:
    """One figure for each token budget, set of prompts and scorer; none without tampered rows."""
    pooled = curves(tampered)
    groups = pooled.groupby(["budget", "domain", "scorer", "scorer_revision"], dropna=False, sort=True)
    several = len(groups) > len(set(pooled["domain"]))
    arms = Arms.of(tampered)
    return [_figure(rows, seed_count(tampered), arms, several=several) for _, rows in groups]


def _figure(rows: pd.DataFrame, seeds: int, arms: Arms, *, several: bool) -> Drawing:
    key = rows[["budget", "domain", "scorer", "scorer_revision"]].iloc[0]
    budget, domain, scorer, revision = (str(part) for part in key)
    kinds = sorted(set(rows["tampering"]))
    methods = sorted(set(rows["method"]), key=lambda method: (method != "base", arms.is_control(method), method))
    lines = list(rows[["share", "recipe"]].drop_duplicates().itertuples(index=False, name=None))
    looks = dict(zip([_label(share, recipe, arms) for share, recipe in lines], marks(len(lines)), strict=True))
    title = f"Toxicity by steps of tampering · {domain}"
    bars = "range over seeds" if seeds > 1 else "95 % bootstrap over prompts"
    replications = f"{seeds} seed{'s' * (seeds != 1)}"
    caption = f"n = {span(rows['n'])} a value · {replications} · bars: {bars} · scorer {scorer} @ {revision}"
    figure, grid = panels(len(kinds), len(methods), title, caption, width=3.0, height=2.4, share_x=True, share_y=True)
    for row, kind in zip(grid, kinds, strict=True):
        for axes, method in zip(row, methods, strict=True):
            _panel(axes, rows[(rows["tampering"] == kind) & (rows["method"] == method)], looks, arms)
            axes.set_title(f"{arms.label(method)} · {kind}")
        row[0].set_ylabel("mean toxicity")
    for axes in grid[-1]:
        axes.set_xlabel(f"steps of fine-tuning{scale_in_words(axes)}")
    grid[0][0].set_ylim(bottom=0)
    legend(figure, grid[0][0], "toxic share")
    parts = ["tampering", domain, *([budget, scorer, revision] if several else [])]
    name = "_".join(word for part in parts if (word := re.sub(r"[^A-Za-z0-9]+", "-", part).strip("-").lower()))
    shown = f"Mean toxicity on {domain} against steps of fine-tuning, one line a share, one panel a method and kind."
    return Drawing(name, title, shown, figure)


def _label(share: float, recipe: str, arms: Arms) -> str:
    named = "this model" if pd.isna(share) else share_in_words(share)
    return named if recipe == "plain" else f"{named}, {arms.label(recipe)}"


def _panel(axes: Axes, rows: pd.DataFrame, looks: dict[str, Mark], arms: Arms) -> None:
    for _, line in rows.groupby(["share", "recipe"], dropna=False):
        ordered = line.sort_values("tampering_steps")
        label = _label(float(line["share"].iloc[0]), str(line["recipe"].iloc[0]), arms)
        look = looks[label]
        draw_bars(
            axes,
            ordered["tampering_steps"].astype(float),
            ordered["value"],
            error_bars(ordered),
            color=look.color,
            marker=look.marker,
            linestyle=look.line,
            elinewidth=0.6,
            label=label,
        )
    if len(rows):
        steps_axis(axes, sorted({int(steps) for steps in rows["tampering_steps"]}))
