"""What each kind of cell does. A step reads the folders of the cells it needs, and fills its own work folder.

Steps are the only place where a study meets files and rooms at once: they open artefacts, hand typed values to
the rooms, and write what comes back. :func:`run_step` turns a filled work folder into a finished cell.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from hormesis.study.cells import Cell
from hormesis.study.steps.calibrating import calibration_step
from hormesis.study.steps.checking import check_step
from hormesis.study.steps.corpus import corpus_step
from hormesis.study.steps.evaluation import evaluate_step
from hormesis.study.steps.geometry import geometry_step
from hormesis.study.steps.labelling import labeller_step
from hormesis.study.steps.pretraining import pretrain_step
from hormesis.study.steps.probing import probe_step
from hormesis.study.steps.recipes import recipe_step
from hormesis.study.steps.scoring import scorer_step
from hormesis.study.steps.tampering import tamper_step
from hormesis.study.store import Store

Progress = Callable[[float, str], None]
"""Told how much of the cell is done (0 to 1), and what it does now."""

_STEPS: dict[str, Callable[[Cell, Store, Path | None, Progress], None]] = {
    "corpus": corpus_step,
    "check": check_step,
    "scorer": scorer_step,
    "calibration": calibration_step,
    "labeller": labeller_step,
    "recipe": recipe_step,
    "pretrain": pretrain_step,
    "probe": probe_step,
    "geometry": geometry_step,
    "evaluate": evaluate_step,
    "tamper": tamper_step,
}
_RESUMES = {"pretrain", "tamper"}


def run_step(cell: Cell, store: Store, root: Path | None, progress: Progress) -> None:
    """Compute one cell whose needs are complete, and finish it.

    :param root: the folder that relative paths of data are read against.
    :raises HormesisError: bad input, or an artefact of a needed cell that is damaged.
    """
    work = store.work_folder(cell)
    if cell.inputs.kind not in _RESUMES:
        shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True, exist_ok=True)
    progress(0.0, "starts")
    _STEPS[cell.inputs.kind](cell, store, root, progress)
    (work / "progress.json").unlink(missing_ok=True)
    store.finish(cell)
