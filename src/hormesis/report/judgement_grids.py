"""The tables of the section on what the data decide."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from hormesis.report.grid import Cell, Grid, Row
from hormesis.report.words import in_digits, share_in_words
from hormesis.statistics.arms import Arms
from hormesis.statistics.judgement import Judgement

_SIGNS, _UNKNOWN = {-1: "−", 0: "·", 1: "+"}, 2


def difference_grids(found: Sequence[Judgement]) -> list[tuple[str, Grid]]:
    """For each judgement a row a share: its paired difference from the lowest share at each capability budget."""
    grids = []
    for each in found:
        costs = list(each.differences)
        shares = sorted({one.share for group in each.differences.values() for one in group})
        rows = []
        for share in shares:
            cells: list[Cell] = []
            for cost in costs:
                one = next((one for one in each.differences[cost] if one.share == share), None)
                if one is None:
                    cells += [Cell("–", first=True), Cell("–")]
                    continue
                cells.append(Cell(f"{one.student.value:+.3f}", _span(one.student.low, one.student.high), first=True))
                cells.append(Cell(f"{one.p:.2g}", f"adjusted {one.adjusted:.2g}"))
            rows.append(Row((share_in_words(share),), tuple(cells)))
        if rows:
            groups = (("", 1), *((f"ΔCE ≤ {cost:g}", 2) for cost in costs))
            name = f"{each.arms.label(each.method)} · {each.prompts.domain} · {each.prompts.scored_by} · {each.budget}"
            grids.append((name, Grid(("share",), ("difference", "p") * len(costs), tuple(rows), groups)))
    return grids


def detectable_grid(table: pd.DataFrame) -> Grid | None:
    """Minimum detectable differences: a row a number of seeds, a column a set of prompts."""
    if table.empty:
        return None
    names = [f"{row.prompts}, {row.budget}, ΔCE ≤ {row.capability_cost:g}" for row in table.itertuples()]
    wide = table.assign(name=names).pivot_table(index="seeds", columns="name", values="detectable", sort=False)
    rows = tuple(
        Row((f"{count:.0f}",), tuple(Cell("–" if pd.isna(value) else in_digits(float(value))) for value in values))
        for count, values in zip(wide.index, wide.to_numpy(), strict=True)
    )
    return Grid(("seeds a share",), tuple(map(str, wide.columns)), rows)


def tail_grid(table: pd.DataFrame) -> Grid | None:
    """Tails of probe accuracies by share."""
    if table.empty:
        return None
    several = table["budget"].nunique() > 1
    rows = []
    for row in table.to_dict("records"):
        effect = Cell("–")
        if not pd.isna(row["effect"]):
            effect = Cell(f"{row['effect']:+.2f}", _span(row["effect_low"], row["effect_high"], 2))
        keys = [row["domain"], row["statistic"], share_in_words(row["share"])]
        cells = (
            Cell(in_digits(row["value"])),
            Cell(f"{row['difference']:+.3f}"),
            effect,
            Cell(f"{row['p']:.2g}", f"at least {row['p_smallest']:.2g}"),
            Cell(f"{row['p_trend']:.2g}"),
        )
        rows.append(Row(tuple(map(str, [*([row["budget"]] if several else []), *keys])), cells))
    labels = ("value", "minus lowest share", "in sd of heads", "p", "p of trend over all shares")
    return Grid((*(("budget",) if several else ()), "concept", "statistic", "share"), labels, tuple(rows))


def sign_grids(table: pd.DataFrame, arms: Arms) -> list[tuple[str, Grid]]:
    """For each capability cost a row a method, prompts and scorer, and a column a definition of cost.

    A cell has a sign a share, from low to high.
    """
    grids = []
    for cost, group in table.groupby("capability_cost") if len(table) else ():
        shares, definitions = sorted(set(group["share"])), list(dict.fromkeys(group["cost_definition"]))
        several = group["budget"].nunique() > 1
        rows = []
        for key, asked in group.groupby(["budget", "control", "method", "prompts", "scorer"]):
            signs = asked.set_index(["cost_definition", "share"])["sign"].to_dict()
            cells = (
                Cell(" ".join(_SIGNS.get(signs.get((definition, share), _UNKNOWN), "?") for share in shares))
                for definition in definitions
            )
            named = (arms.label(str(key[2])), *map(str, key[3:]))
            rows.append(Row((str(key[0]), *named) if several else named, tuple(cells)))
        said = f"at most {cost:g} nats a token; shares {', '.join(share_in_words(share) for share in shares)}"
        keys = (*(("budget",) if several else ()), "method", "prompts", "scorer")
        grids.append((said, Grid(keys, tuple(definitions), tuple(rows))))
    return grids


def _span(low: float, high: float, digits: int = 3) -> str:
    return "" if pd.isna(low) or pd.isna(high) else f"{low:+.{digits}f} … {high:+.{digits}f}"
