"""The frontier of one model, and its toxicity along tampering, as figures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from hormesis.errors import HormesisError
from hormesis.notebook_figure import NotebookFigure
from hormesis.report.figures import house_style
from hormesis.report.figures.arms import model_arms
from hormesis.report.figures.style import Drawing
from hormesis.report.figures.tampering import tampering_figures
from hormesis.statistics.view import Measurements, PromptSet


def draw_frontiers(rows: pd.DataFrame, model: str, folder: Path) -> list[Path]:
    """``frontier_PROMPTS_SCORER.png`` and ``.svg``: toxicity against ΔCE, a curve or a mark for each method.

    Nothing is drawn where no cost or no toxicity was measured. The cost is on the text called ``clean``,
    else on the first.
    """
    with house_style():
        return [path for _, drawing in _frontiers(rows, model) for path in drawing.write(folder)]


def frontier_of(rows: pd.DataFrame, prompts: str | None, scorer: str | None, title: str) -> NotebookFigure:
    """The first of those frontiers, on these prompts and by this scorer where they are named.

    :raises HormesisError: there is none.
    """
    with house_style():
        found = [
            (each, drawing)
            for each, drawing in _frontiers(rows, title or "this model")
            if prompts in (None, each.domain) and scorer in (None, each.scorer)
        ]
    if not found:
        raise HormesisError(
            f"nothing to draw on {prompts or 'any prompts'} by {scorer or 'any scorer'}: toxicity of an intervention,"
            " or its cost, was not measured",
            "measure with prompts, scorers and texts",
        )
    return found[0][1].figure


def _frontiers(rows: pd.DataFrame, model: str) -> Iterator[tuple[PromptSet, Drawing]]:
    # The report knows models by share and seed; this one has neither, and is the only one.
    measured = Measurements.of(rows.assign(share=0.0, init_seed=0, data_seed=0, order_seed=0))
    for prompts in measured.prompt_sets:
        judged = re.sub(r"[^A-Za-z0-9]+", "-", f"{prompts.scorer} {prompts.scorer_revision[:8]}").strip("-").lower()
        drawing = model_arms(measured, prompts, f"frontier_{prompts.domain}_{judged}", model)
        if drawing is not None:
            yield prompts, drawing


def draw_tampering(rows: pd.DataFrame, folder: Path) -> list[Path]:
    """``tampering_PROMPTS.png`` and ``.svg``: toxicity by steps of fine-tuning."""
    with house_style():
        return [path for drawing in tampering_figures(rows) for path in drawing.write(folder)]
