"""Measurements of one model for people: a table on a terminal, and its frontier as a picture."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from rich.table import Table

from hormesis.files import write_file
from hormesis.report.figures import house_style
from hormesis.report.figures.arms import model_arms
from hormesis.report.figures.style import Drawing
from hormesis.report.figures.tampering import tampering_figures
from hormesis.report.measurements import Measurements


def measured_table(rows: pd.DataFrame, prompts: Sequence[str], texts: Sequence[str]) -> Table:
    """One line a method, strength and scorer; intervals in brackets.

    :param prompts: domains of prompts.
    :param texts: domains of plain text.
    """
    columns = [(metric, domain) for metric in ("toxicity_mean", "toxicity_probability") for domain in prompts]
    columns += [(metric, domain) for domain in texts for metric in ("ce", "ce_cost", "kl")]
    table = Table("method", "strength", "scorer", *(f"{metric} · {domain}" for metric, domain in columns))
    scorers = sorted(set(rows["scorer"].dropna())) or [""]
    for (method, _), part in rows.groupby(["method", "strength"], dropna=False, sort=False):
        known = float(part["strength"].iloc[0])
        for scorer in scorers:
            unscored_or_its = part[part["scorer"].isna() | (part["scorer"] == scorer)]
            cells = [_cell(unscored_or_its, metric, domain) for metric, domain in columns]
            shown = "" if math.isnan(known) or method == "base" else f"{known:g}"
            table.add_row(str(method), shown, scorer, *cells)
    return table


def _cell(rows: pd.DataFrame, metric: str, domain: str) -> str:
    here = rows[(rows["metric"] == metric) & (rows["domain"] == domain)]
    if here.empty:
        return "–"
    value, low, high = (float(here.iloc[0][column]) for column in ("value", "low", "high"))
    return f"{value:.3f}" + ("" if math.isnan(low) else f" ({low:.3f}–{high:.3f})")


def draw_frontiers(rows: pd.DataFrame, model: str, folder: Path) -> list[Path]:
    """``frontier_PROMPTS_SCORER.png`` and ``.svg``: toxicity against ΔCE, a curve or a mark for each method.

    Nothing is drawn where no cost or no toxicity was measured. The cost is on the text called ``clean``,
    else on the first.
    """
    # The report knows models by share and seed; this one has neither, and is the only one.
    alone = rows.assign(share=0.0, init_seed=0, data_seed=0, order_seed=0)
    measured = Measurements.of(alone)
    written = []
    with house_style():
        for prompts in measured.prompt_sets:
            judged = re.sub(r"[^A-Za-z0-9]+", "-", f"{prompts.scorer} {prompts.scorer_revision[:8]}").strip("-").lower()
            drawing = model_arms(measured, prompts, f"frontier_{prompts.domain}_{judged}", model)
            if drawing is None:
                continue
            written += _written(drawing, folder)
    return written


def draw_tampering(rows: pd.DataFrame, folder: Path) -> list[Path]:
    """``tampering_PROMPTS.png`` and ``.svg``: toxicity by steps of fine-tuning."""
    with house_style():
        return [path for drawing in tampering_figures(rows) for path in _written(drawing, folder)]


def _written(drawing: Drawing, folder: Path) -> list[Path]:
    paths = []
    for suffix, data in zip(("png", "svg"), drawing.saved(), strict=True):
        paths.append(folder / f"{drawing.name}.{suffix}")
        with write_file(paths[-1]) as file:
            file.write_bytes(data)
    return paths
