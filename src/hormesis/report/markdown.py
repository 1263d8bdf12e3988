"""The paper's Table 1 as Markdown, with intervals: what one pastes into a page or a paper."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from hormesis.report.words import share_in_words
from hormesis.statistics.arms import Arms
from hormesis.statistics.setting_tables import Column, WideTable

_SHOWN = ("toxicity_mean", "ce", "ce_cost")


def paper_table(table: WideTable) -> str:
    """A row for each share × set-up, one a strength: mean toxicity on each set of prompts, CE, and what it cost.

    Controls come last at each share, and are in italics.
    """
    columns = [column for column in table.columns if column.metric in _SHOWN]
    several_budgets = table.frame["budget"].nunique() > 1
    several_heads = table.frame["heads"].dropna().nunique() > 1
    headings = [*(["budget"] if several_budgets else []), "share", "set-up", *map(_heading, columns)]
    lines = [_line(headings), _line(["---"] * len(headings))]
    for row in _rows(table.frame):
        control = table.arms.is_control(str(row["method"]))
        name = _set_up(row, table.arms, several_heads=several_heads)
        cells = [*([str(row["budget"])] if several_budgets else []), share_in_words(_number(row["share"]) or 0.0)]
        cells += [f"*{name}*" if control else name, *(_value(row, column) for column in columns)]
        lines.append(_line(cells))
    return "\n".join(lines) + "\n"


def _rows(frame: pd.DataFrame) -> Iterator[dict[str, object]]:
    for row in frame.to_dict("records"):
        yield {str(name): value for name, value in row.items()}


def _heading(column: Column) -> str:
    return column.group.removeprefix("toxicity on ") if column.metric == "toxicity_mean" else column.label


def _set_up(row: dict[str, object], arms: Arms, *, several_heads: bool) -> str:
    name = "as it is" if row["method"] == "base" else arms.label(str(row["method"]))
    strength, heads = _number(row["strength"]), _number(row["heads"])
    if row["method"] != "base" and strength is not None:
        name += f", {strength:g}"
    return name + (f", {heads:g} heads" if several_heads and heads is not None else "")


def _value(row: dict[str, object], column: Column) -> str:
    value, low, high = (_number(row.get(f"{column.name}{part}")) for part in ("", ".low", ".high"))
    if value is None:
        return ""
    interval = f" ({low:.3f}–{high:.3f})" if low is not None and high is not None and low != high else ""
    return f"{value:.3f}{interval}"


def _number(value: object) -> float | None:
    """A cell of the frame, None where it is empty."""
    return float(value) if isinstance(value, int | float) and np.isfinite(value) else None


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(map(_escaped, cells)) + " |"


def _escaped(text: str) -> str:
    """As Markdown shows it: names come from users, and neither end a cell nor are tags."""
    one_line = " ".join(text.split())
    return one_line.replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|")
