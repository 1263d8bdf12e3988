"""A results folder: cells that are whole or absent, what they were computed from, and one writer at a time.

::

    RESULTS/
      study.yaml            the study as it was last run
      data.json             fingerprints of the files it read
      cells/KIND-HASH/      a finished cell: its tables, its artefacts, and cell.json with the hashes of them all
      work/KIND-HASH/       a cell under way (a pretraining run resumes from here)
      attempts/             the same of a run on several machines (hormesis.study.engine.attempts)
      failures/             what became of the cells that failed, until they run again
      measurements.parquet, prompts.parquet, documents.parquet      every row of every cell
      outside/              the same of cells that the study no longer plans
      report.html, figures/, tables/, summary.json
"""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pyarrow
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from hormesis.errors import HormesisError
from hormesis.files import Json, content_hash, text_hash, write_file, write_json
from hormesis.leftovers import sweep, sweep_scratch
from hormesis.marks import claim
from hormesis.measurements.names import MEASUREMENTS_FILE, OUTSIDE_FOLDER, RESULTS, TABLES
from hormesis.study.engine.cell import Cell
from hormesis.study.engine.kind import kind_of
from hormesis.study.engine.manifest import CELL_FILE, Faults, Manifest, UnreadableManifestError

if TYPE_CHECKING:
    from hormesis.study.config import StudyConfig

_SUM_KEY = "#"
"""In data.json: the hash of the others."""
_SUM_LINE = re.compile(r"^# sha256 of the lines above: .*$\n?", re.MULTILINE)
PROGRESS_FILE = "progress.json"
COMMIT_FILE = "COMMIT.json"
"""In ``cells/KIND-HASH/``: the cell is an attempt of several machines."""
ATTEMPTS_FOLDER = "attempts"
log = logging.getLogger(__name__)


class State(Enum):
    """Where a cell stands."""

    DONE = "done"
    MEASURED = "measured, artefacts not kept"
    DAMAGED = "damaged: runs again"
    RUNNING = "running"
    RESUMABLE = "resumable"
    MISSING = "to do"
    FAILED = "failed"
    SKIPPED = "skipped: needs one that failed"


@dataclass(frozen=True)
class FilesCheck:
    """What reading all files of all finished cells found.

    :param whole: cells whose files are all there and as they were written.
    :param unknown: names of cells from before files were hashed.
    :param faulty: by name of the cell, how its files differ.
    """

    whole: int
    unknown: tuple[str, ...]
    faulty: Mapping[str, Faults]


class Store:
    """The results folder ``folder``. Cheap to make; it may be read while a run is writing.

    :param folder: created on first write.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def cell_folder(self, cell: Cell[Any]) -> Path:
        """Where a finished cell lies."""
        return self._place(cell.name)

    def _place(self, name: str) -> Path:
        place = self.folder / "cells" / name
        try:
            commit = json.loads((place / COMMIT_FILE).read_text(encoding="utf-8"))
            return self.folder / ATTEMPTS_FOLDER / name / str(int(commit["attempt"]))
        except (OSError, ValueError, KeyError, TypeError):
            return place

    def work_folder(self, cell: Cell[Any]) -> Path:
        """Where a cell under way lies."""
        return self.folder / "work" / cell.name

    def latest_work(self, cell: Cell[Any]) -> Path:
        """Where a cell that is under way, here or on other machines, was last worked on."""
        return newest_attempt(self.folder, cell.name) or self.work_folder(cell)

    @property
    def cache_folder(self) -> Path:
        """Where databases lie that only save time."""
        return self.folder

    def faults(self, cell: Cell[Any]) -> Faults | None:
        """How the files of a finished cell differ from what was written; None where it was not finished.

        Cells from before files were hashed have none that are known.
        """
        folder = self.cell_folder(cell)
        try:
            manifest = Manifest.read(folder)
        except UnreadableManifestError:
            return Faults(damaged=(CELL_FILE,))
        return None if manifest is None else manifest.faults(folder)

    def is_complete(self, cell: Cell[Any]) -> bool:
        """Whether another cell can read this one's artefacts: all of its files are there and as they were written."""
        return self.faults(cell) == Faults() and kind_of(cell).is_whole(self.cell_folder(cell))

    def measured_cells(self) -> frozenset[str]:
        """Names of the cells whose rows are in ``measurements.parquet``, of this study or outside, whether or not their
        folders are kept."""
        inside, outside = (folder / MEASUREMENTS_FILE for folder in (self.folder, self.folder / OUTSIDE_FOLDER))
        return _cells_in(inside) | _cells_in(outside)

    def state(self, cell: Cell[Any], measured: frozenset[str]) -> State:
        """Where ``cell`` stands; ``measured`` is :meth:`measured_cells`, read once by the caller."""
        faults = self.faults(cell)
        if faults is not None and faults.damaged:
            return State.DAMAGED
        if faults == Faults() and kind_of(cell).is_whole(self.cell_folder(cell)):
            return State.DONE
        kept = faults is not None and TABLES.isdisjoint(faults.absent)
        if cell.name in measured or kept:
            return State.MEASURED
        return State.RESUMABLE if self.latest_work(cell).is_dir() else State.MISSING

    def claim(self) -> None:
        """Mark the folder as one that holds results.

        :raises HormesisError: it holds something else.
        """
        claim(self.folder, RESULTS)

    def finish(self, cell: Cell[Any]) -> None:
        """Turn the work folder of ``cell`` into its finished folder, in one rename.

        What is there of it from before goes; files that somebody else put there are set aside.
        """
        work, final = self.work_folder(cell), self.folder / "cells" / cell.name
        self.describe(cell, work)
        final.parent.mkdir(parents=True, exist_ok=True)
        if final.exists():  # damaged, or measured before and its artefacts since deleted
            self.clear(final)
        work.replace(final)

    def describe(self, cell: Cell[Any], work: Path) -> Mapping[str, Json]:
        """Write what ``work`` is, and the hashes of all that is in it, into its ``cell.json``."""
        described = {**cast(dict[str, Json], cell.description), "files": Manifest.of(work).description}
        write_json(work / CELL_FILE, described)
        return described

    def clear(self, final: Path) -> None:
        """Remove a finished folder, but not what others put there: that is set aside."""
        try:
            manifest = Manifest.read(final)
        except UnreadableManifestError:
            manifest = None
        if manifest is not None and manifest.files and manifest.foreign(final):
            aside = final.with_name(f"{final.name}.set-aside-{uuid.uuid4().hex[:8]}")
            log.warning("%s holds files of others: it is kept as %s", final, aside)
            final.rename(aside)
        else:
            shutil.rmtree(final)

    def check_files(self) -> FilesCheck:
        """Read every file of every finished cell, and compare it with what was written."""
        whole, unknown, faulty = 0, [], {}
        for name in sorted(path.name for path in (self.folder / "cells").glob("*")):
            folder = self._place(name)
            if not (folder / CELL_FILE).exists():
                continue
            try:
                manifest = Manifest.read(folder)
            except UnreadableManifestError:
                faulty[name] = Faults(damaged=(CELL_FILE,))
                continue
            if manifest is None or not manifest.files:
                unknown.append(name)
            elif (faults := manifest.faults(folder, content=True)) == Faults():
                whole += 1
            else:
                faulty[name] = faults
        return FilesCheck(whole, tuple(unknown), faulty)

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
            self._sweep()
            yield
        finally:
            owner.unlink(missing_ok=True)
            lock.release()

    def _sweep(self) -> None:
        """Remove what killed runs left; the lock must be held."""
        sweep_scratch()
        sweep(self.folder)
        sweep(self.folder / OUTSIDE_FOLDER)
        sweep(self.folder / "work", deep=True)
        for folder in (*(self.folder / "work").glob("*"), *(self.folder / ATTEMPTS_FOLDER).glob("*/*")):
            (folder / PROGRESS_FILE).unlink(missing_ok=True)  # of a run that is over

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
        whole = {**recorded, **data}
        write_json(self.folder / "data.json", {**whole, _SUM_KEY: content_hash(whole)})
        text = _SUM_LINE.sub("", text)
        with write_file(self.folder / "study.yaml") as temporary:
            temporary.write_text(f"{text.rstrip()}\n{_sum_line(text)}\n", encoding="utf-8")

    def recorded_data(self) -> dict[str, str]:
        """Fingerprints of the files that this folder's cells were computed from, by place.

        :raises HormesisError: their file is damaged.
        """
        path = self.folder / "data.json"
        if not path.is_file():
            return {}
        try:
            recorded: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
            check = recorded.pop(_SUM_KEY, None)
            if not all(isinstance(value, str) for value in recorded.values()):
                raise TypeError("a fingerprint is no text")
            if check is not None and check != content_hash(recorded):
                raise ValueError("its hash is not that of what it holds")
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            raise HormesisError(
                f"{path} is damaged ({error})",
                "remove it and run `hormesis study run` again, with the data at hand: it is written anew",
            ) from error
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
        except OSError:  # a folder that nobody can write: on a disk that is mounted for reading
            return False
        lock.release()
        return False

    def study(self) -> StudyConfig:
        """The study that was last run here.

        :raises HormesisError: this is not a results folder.
        """
        from hormesis.study.config import parse_study, study_text

        path = self.folder / "study.yaml"
        if not path.is_file():
            raise HormesisError(
                f"{self.folder} is not a results folder: it has no study.yaml",
                "give the folder that `hormesis study run STUDY --results FOLDER` wrote",
            )
        text = study_text(path)
        if (found := _SUM_LINE.search(text)) and found[0].strip() != _sum_line(_SUM_LINE.sub("", text)):
            fix = "run `hormesis study run STUDY` again with the study that you mean"
            raise HormesisError(f"{path} is not as the run wrote it", fix)
        return parse_study(text, where=str(path))


def newest_attempt(results: Path, cell: str, below: int | None = None) -> Path | None:
    """The folder of the last attempt of several machines at a cell; None where there was none.

    :param below: the last of those before this number.
    """
    try:
        numbers = [int(path.name) for path in (results / ATTEMPTS_FOLDER / cell).iterdir() if path.name.isdigit()]
    except OSError:
        return None
    before = [number for number in numbers if below is None or number < below]
    return results / ATTEMPTS_FOLDER / cell / str(max(before)) if before else None


def _sum_line(text: str) -> str:
    return f"# sha256 of the lines above: {text_hash(text.rstrip())}"


def _cells_in(path: Path) -> frozenset[str]:
    if not path.is_file():
        return frozenset()
    try:
        return frozenset(pq.read_table(path, columns=["cell"]).column("cell").to_pylist())
    except (pyarrow.ArrowException, OSError, ValueError, KeyError, TypeError, MemoryError) as error:
        raise HormesisError(
            f"{path} cannot be read: {error}",
            "delete it and run `hormesis study run` again: it is rebuilt from the folders under cells/",
        ) from error
