"""Where cells run: the protocol of what runs single cells, and what a process does that runs one.

The default is this machine's processes (:mod:`~hormesis.study.engine.pool`). Nothing is lost when a process is stopped
or killed: a cell is either finished or resumes from its work folder.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol, Self

import psutil

from hormesis.files import write_json
from hormesis.study.engine.attempts import copy_work
from hormesis.study.engine.cell import Cell
from hormesis.study.engine.devices import Device
from hormesis.study.engine.failures import FailedCell, Failure
from hormesis.study.engine.kind import Job, kind_of
from hormesis.study.engine.store import PROGRESS_FILE, State, Store

POLL_SECONDS = 0.5


class Watcher(Protocol):
    """Told what happens, in the process that called :func:`hormesis.study.engine.run.run_cells`."""

    def noticed(self, what: str) -> None: ...
    def started(self, cell: Cell[Any]) -> None: ...
    def progressed(self, cell: Cell[Any], progress: CellProgress) -> None: ...
    def finished(self, cell: Cell[Any], seconds: float) -> None: ...
    def stopped(self, cell: Cell[Any], failure: Failure) -> None: ...
    def failed(self, cell: Cell[Any], found: FailedCell) -> None: ...


@dataclass(frozen=True)
class Ended:
    """How one attempt at a cell ended.

    :param cell: its name.
    :param failure: None: it is finished.
    """

    cell: str
    seconds: float
    failure: Failure | None = None


class Executor(Protocol):
    """Runs single cells, whose needs are complete, somewhere; it knows nothing of plans and of what is tried again.

    As a context: leaving it stops what still runs, and waits until nothing writes any more.
    """

    @property
    def room(self) -> int:
        """How many more cells may be submitted now."""
        ...

    def submit(self, cell: Cell[Any]) -> None:
        """Begin a cell. The folder of results gets what it makes; nothing else comes back."""
        ...

    def wait(self, seconds: float) -> Sequence[Ended]:
        """Those that ended since, after at most so many seconds."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


@dataclass(frozen=True)
class Machine:
    """How the cores are shared out.

    :param workers: processes.
    :param threads: compute threads of each; workers × threads never exceeds the cores unless the user says so.
    :param devices: of each process; where there are fewer than processes, they go round.
    """

    workers: int
    threads: int
    devices: tuple[Device, ...] = (Device(),)

    @classmethod
    def share_out(
        cls,
        workers: int | None,
        threads: int | None,
        cells: int,
        *,
        gpus: tuple[str, ...] = (),
        gpus_per_cell: float = 1.0,
    ) -> Machine:
        """Fill in what the user left open: one worker for each core, no more workers than cells.

        :param gpus: where there are some, as many workers as find room on them, still no more than cores.
        :param gpus_per_cell: the share of a GPU that a worker has.
        """
        cores = len(psutil.Process().cpu_affinity()) if hasattr(psutil.Process, "cpu_affinity") else os.cpu_count() or 1
        devices = tuple(Device(gpu, gpus_per_cell) for _ in range(int(1 / gpus_per_cell)) for gpu in gpus)
        most = cores // (threads or 1)
        workers = workers or max(1, min(most, cells, len(devices) or most))
        return cls(workers, threads or max(1, cores // workers), devices or (Device(),))

    def device(self, worker: int) -> Device:
        """Of the worker of that number."""
        return self.devices[worker % len(self.devices)]


def required(cells: Sequence[Cell[Any]], targets: Iterable[Cell[Any]], store: Store) -> tuple[Cell[Any], ...]:
    """The cells that have to run so that every target is measured, each after those that it needs.

    A target whose measurements are present is done, whether or not its artefacts are, unless a file of it is damaged; a
    cell that a missing target reads must be complete.
    """
    measured = store.measured_cells()
    wanted: set[str] = set()

    def want(cell: Cell[Any]) -> None:
        if cell.name not in wanted:
            wanted.add(cell.name)
            for need in cell.needs.values():
                if not store.is_complete(need):
                    want(need)

    for target in targets:
        if store.state(target, measured) not in (State.DONE, State.MEASURED):
            want(target)
    return tuple(cell for cell in cells if cell.name in wanted)


@dataclass(frozen=True)
class CellProgress:
    """How far a cell under way is.

    :param fraction: 0 to 1.
    :param note: what it does now.
    :param resumed: the fraction that an earlier run had done.
    :param process: the worker that runs it.
    """

    fraction: float
    note: str
    resumed: float = 0.0
    process: int | None = None


class _ProgressFile:
    """How far a cell is, in its work folder: the parent reads it, and so does ``study status`` elsewhere."""

    def __init__(self, work: Path) -> None:
        self.path = work / PROGRESS_FILE
        self._next_write = 0.0

    def write(self, fraction: float, note: str, resumed: float = 0.0) -> None:
        """At most once a poll, so that a fast cell does not spend its time on files."""
        now = time.monotonic()
        if now >= self._next_write:
            self._next_write = now + POLL_SECONDS
            state = CellProgress(round(fraction, 4), note, round(resumed, 4), os.getpid())
            write_json(self.path, asdict(state))

    def read(self) -> CellProgress | None:
        try:
            return CellProgress(**json.loads(self.path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None


def progress_of(cell: Cell[Any], store: Store) -> CellProgress | None:
    """How far a cell under way is; None when it has not said so."""
    return _ProgressFile(store.latest_work(cell)).read()


def run_cell(job: Job[Any]) -> None:
    """Compute one cell whose needs are complete, and finish it.

    :raises HormesisError: bad input, or an artefact of a needed cell that is damaged.
    """
    kind, work = kind_of(job.cell), job.work
    job.store.claim()
    if not kind.resumes:
        shutil.rmtree(work, ignore_errors=True)
    elif not work.exists() and (left := job.store.latest_work(job.cell)) != work:  # by other machines
        copy_work(left, work)
    work.mkdir(parents=True, exist_ok=True)
    job.progress(0.0, "starts")
    kind.run(job)
    (work / PROGRESS_FILE).unlink(missing_ok=True)
    job.store.finish(job.cell)


def attempt(
    cell: Cell[Any], results: Path, root: Path | None, device: str = "cpu", *, store: Store | None = None
) -> Ended:
    """Compute one cell in this process, and tell how it ended: nothing is raised.

    :param results: the folder.
    :param root: the folder that relative paths of data are read against.
    :param device: that models run on.
    :param store: that folder, where it is not to be worked in as usual.
    """
    started = time.perf_counter()
    store = store or Store(results)
    work = store.work_folder(cell)
    failure = None
    try:
        run_cell(Job(cell, store, root, _ProgressFile(work).write, device))
    except BaseException as error:  # PyTorch's CheckpointException is no Exception
        failure = Failure.of(error, work)
    return Ended(cell.name, time.perf_counter() - started, failure)
