"""The geometry of a concept, one line a site."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from rich.box import SIMPLE
from rich.console import RenderableType
from rich.table import Table

from hormesis.corpus import ConceptTexts
from hormesis.representation.geometry import TOXICITY

if TYPE_CHECKING:
    from hormesis.representation import ConceptBank
    from hormesis.workbench import Surveyed


def geometry_lines(found: Surveyed, bank: ConceptTexts) -> Iterator[RenderableType]:
    """Overlap and separation by site, and what the columns are."""
    yield overlap_table(found.rows)
    yield separation_table(found.rows)
    yield (
        f"E: largest |cosine| of the toxicity direction with one of {len(bank.names)} concepts, {_each(bank):,} texts"
        f" each. Corrected: of that pair, without the noise's share. Nearest: {_nearest(found.banks)}. Baselines: where"
        " 95 % of draws lie. Below a split-half cosine of 0.5 a direction is mostly noise, and looks orthogonal for"
        " that reason alone. Rank: dimensions that the bank fills. Half-life: noise, in multiples of the activations'"
        " spread, that halves AUROC − ½."
    )


def _each(bank: ConceptTexts) -> int:
    return len(bank.texts) // len(bank.names)


def _nearest(banks: Sequence[ConceptBank]) -> str:
    """Which concept is nearest to toxicity, and at how many sites."""
    names = [bank.concepts[1 + int(np.abs(bank.cosines[0, 1:]).argmax())] for bank in banks]
    counts = pd.Series(names).value_counts()
    return ", ".join(f"{name} at {count} of {len(names)} sites" for name, count in list(counts.items())[:3])


def overlap_table(frame: pd.DataFrame) -> Table:
    """One line a site: how entangled the toxicity direction is, and what chance would give.

    :param frame: measurement rows of one model.
    """
    columns = {
        "E": ("entanglement", TOXICITY),
        "corrected": ("entanglement_corrected", TOXICITY),
        "split-half": ("split_half_cosine", TOXICITY),
        "random": ("entanglement", "random"),
        "covariance": ("entanglement", "covariance"),
        "shuffled": ("entanglement", "shuffled"),
        "Welch": ("entanglement", "welch"),
        "rank": ("effective_rank", "bank"),
    }
    return _by_site(frame, columns, "Overlap with other concepts")


def separation_table(frame: pd.DataFrame) -> Table:
    """One line a site: how well the toxicity direction separates held-out texts, here and in another data set."""
    columns = {
        "AUROC": ("direction_auroc", TOXICITY),
        "covariance": ("direction_auroc", "covariance"),
        "erased by": ("erasure_rank", TOXICITY),
        "half-life": ("noise_half_life", TOXICITY),
    }
    ways = sorted(set(frame.loc[frame["metric"] == "transfer_auroc", "domain"]))
    columns |= {way: ("transfer_auroc", way) for way in ways if "/" not in way and len(set(way.split("→"))) == 2}
    return _by_site(frame, columns, "Separation, on held-out texts")


def _by_site(frame: pd.DataFrame, columns: Mapping[str, tuple[str, str]], title: str) -> Table:
    table = Table("site", *columns, title=title, title_justify="left", box=SIMPLE)
    for site in dict.fromkeys(frame["site"]):
        here = frame[frame["site"] == site].set_index(["metric", "domain"])
        table.add_row(str(site), *(_cell(here, key) for key in columns.values()))
    return table


def _cell(here: pd.DataFrame, key: tuple[str, str]) -> str:
    if key not in here.index:
        return "–"
    row = here.loc[[key]].iloc[0]
    if key[0] == "erasure_rank":
        return f"{row['value']:.0f}"
    interval = "" if math.isnan(float(row["low"])) else f" ({row['low']:.2f}–{row['high']:.2f})"
    return f"{row['value']:.2f}{interval}"
