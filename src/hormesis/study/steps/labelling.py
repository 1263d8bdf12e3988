"""Fit or load the labeller, whose scores recipes and tuning take, and measure it on rows that it has not seen."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np

from hormesis.evaluate import CachedScorer, Measurement, ScoreCache, Scorer, scorer_agreement
from hormesis.evaluate.scorers import FittedScorerKind
from hormesis.study.cells import Cell, LabellerInputs
from hormesis.study.steps.corpus import read_texts
from hormesis.study.steps.rows import origin_of, write_rows
from hormesis.study.steps.scoring import fit_scorer, scorer_of
from hormesis.study.store import Store

LABELS_FILE = "labels.sqlite"


def open_labeller(cell: Cell, store: Store) -> Scorer:
    """The labeller of a finished labeller cell.

    Scores that take long are kept for the next recipe, in a file of their own.

    :raises HormesisError: its artefact or model cannot be loaded.
    """
    labeller = _labeller(cell, store.cell_folder(cell))
    assert isinstance(cell.inputs, LabellerInputs)
    if cell.inputs.labeller.worth_caching:
        return CachedScorer(labeller, ScoreCache(store.folder / LABELS_FILE))
    return labeller


def _labeller(cell: Cell, folder: Path) -> Scorer:
    inputs = cell.inputs
    assert isinstance(inputs, LabellerInputs)
    return scorer_of(inputs.labeller, inputs.corpus, folder)


def labeller_step(cell: Cell, store: Store, root: Path | None, progress: Callable[[float, str], None]) -> None:
    """``scorer/`` for a labeller that is fitted here, and how well it tells the two sources' held-out rows apart."""
    inputs = cell.inputs
    assert isinstance(inputs, LabellerInputs)
    work, corpus = store.work_folder(cell), store.cell_folder(cell.needs["corpus"])
    if isinstance(inputs.labeller, FittedScorerKind):
        fit_scorer(inputs.labeller, inputs.held_out, "labeller", corpus, work / "scorer", root, progress)
    progress(0.7, "measures it")
    labeller = _labeller(cell, work)
    toxic = read_texts(corpus / "held_out" / "toxic.parquet")
    other = read_texts(corpus / "held_out" / "clean.parquet")
    found = scorer_agreement(labeller.score(toxic + other), np.repeat([1.0, 0.0], [len(toxic), len(other)]))
    origin = asdict(origin_of(cell.name, None, scorer=(labeller.name, labeller.revision)))
    rows = [Measurement(**origin, metric="labeller_auroc", domain="held out", value=found.auroc, n=found.n)]
    write_rows(work, [row for row in rows if math.isfinite(row.value)])
