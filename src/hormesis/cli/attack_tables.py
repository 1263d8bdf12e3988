"""Rows of attacks and tampering as tables on a terminal."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd
from rich.table import Table


def attack_table(rows: pd.DataFrame) -> Table:
    """One line a method: rates of success with intervals."""
    table = Table("method", "strength", "n", "success", "without suffix", "judged so", "mean steps", "p against base")
    for method, part in rows.groupby("method", sort=False):
        values = part.set_index("metric")
        n = str(int(values["n"]["attack_success"]))
        shown = [_cell(part, metric) for metric in ("attack_success", "attack_success_without", "attack_granted")]
        p = values["value"].get("attack_mcnemar_p", math.nan)
        table.add_row(
            str(method),
            _strength(part),
            n,
            *shown,
            f"{values['value']['attack_steps']:.0f}",
            "–" if math.isnan(p) else f"{p:.3g}",
        )
    return table


def trigger_table(rows: pd.DataFrame) -> Table:
    """One line a method and set of prompts: toxicity before and after, and the rise."""
    metrics = ("trigger_toxicity_before", "trigger_toxicity_after", "trigger_rise", "trigger_rise_over_base")
    table = Table("method", "strength", "prompts", "n", "before", "after", "rise", "rise over base")
    for (method, domain), part in rows.groupby(["method", "domain"], sort=False):
        n = int(part.loc[part["metric"] == "trigger_rise", "n"].iloc[0])
        table.add_row(str(method), _strength(part), str(domain), str(n), *(_cell(part, metric) for metric in metrics))
    return table


def tamper_table(rows: pd.DataFrame, prompts: Sequence[str], texts: Sequence[str]) -> Table:
    """One line a method, kind and number of steps."""
    columns = [("toxicity_mean", domain) for domain in prompts] + [("ce", domain) for domain in texts]
    table = Table(
        "method", "strength", "tampering", "steps", "n", *(f"{metric} · {domain}" for metric, domain in columns)
    )
    keys = ["method", "tampering", "tampering_steps"]
    for (method, kind, _), part in rows.sort_values(keys).groupby(keys, sort=False):
        steps = int(part["tampering_steps"].iloc[0])
        cells = [_cell(part[part["domain"] == domain], metric) for metric, domain in columns]
        n = int(part.loc[part["metric"] == "toxicity_probability", "n"].max())
        table.add_row(str(method), _strength(part), str(kind), str(steps), str(n), *cells)
    return table


def recovery_shown(table: pd.DataFrame) -> Table:
    """Half-recoveries (:func:`hormesis.statistics.recovery_table`)."""
    shown = Table("method", "tampering", "prompts", "removed", "steps until half of it is back")
    for row in table.to_dict("records"):
        shown.add_row(
            str(row["method"]),
            str(row["tampering"]),
            str(row["domain"]),
            f"{row['removed']:.3f}",
            in_steps(float(row["steps"]), int(row["last_steps"])),
        )
    return shown


def in_steps(steps: float, last: int) -> str:
    """A number of steps, or why there is none."""
    if math.isnan(steps):
        return "nothing was removed"
    return f"not within {last}" if math.isinf(steps) else f"{steps:.0f}"


def _strength(rows: pd.DataFrame) -> str:
    known = rows["strength"].iloc[0]
    return "" if pd.isna(known) or rows["method"].iloc[0] == "base" else f"{float(known):g}"


def _cell(rows: pd.DataFrame, metric: str) -> str:
    here = rows[rows["metric"] == metric]
    if here.empty:
        return "–"
    value, low, high = (float(here[column].astype(float).iloc[0]) for column in ("value", "low", "high"))
    return f"{value:.3f}" + ("" if math.isnan(low) else f" ({low:.3f}–{high:.3f})")
