"""The frontier of one model, and its toxicity along tampering, as figures."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from hormesis.files import write_file
from hormesis.report.figures import house_style
from hormesis.report.figures.arms import model_arms
from hormesis.report.figures.style import Drawing
from hormesis.report.figures.tampering import tampering_figures
from hormesis.statistics.measurements import Measurements


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
