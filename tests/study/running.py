"""A study run in this process, cell by cell: the libraries are imported once for all tests of a file.

Worker processes, stopping and resuming are the business of ``test_run.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import yaml

from hormesis.study.config import parse_study
from hormesis.study.engine.executor import run_cell
from hormesis.study.engine.kind import Job
from hormesis.study.engine.store import Store
from hormesis.study.plan import make_plan
from hormesis.study.results.report import draw_report


def run_here(values: Mapping[str, object], folder: Path, data: Path | None = None) -> Path:
    """Write ``folder/study.yaml``, run all its cells, and draw the report.

    :param data: what relative paths are read against; None: ``folder``.
    :returns: the results folder.
    """
    text, root, store = yaml.safe_dump(dict(values)), data or folder, Store(folder / "results")
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    plan = make_plan(parse_study(text, where="here"), root)
    with store.writing():
        store.remember(text, plan.data)
        for cell in plan.cells:
            run_cell(Job(cell, store, root, lambda *_: None))
        draw_report(store, figures=True)
    return store.folder
