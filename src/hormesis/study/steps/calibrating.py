"""Hold a scorer against the reference scores of other texts (Perspective's), and fit the map to their scale."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hormesis.corpus import read_scored_texts
from hormesis.evaluate.comparison import compare_with_reference
from hormesis.study.cells import CalibrationInputs, Cell
from hormesis.study.steps.rows import origin_of, write_rows
from hormesis.study.steps.scoring import open_scorer
from hormesis.study.store import Store

SCALE_FILE = "scale.json"


def calibration_step(cell: Cell, store: Store, root: Path | None, progress: Callable[[float, str], None]) -> None:
    """``scale.json``, and the scorer's agreement with the reference by column of texts."""
    inputs = cell.inputs
    assert isinstance(inputs, CalibrationInputs)
    work, scorer = store.work_folder(cell), open_scorer(cell.needs["scorer"], store)
    texts = read_scored_texts(inputs.reference, root)
    progress(0.1, f"scores {sum(len(part.texts) for part in texts.values()):,} texts")
    comparison = compare_with_reference(scorer, texts, inputs.reference.name)
    comparison.scale.save(work / SCALE_FILE)
    write_rows(work, comparison.measurements(origin_of(cell.name, None, scorer=(scorer.name, scorer.revision))))
