"""A results folder: cells that are whole or absent, what they were computed from, and one writer at a time.

::

    RESULTS/
      study.yaml            the study as it was last run
      data.json             fingerprints of the files it read
      cells/KIND-HASH/      a finished cell: cell.json, its tables, its artefacts
      work/KIND-HASH/       a cell under way (a pretraining run resumes from here)
      measurements.parquet, prompts.parquet, documents.parquet      every row of every cell
      outside/              the same of cells that the study no longer plans
      report.html, figures/, tables/, summary.json
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from hormesis.errors import HormesisError
from hormesis.files import write_file, write_json
from hormesis.marks import claim
from hormesis.measurements.names import MEASUREMENTS_FILE, OUTSIDE_FOLDER, RESULTS
from hormesis.study.engine.cell import Cell
from hormesis.study.engine.kind import kind_of

if TYPE_CHECKING:
    from hormesis.study.config import StudyConfig


class State(Enum):
    """Where a cell stands."""

    DONE = "done"
    MEASURED = "measured, artefacts not kept"
    RESUMABLE = "resumable"
    MISSING = "to do"


class Store:
    """The results folder ``folder``. Cheap to make; it may be read while a run is writing.

    :param folder: created on first write.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def cell_folder(self, cell: Cell[Any]) -> Path:
        """Where a finished cell lies."""
        return self.folder / "cells" / cell.name

    def work_folder(self, cell: Cell[Any]) -> Path:
        """Where a cell under way lies."""
        return self.folder / "work" / cell.name

    def is_complete(self, cell: Cell[Any]) -> bool:
        """Whether another cell can read this one's artefacts."""
        folder = self.cell_folder(cell)
        return (folder / "cell.json").is_file() and kind_of(cell).is_whole(folder)

    def measured_cells(self) -> frozenset[str]:
        """Names of the cells whose rows are in ``measurements.parquet``, of this study or outside, whether or not their
        folders are kept."""
        inside, outside = (folder / MEASUREMENTS_FILE for folder in (self.folder, self.folder / OUTSIDE_FOLDER))
        return _cells_in(inside) | _cells_in(outside)

    def state(self, cell: Cell[Any], measured: frozenset[str]) -> State:
        """Where ``cell`` stands; ``measured`` is :meth:`measured_cells`, read once by the caller."""
        if self.is_complete(cell):
            return State.DONE
        if cell.name in measured or (self.cell_folder(cell) / "cell.json").is_file():
            return State.MEASURED
        return State.RESUMABLE if self.work_folder(cell).is_dir() else State.MISSING

    def claim(self) -> None:
        """Mark the folder as one that holds results.

        :raises HormesisError: it holds something else.
        """
        claim(self.folder, RESULTS)

    def finish(self, cell: Cell[Any]) -> None:
        """Turn the work folder of ``cell`` into its finished folder, in one rename."""
        work, final = self.work_folder(cell), self.cell_folder(cell)
        write_json(work / "cell.json", cell.description)
        final.parent.mkdir(parents=True, exist_ok=True)
        if final.exists():  # measured before, its artefacts since deleted
            shutil.rmtree(final)
        work.replace(final)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the folder's lock.

        :raises HormesisError: another run holds it, or it holds something else than results.
        """
        self.claim()
        owner = self.folder / ".owner"
        lock = FileLock(self.folder / ".lock")
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            who = owner.read_text() if owner.is_file() else "unknown"
            raise HormesisError(
                f"another run is writing to {self.folder} (process {who})",
                "wait for it (`hormesis study status` shows how far it is), stop it, or choose another --results",
            ) from error
        try:
            owner.write_text(str(os.getpid()))
            yield
        finally:
            owner.unlink(missing_ok=True)
            lock.release()

    def remember(self, text: str, data: Mapping[str, str]) -> None:
        """Record the study and its data; refuse data that changed under finished cells.

        :raises HormesisError: a file has other content than when this folder's cells were computed.
        """
        recorded = self.recorded_data()
        changed = sorted(name for name in recorded.keys() & data.keys() if recorded[name] != data[name])
        if changed:
            raise HormesisError(
                f"data changed since {self.folder} was computed: {', '.join(changed)}",
                "restore the old files, or give another --results folder for the new ones",
            )
        write_json(self.folder / "data.json", {**recorded, **data})
        with write_file(self.folder / "study.yaml") as temporary:
            temporary.write_text(text, encoding="utf-8")

    def recorded_data(self) -> dict[str, str]:
        """Fingerprints of the files that this folder's cells were computed from, by place."""
        path = self.folder / "data.json"
        if not path.is_file():
            return {}
        recorded: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        return recorded

    def is_being_written(self) -> bool:
        """Whether a run holds this folder now; leaves no file in it."""
        if not (self.folder / ".lock").exists():
            return False
        lock = FileLock(self.folder / ".lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return True
        lock.release()
        return False

    def study(self) -> StudyConfig:
        """The study that was last run here.

        :raises HormesisError: this is not a results folder.
        """
        from hormesis.study.config import parse_study

        path = self.folder / "study.yaml"
        if not path.is_file():
            raise HormesisError(
                f"{self.folder} is not a results folder: it has no study.yaml",
                "give the folder that `hormesis study run STUDY --results FOLDER` wrote",
            )
        return parse_study(path.read_text(encoding="utf-8"), where=str(path))


def _cells_in(path: Path) -> frozenset[str]:
    if not path.is_file():
        return frozenset()
    try:
        return frozenset(pq.read_table(path, columns=["cell"]).column("cell").to_pylist())
    except (OSError, ValueError, KeyError) as error:
        raise HormesisError(
            f"{path} cannot be read: {error}",
            "delete it and run `hormesis study run` again: it is rebuilt from the folders under cells/",
        ) from error
