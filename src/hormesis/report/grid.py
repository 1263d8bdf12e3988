"""Tables as the page shows them: texts in cells, with nothing left to compute in the template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hormesis.report.words import in_digits, share_in_words
from hormesis.statistics.headline import Headline
from hormesis.statistics.setting_tables import WideTable

ABSENT = "–"
_LABELS = {
    "budget": "budget",
    "share": "share",
    "seed": "seed",
    "method": "method",
    "strength": "α",
    "heads": "heads",
}


@dataclass(frozen=True)
class Cell:
    """A number as text, and its interval; ``first`` begins a group of columns."""

    value: str
    interval: str = ""
    first: bool = False


@dataclass(frozen=True)
class Row:
    """``kind`` is the CSS classes of the row: ``begins`` a share, or is a ``control``."""

    keys: tuple[str, ...]
    cells: tuple[Cell, ...]
    kind: str = ""


@dataclass(frozen=True)
class Grid:
    """``groups``: (label, columns) above the labels, the first over the keys; empty for none."""

    keys: tuple[str, ...]
    labels: tuple[str, ...]
    rows: tuple[Row, ...]
    groups: tuple[tuple[str, int], ...] = ()


def of_wide(table: WideTable) -> Grid:
    """The paper's table, without key columns that say the same in every row."""
    frame = table.frame
    shown = [key for key in table.keys if key in ("share", "method", "strength") or frame[key].nunique() > 1]
    if "seed" in table.keys and "seed" not in shown:
        shown.append("seed")
    groups: list[tuple[str, int]] = [("", len(shown))]
    firsts = []
    for column in table.columns:
        firsts.append(groups[-1][0] != column.group)
        groups = [*groups, (column.group, 1)] if firsts[-1] else [*groups[:-1], (column.group, groups[-1][1] + 1)]
    rows: list[Row] = []
    previous: tuple[object, ...] = ()
    for record in frame.to_dict("records"):
        block = (record["budget"], record["share"])
        kinds = ["begins"] if rows and block != previous else []
        kinds += ["control"] if table.arms.is_control(str(record["method"])) else []
        previous = block
        cells = tuple(
            Cell(
                _number(record[column.name], column.metric),
                _interval(record[f"{column.name}.low"], record[f"{column.name}.high"], column.metric),
                first,
            )
            for column, first in zip(table.columns, firsts, strict=True)
        )
        rows.append(
            Row(
                tuple(
                    table.arms.label(str(record[key])) if key == "method" else _key(key, record[key]) for key in shown
                ),
                cells,
                " ".join(kinds),
            )
        )
    labels = tuple(column.label for column in table.columns)
    return Grid(tuple(_LABELS[key] for key in shown), labels, tuple(rows), tuple(groups))


def of_headlines(headlines: Sequence[Headline]) -> list[tuple[str, Grid]]:
    """For each (token budget, prompts): a row a share; unsteered, fixed methods, and each method at each
    cost.
    """
    groups: dict[str, list[Headline]] = {}
    for headline in headlines:
        groups.setdefault(
            f"{headline.prompts.domain} · {headline.prompts.scored_by} · budget {headline.budget}", []
        ).append(headline)
    found = []
    for name, group in groups.items():
        first = group[0]
        methods = list(dict.fromkeys(each.method for each in first.at_cost))
        costs = list(dict.fromkeys(each.capability_cost for each in first.at_cost))
        rows: list[Row] = []
        for headline in group:
            numbers = [(headline.base, True), *((estimate, False) for estimate in headline.fixed.values())]
            numbers += [(each.toxicity, each.capability_cost == costs[0]) for each in headline.at_cost]
            cells = tuple(
                Cell(_number(each.value, ""), _interval(each.low, each.high, ""), first) for each, first in numbers
            )
            rows.append(Row((share_in_words(headline.share),), cells))
        labels = ("none", *map(first.arms.label, first.fixed), *(f"≤ {cost:g}" for _ in methods for cost in costs))
        spans = [("", 1), ("at its own cost", 1 + len(first.fixed))]
        spans += [(f"{first.arms.label(method)}, ΔCE", len(costs)) for method in methods]
        found.append((name, Grid(("share",), labels, tuple(rows), tuple(spans))))
    return found


def of_parts(table: pd.DataFrame) -> Grid:
    """Mean toxicity by part and share."""
    keys = ["part", "share", "n"]
    if table["budget"].nunique() > 1:
        keys = ["budget", *keys]
    labels = [column for column in table.columns if column not in ("budget", "part", "share", "n")]
    rows: list[Row] = []
    previous = ""
    for record in table.to_dict("records"):
        kind = "begins" if rows and record["part"] != previous else ""
        previous = str(record["part"])
        cells = tuple(Cell(_number(record[label], "")) for label in labels)
        rows.append(Row(tuple(_key(str(key), record[key]) for key in keys), cells, kind))
    return Grid(tuple(keys), tuple(map(str, labels)), tuple(rows))


def of_cells(rows: pd.DataFrame) -> Grid:
    """Which cell measured which model."""
    columns = ["share", "seed", "budget", "cell"]
    frame = rows[columns].drop_duplicates().sort_values(columns)
    listed = (Row(tuple(_key(str(key), record[key]) for key in columns), ()) for record in frame.to_dict("records"))
    return Grid(tuple(columns), (), tuple(listed))


def _key(name: str, value: object) -> str:
    if name == "share" and isinstance(value, float):
        return share_in_words(value)
    if isinstance(value, float):
        return "" if np.isnan(value) else f"{value:g}"
    return str(value)


def _number(value: float | None, metric: str) -> str:
    if value is None or np.isnan(value):
        return ABSENT
    return f"{value:.1f}" if metric == "length" else in_digits(value)


def _interval(low: float | None, high: float | None, metric: str) -> str:
    if low is None or high is None or np.isnan(low) or np.isnan(high):
        return ""
    return f"{_number(low, metric)} … {_number(high, metric)}"
