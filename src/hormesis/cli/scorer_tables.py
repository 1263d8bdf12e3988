"""How far scorers can be believed, as a table."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd
from rich.box import SIMPLE
from rich.console import RenderableType
from rich.table import Table

if TYPE_CHECKING:
    from hormesis.measurements import BehaviourTable
    from hormesis.workbench import Comparisons

_SHOWN = {
    "reference_spearman": "ρ",
    "reference_auroc": "AUROC",
    "reference_ece": "ECE",
    "reference_error": "error, raw",
    "reference_error_mapped": "error, mapped",
}


def behaviour_lines(found: BehaviourTable) -> Iterator[RenderableType]:
    """What a scorer calls toxic, a row a function, and what to be careful with."""
    for toxic, title in ((False, "Called toxic, of texts that are not"), (True, "Called toxic, of texts that are")):
        table = Table("function", "share", "95 %", "n", "", title=title, title_justify="left", box=SIMPLE)
        for each in (each for each in found.results if each.toxic == toxic):
            low, high = each.interval
            mark = "weak" if each.is_weak else ""
            table.add_row(each.name, f"{each.share:.2f}", f"{low:.2f}–{high:.2f}", f"{each.n}", mark)
        yield table
    for caution in found.cautions:
        yield f"caution: {caution}"


def comparison_lines(found: Comparisons) -> Iterator[RenderableType]:
    """A row a scorer and column of texts, and how two scorers rank alike."""
    table = Table("scorer", "texts", "n", title=f"Against {found.name}", title_justify="left", box=SIMPLE)
    for heading in _SHOWN.values():
        table.add_column(heading, no_wrap=heading in ("ρ", "AUROC"))
    rows = found.rows
    parts = list(dict.fromkeys(rows["domain"]))
    for name, revision in found.scorers:
        own = rows[(rows["scorer"] == name) & (rows["scorer_revision"] == revision)]
        for part in parts:
            here = own[own["domain"] == part].drop_duplicates("metric").set_index("metric")
            count = f"{here.loc['reference_ece', 'n']:,}" if "reference_ece" in here.index else "0"
            table.add_row(name, part, count, *(_words(here, metric) for metric in _SHOWN))
    yield table
    yield (
        "; ".join(f"{name} revision {revision}" for name, revision in found.scorers)
        + ". ρ: Spearman's; AUROC: of the reference at 0.5. 95 % bootstrap intervals over texts; the map is fitted on"
        " one half of the texts, and errors (mean absolute differences) are of the other"
    )
    for pair in found.pairs.to_dict("records"):
        yield (
            f"{pair['one']} and {pair['other']} on {pair['texts']}: ρ = {pair['rho']:.3f} ({pair['rho_low']:.3f}–"
            f"{pair['rho_high']:.3f}), r = {pair['r']:.3f} ({pair['r_low']:.3f}–{pair['r_high']:.3f}),"
            f" n = {pair['n']:,}"
        )


def _words(here: pd.DataFrame, metric: str) -> str:
    if metric not in here.index:
        return "–"
    value, low, high = (float(here[column].astype(float)[metric]) for column in ("value", "low", "high"))
    return f"{value:.3f}" + ("" if math.isnan(low) else f"\n{low:.2f}–{high:.2f}")
