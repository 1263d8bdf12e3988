"""Runs cells side by side in worker processes of this machine, each with its own share of the cores.

A worker imports the libraries once and then runs one cell after another. Nothing is lost when it, or this
process, is stopped or killed: a cell is either finished (renamed into place) or resumes from its work folder.
"""

from __future__ import annotations

import concurrent.futures
import json
import logging
import multiprocessing
import os
import shutil
import signal
import time
import traceback
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Protocol

import psutil

from hormesis.disk import explained_by_the_disk
from hormesis.errors import HormesisError
from hormesis.files import write_json
from hormesis.study.engine.cell import Cell
from hormesis.study.engine.kind import Job, kind_of
from hormesis.study.engine.store import PROGRESS_FILE, State, Store
from hormesis.study.engine.worker import deaf_to_interrupts, start_worker

log = logging.getLogger(__name__)

_POLL_SECONDS = 0.5


class Watcher(Protocol):
    """Told what happens, in the process that called :func:`run_cells`."""

    def noticed(self, what: str) -> None: ...
    def started(self, cell: Cell[Any]) -> None: ...
    def progressed(self, cell: Cell[Any], progress: CellProgress) -> None: ...
    def finished(self, cell: Cell[Any], seconds: float) -> None: ...


@dataclass(frozen=True)
class Machine:
    """How the cores are shared out.

    :param workers: processes.
    :param threads: compute threads of each; workers × threads never exceeds the cores unless the user says so.
    """

    workers: int
    threads: int

    @classmethod
    def share_out(cls, workers: int | None, threads: int | None, cells: int) -> Machine:
        """Fill in what the user left open: one worker for each core, no more workers than cells."""
        cores = len(psutil.Process().cpu_affinity()) if hasattr(psutil.Process, "cpu_affinity") else os.cpu_count() or 1
        workers = workers or max(1, min(cores // (threads or 1), cells))
        return cls(workers, threads or max(1, cores // workers))


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
        if store.state(target, measured) in (State.MISSING, State.RESUMABLE, State.DAMAGED):
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
            self._next_write = now + _POLL_SECONDS
            state = CellProgress(round(fraction, 4), note, round(resumed, 4), os.getpid())
            write_json(self.path, asdict(state))

    def read(self) -> CellProgress | None:
        try:
            return CellProgress(**json.loads(self.path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None


def progress_of(cell: Cell[Any], store: Store) -> CellProgress | None:
    """How far a cell under way is; None when it has not said so."""
    return _ProgressFile(store.work_folder(cell)).read()


def run_cell(job: Job[Any]) -> None:
    """Compute one cell whose needs are complete, and finish it.

    :raises HormesisError: bad input, or an artefact of a needed cell that is damaged.
    """
    kind, work = kind_of(job.cell), job.work
    job.store.claim()
    if not kind.resumes:
        shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True, exist_ok=True)
    job.progress(0.0, "starts")
    kind.run(job)
    (work / PROGRESS_FILE).unlink(missing_ok=True)
    job.store.finish(job.cell)


def _run_in_worker(cell: Cell[Any], results: Path, root: Path | None) -> float:
    started = time.perf_counter()
    store = Store(results)
    work = store.work_folder(cell)
    try:
        run_cell(Job(cell, store, root, _ProgressFile(work).write))
    except (HormesisError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # PyTorch's CheckpointException is no Exception
        if (explained := explained_by_the_disk(error, work)) is not None:
            raise explained from error
        raise RuntimeError(f"{cell.label} ({cell.name}) failed:\n{traceback.format_exc()}") from None
    return time.perf_counter() - started


@dataclass
class _Schedule:
    """Which cells wait for which; ready cells come out in the plan's order."""

    waiting: list[Cell[Any]]
    unfinished: set[str] = field(init=False)

    def __post_init__(self) -> None:
        self.unfinished = {cell.name for cell in self.waiting}

    def take_ready(self, room: int) -> list[Cell[Any]]:
        ready = [
            cell for cell in self.waiting if not any(need.name in self.unfinished for need in cell.needs.values())
        ][:room]
        names = {cell.name for cell in ready}
        self.waiting = [cell for cell in self.waiting if cell.name not in names]
        return ready


def run_cells(cells: Sequence[Cell[Any]], store: Store, root: Path | None, machine: Machine, watcher: Watcher) -> None:
    """Run ``cells`` (each after those that it needs), telling ``watcher`` what happens.

    The first cell that fails ends the run after its neighbours were stopped; what they had done is kept.

    :param root: the folder that relative paths of data are read against.
    :raises HormesisError: bad input found by a cell, or a worker that was killed.
    :raises RuntimeError: a cell failed otherwise; its traceback is in the message.
    """
    schedule = _Schedule(list(cells))
    others = {process.pid for process in multiprocessing.active_children()}
    context = multiprocessing.get_context("spawn")
    for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[variable] = str(machine.threads)  # read by the libraries when the workers import them
    pool = concurrent.futures.ProcessPoolExecutor(machine.workers, context, start_worker, (machine.threads,))
    running: dict[concurrent.futures.Future[float], Cell[Any]] = {}
    workers: dict[int | None, BaseProcess] = {}
    whole = False
    try:
        while schedule.unfinished:
            for cell in schedule.take_ready(machine.workers - len(running)):
                watcher.started(cell)
                with deaf_to_interrupts():  # a worker may be started
                    running[pool.submit(_run_in_worker, cell, store.folder, root)] = cell
                workers |= {process.pid: process for process in multiprocessing.active_children()}
            done, _ = concurrent.futures.wait(running, _POLL_SECONDS, concurrent.futures.FIRST_COMPLETED)
            for cell in running.values():
                if progress := progress_of(cell, store):
                    watcher.progressed(cell, progress)
            for future in done:
                seconds = future.result()
                cell = running.pop(future)
                schedule.unfinished.discard(cell.name)
                watcher.finished(cell, seconds)
        whole = True
    except BrokenProcessPool as error:
        raise _killed(list(running.values()), store, workers) from error
    finally:
        if not whole:
            for process in multiprocessing.active_children():
                if process.pid not in others:
                    process.kill()
        pool.shutdown(wait=True, cancel_futures=True)


def _killed(running: Sequence[Cell[Any]], store: Store, workers: Mapping[int | None, BaseProcess]) -> HormesisError:
    """Which cell's worker died: the pool ends the others itself, and names none."""
    for process in workers.values():
        process.join(timeout=5)
    died = {pid: process.exitcode for pid, process in workers.items() if process.exitcode not in (None, 0)}
    first = {pid: code for pid, code in died.items() if code != -signal.SIGTERM} or died
    progress = {cell.name: progress_of(cell, store) for cell in running}
    guilty = [cell for cell in running if (known := progress[cell.name]) and known.process in first] or list(running)
    names = ", ".join(f"{cell.label} ({cell.name})" for cell in guilty) or "a cell"
    how = sorted({signal.Signals(-code).name for code in first.values() if code is not None and code < 0})
    told = f" by {', '.join(how)}" if how else ""
    if "SIGBUS" in how:
        fix = "a file that it had open was cut, or the disk is full: mend that, and run the same command again"
    else:
        fix = (
            "run the same command again: it resumes. If it is killed again, memory may be short: set"
            " `execution: {workers: 1}` in the study"
        )
    return HormesisError(f"a worker process was killed{told} while it ran: {names}", fix)
