"""The page's two figures for paper: the same specifications, at the widths of one and of two columns."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from hormesis.report.explore.specs import LIGHT, specs, themed
from hormesis.report.words import share_in_words
from hormesis.statistics import Analysis
from hormesis.statistics.answers import Answer, answers
from hormesis.statistics.outcomes import main_method
from hormesis.statistics.tradeoff import model_points

WIDTHS = {"column": (244, 190), "page": (508, 270)}
"""Width and height in points: a column of two, and both."""
Row = dict[str, Any]


def paper_figures(analysis: Analysis) -> Iterator[tuple[str, bytes]]:
    """(file name, SVG) of the trade-off and the dose–response of each set of prompts, under the main method at the
    budget at which it is judged.

    :raises ImportError: ``vl-convert-python`` is not installed.
    """
    import vl_convert  # draws as the page does; only where it is asked for

    labels = [share_in_words(share) for share in analysis.measurements.shares]
    drawn = specs(labels)
    for answer, step in _judged(analysis):
        name = re.sub(r"[^A-Za-z0-9]+", "-", f"{answer.prompts.domain} {answer.prompts.scorer}").strip("-").lower()
        name = f"{answer.budget}_{name}" if len(analysis.measurements.budgets) > 1 else name
        dose = _dose(analysis, answer, step)
        tradeoff = _tradeoff(analysis, answer, step)
        for figure, data, frame in (
            ("trade-off", tradeoff, _frame(answer) | {"@range": _range(tradeoff, "points", "others")}),
            ("dose", dose, {"@range": _range(dose, "points", "unsteered"), "@across": _across(answer)}),
        ):
            spec = drawn["tradeoff" if figure == "trade-off" else "dose"]
            whole = themed(spec, LIGHT, len(labels), frame) | {"datasets": data, "background": "white"}
            whole["config"]["font"] = "DejaVu Sans, sans-serif"
            for width, (across, high) in WIDTHS.items():
                sized = whole | {
                    "width": across,
                    "height": high,
                    "padding": {"left": 2, "right": 34, "top": 6, "bottom": 2},
                }
                svg = vl_convert.vegalite_to_svg(sized)
                yield f"paper_{figure}_{name}_{width}.svg", _numbered_anew(svg).encode()


def _numbered_anew(svg: str) -> str:
    """The SVG with its clips counted from 0: the library counts on from whatever it drew before in this process."""
    places: dict[str, int] = {}
    return re.sub(r"\bclip\d+\b", lambda found: f"clip{places.setdefault(found[0], len(places))}", svg)


def _judged(analysis: Analysis) -> Iterator[tuple[Answer, int]]:
    """The answers by the usual definition of cost, under the main method, and the step of the budget judged at."""
    budgets = {
        (each.budget, each.prompts): each.recommendation.cost
        for each in analysis.judgements
        if each.recommendation is not None
    }
    for answer in answers(analysis.measurements, analysis.costs):
        view = analysis.measurements.of_budget(answer.budget)
        cost = budgets.get((answer.budget, answer.prompts))
        if cost is not None and answer.definition == view.cost and answer.method == main_method(view):
            yield answer, int(np.abs(answer.costs - cost).argmin())


def _frame(answer: Answer) -> Row:
    low, high = float(answer.costs[0]), float(answer.costs[-1])
    return {"@span": [low - (high - low) * 0.02, high], "@costtitle": f"{answer.definition.label}, nats a token"}


def _range(data: dict[str, list[Row]], *parts: str) -> list[float]:
    values = [float(row["value"]) for part in parts for row in data[part]]
    return [min(values), max(values)]


def _across(answer: Answer) -> list[float]:
    low, high = 100 * min(answer.shares), 100 * max(answer.shares)
    wide = (high - low) * 0.03 or 1.0
    return [low - wide, high + wide]


def _marks(answer: Answer, step: int) -> list[Row]:
    return [
        {
            "share": share_in_words(share),
            "x": 100 * share,
            "cost": float(answer.costs[step]),
            "value": float(mean),
            "low": float(mean - half),
            "high": float(mean + half),
        }
        for share, mean, half in zip(answer.shares, answer.means[step], answer.halves[step], strict=True)
        if math.isfinite(mean)
    ]


def _points(analysis: Analysis, answer: Answer, *, own: bool) -> list[Row]:
    view = analysis.measurements.of_budget(answer.budget)
    points = model_points(view, answer.prompts, answer.definition)
    curves = [answer.method] if own else [m for m in view.steered_methods() if view.arms.controlled(m) == answer.method]
    chosen = points[points["curve"].isin(curves if own else [m for m in curves if m != answer.method])]
    return [
        {"share": share_in_words(share), "cost": cost, "value": value}
        for share, cost, value in zip(chosen["share"], chosen["cost"], chosen["value"], strict=True)
    ]


def _tradeoff(analysis: Analysis, answer: Answer, step: int) -> dict[str, list[Row]]:
    lines = [
        {"share": share_in_words(share), "cost": float(cost), "value": float(value)}
        for place, share in enumerate(answer.shares)
        for cost, value in zip(answer.costs, answer.means[:, place], strict=True)
        if math.isfinite(value)
    ]
    ends = {line["share"]: line for line in lines}
    points = _points(analysis, answer, own=True)
    marks = [{**row, "low": None, "high": None} for row in _marks(answer, step)]
    values = [row["value"] for row in points]
    gap = (max(values) - min(values)) * 0.055
    return {
        "others": _points(analysis, answer, own=False),
        "lines": lines,
        "points": points,
        "chosen": [{"cost": float(answer.costs[step])}],
        "marks": marks,
        "labels": _apart(list(ends.values()), float(np.ptp(answer.costs)) * 0.14, gap),
    }


def _apart(ends: list[Row], wide: float, gap: float) -> list[Row]:
    """Labels at the ends of lines, pushed apart where they are near: as the page's script does."""
    placed: list[Row] = []
    for row in sorted(ends, key=lambda row: float(row["value"])):
        near = [other["value"] + gap for other in placed if abs(other["cost"] - row["cost"]) < wide]
        placed.append(row | {"value": max([row["value"], *near])})
    return placed


def _dose(analysis: Analysis, answer: Answer, step: int) -> dict[str, list[Row]]:
    points = model_points(analysis.measurements.of_budget(answer.budget), answer.prompts, answer.definition)
    start = points[(points["curve"] == answer.method) & (points["strength"] == 0)].groupby("share")["value"].mean()
    seeds = [
        {"share": share_in_words(share), "x": 100 * share, "value": float(value)}
        for share, values in zip(answer.shares, answer.toxicity[step], strict=True)
        for value in values
        if math.isfinite(value)
    ]
    unsteered = [{"x": 100 * float(share), "value": value} for share, value in start.items()]  # type: ignore[arg-type]
    marks = _marks(answer, step)
    bars = [row for row in marks if math.isfinite(row["low"]) and len(answer.seeds) > 2]
    marks = [{name: value for name, value in row.items() if name not in ("low", "high")} for row in marks]
    return {"unsteered": unsteered, "others": [], "points": seeds, "marks": marks, "bars": bars}
