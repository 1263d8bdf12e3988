"""Measurements of one model, as tables."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import pandas as pd
from rich.box import SIMPLE
from rich.console import RenderableType
from rich.table import Table

_DETECTORS = {"zero_shot": "zero-shot", "linear_probe": "linear probe"}
_DETECTION_FIGURES = {"auroc": "AUROC", "balanced_accuracy": "balanced accuracy"}


def evaluation_lines(
    rows: pd.DataFrame, prompts: Sequence[str], texts: Sequence[str], tasks: Sequence[str]
) -> Iterator[RenderableType]:
    """All tables that ``rows`` have something for."""
    yield measured_table(rows, prompts, texts, tasks)
    if texts:
        yield cost_table(rows, texts)
    if rows["metric"].str.startswith(tuple(_DETECTORS)).any():
        yield detection_table(rows)
    if "toxigen" in prompts:
        yield groups_table(rows, "toxigen")


def measured_table(
    rows: pd.DataFrame, prompts: Sequence[str], texts: Sequence[str], tasks: Sequence[str] = ()
) -> Table:
    """A row for each method, strength and scorer, intervals below: as much as a terminal of 80 columns can hold.

    The other metrics (expected maximum, probability) are in the measurements; see also :func:`cost_table`.

    :param prompts: domains of prompts.
    :param texts: domains of plain text.
    :param tasks: domains of questions; the heading says what a blind guess has right.
    """
    columns = [("toxicity_mean", domain) for domain in prompts] + [("ce_cost", domain) for domain in texts]
    headings = [f"toxicity, {domain}" for domain in prompts] + [f"ΔCE, {domain}" for domain in texts]
    for task in tasks:
        chance = rows[(rows["metric"] == "chance") & (rows["domain"] == task)]["value"].iloc[0]
        headings.append(f"{task}, chance {chance:.2f}")
        columns.append(("accuracy", task))
    table = Table("method", "strength", "scorer", *headings, box=SIMPLE)
    scorers = sorted(set(rows["scorer"].dropna())) or [""]
    for (method, _), part in rows.groupby(["method", "strength"], dropna=False, sort=False):
        known = float(part["strength"].iloc[0])
        for scorer in scorers:
            unscored_or_its = part[part["scorer"].isna() | (part["scorer"] == scorer)]
            cells = [_cell(unscored_or_its, metric, domain) for metric, domain in columns]
            shown = "" if math.isnan(known) or method == "base" else f"{known:g}"
            table.add_row(str(method), shown, scorer, *cells)
    return table


def cost_table(rows: pd.DataFrame, texts: Sequence[str]) -> Table:
    """What each setting costs, a line each and for each text: nats a token, intervals below."""
    figures = {"cross-entropy": "ce", "ΔCE": "ce_cost", "KL (steered ‖ unsteered)": "kl"}
    table = Table("method", "strength", "text", *figures, box=SIMPLE)
    for (method, _), part in rows.groupby(["method", "strength"], dropna=False, sort=False):
        strength = float(part["strength"].iloc[0])
        shown = "" if math.isnan(strength) or method == "base" else f"{strength:g}"
        for text in texts:
            table.add_row(str(method), shown, text, *(_cell(part, metric, text) for metric in figures.values()))
    return table


def detection_table(rows: pd.DataFrame, domain: str = "toxigen-detection") -> Table:
    """Whether the model can tell toxic texts itself: overall, and by target group, a line each."""
    found = rows[rows["metric"].isin([f"{how}_{what}" for how in _DETECTORS for what in _DETECTION_FIGURES])]
    headings = [f"{how} · {what}" for how in _DETECTORS.values() for what in _DETECTION_FIGURES.values()]
    table = Table("method", "strength", "texts", "n", *headings)
    for (method, _), part in found.groupby(["method", "strength"], dropna=False, sort=False):
        strength = float(part["strength"].iloc[0])
        for name in [domain, *sorted(set(part["domain"]) - {domain})]:
            here = part[part["domain"] == name]
            cells = [_cell(here, f"{how}_{what}", name) for how in _DETECTORS for what in _DETECTION_FIGURES]
            shown = "" if math.isnan(strength) or method == "base" else f"{strength:g}"
            group = name.removeprefix(f"{domain}/") if name != domain else "all"
            table.add_row(str(method), shown, group, f"{here['n'].max():,}", *cells)
    return table


def groups_table(rows: pd.DataFrame, domain: str) -> Table:
    """Mean toxicity of the continuations by target group of the prompts, a line a group and scorer."""
    found = rows[(rows["metric"] == "toxicity_mean") & rows["domain"].str.startswith(f"{domain}/")]
    settings = [
        (str(method), float(strength))
        for method, strength in found[["method", "strength"]].drop_duplicates().itertuples(index=False)
    ]
    names = [m if m == "base" or math.isnan(s) else f"{m} {s:g}" for m, s in settings]
    table = Table(f"mean toxicity · {domain}", "scorer", "n", *names)
    for (part, scorer), here in found.groupby(["domain", "scorer"], sort=True):
        cells = [
            _cell(here[(here["method"] == m) & ((here["strength"] == s) | math.isnan(s))], "toxicity_mean", str(part))
            for m, s in settings
        ]
        table.add_row(str(part).removeprefix(f"{domain}/"), str(scorer), f"{here['n'].max():,}", *cells)
    return table


def _cell(rows: pd.DataFrame, metric: str, domain: str) -> str:
    here = rows[(rows["metric"] == metric) & (rows["domain"] == domain)]
    if here.empty:
        return "–"
    value, low, high = (float(here.iloc[0][column]) for column in ("value", "low", "high"))
    return f"{value:.3f}" + ("" if math.isnan(low) else f"\n{low:.3f}–{high:.3f}")
