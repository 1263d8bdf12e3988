"""The quality floor: is the text less toxic, or is it less of a text?"""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from hormesis.report.figures.style import Drawing, Mark, caption, draw_bars, error_bars, legend, marks, panels
from hormesis.report.words import share_in_words
from hormesis.statistics.setting_tables import QUALITY_METRICS
from hormesis.statistics.view import Measurements, PromptSet, of_prompts


def quality(measurements: Measurements, prompts: PromptSet, name: str) -> Drawing | None:
    """One panel a metric against strength, one line a share, for one method (ITI where it was measured) and its
    first control, dashed, in the same colours.
    """
    pooled = {metric: of_prompts(measurements.pooled, prompts, metric) for metric in QUALITY_METRICS}
    pooled = {metric: rows[rows["strength"].notna()] for metric, rows in pooled.items()}
    pooled = {metric: rows for metric, rows in pooled.items() if len(rows)}
    if not pooled:
        return None
    drawn = pd.concat(pooled.values())
    methods = [method for method in measurements.steered_methods() if (drawn["method"] == method).any()]
    arms = measurements.arms
    claims = [m for m in methods if not arms.is_control(m)]
    real = ["iti"] if "iti" in claims else claims[:1]
    methods = real + [m for m in methods if arms.is_control(m) and (not real or arms.controlled(m) == real[0])][:1]
    columns = min(2, len(pooled))
    title = f"Quality floor: the texts themselves, against strength · {prompts.domain}"
    text = caption(drawn, measurements.seed_labels, single=False) + " · strength 0: the unsteered model"
    if real:
        text += f" · {arms.label(real[0])}"
    if methods and arms.is_control(methods[-1]):
        text += f" · dashed and pale: {arms.label(methods[-1])}"
    figure, grid = panels(-(-len(pooled) // columns), columns, title, text, height=2.2)
    places = [axes for row in grid for axes in row]
    looks = dict(zip(measurements.shares, marks(len(measurements.shares)), strict=True))
    for axes, (metric, rows) in zip(places, pooled.items(), strict=False):
        for share, mark in looks.items():
            for method in methods or ["base"]:
                own = rows[rows["share"] == share]
                _line(axes, own, method, mark, share_in_words(share), control=arms.is_control(method))
        axes.set_title(QUALITY_METRICS[metric])
        axes.set_xlabel("strength α")
    for axes in places[len(pooled) :]:
        axes.set_axis_off()
    legend(figure, places[0], "toxic share")
    alternative = f"Small line charts of text quality on {prompts.domain} against strength, one line a share."
    return Drawing(name, title, alternative, figure)


def _line(axes: Axes, rows: pd.DataFrame, method: str, mark: Mark, label: str, *, control: bool) -> None:
    for _, curve in _with_base(rows, method):
        draw_bars(
            axes,
            curve["strength"],
            curve["value"],
            error_bars(curve),
            color=mark.color,
            marker=mark.marker,
            markersize=3.5,
            linestyle=(0, (4, 2)) if control else mark.line,
            alpha=0.45 if control else 1,
            linewidth=0.9 if control else 1.4,
            elinewidth=0.6,
            label=None if control else label,
        )
        label = "_"  # one entry a share, also with several numbers of heads


def _with_base(rows: pd.DataFrame, method: str) -> list[tuple[float, pd.DataFrame]]:
    """The curves of a method, one for each number of edited heads, each beginning at the unsteered model."""
    base = rows[rows["method"] == "base"]
    own = rows[(rows["method"] == method) & (method != "base")]
    if own.empty:
        return [(-1.0, base)] if len(base) and method == "base" else []
    return [
        (float(heads), pd.concat([base, curve]).sort_values("strength"))
        for heads, curve in own.groupby(own["heads"].fillna(-1))
    ]
