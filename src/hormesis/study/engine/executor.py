"""Runs cells side by side in worker processes of this machine, each with its own share of the cores.

A worker imports the libraries once and then runs one cell after another. Nothing is lost when it, or this
process, is stopped or killed: a cell is either finished (renamed into place) or resumes from its work folder.
"""

from __future__ import annotations

import concurrent.futures
import json
import logging
import multiprocessing
import multiprocessing.connection
import os
import shutil
import signal
import threading
import time
import traceback
import warnings
from collections.abc import Iterable, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import psutil

from hormesis.errors import HormesisError
from hormesis.files import write_json
from hormesis.study.engine.cell import Cell
from hormesis.study.engine.kind import Job, kind_of
from hormesis.study.engine.store import State, Store

log = logging.getLogger(__name__)

_POLL_SECONDS = 0.5


class Watcher(Protocol):
    """Told what happens, in the process that called :func:`run_cells`."""

    def started(self, cell: Cell[Any]) -> None: ...
    def progressed(self, cell: Cell[Any], fraction: float, note: str) -> None: ...
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

    A target whose measurements are present is done, whether or not its artefacts are; a cell that a missing target
    reads must be complete.
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
        if store.state(target, measured) in (State.MISSING, State.RESUMABLE):
            want(target)
    return tuple(cell for cell in cells if cell.name in wanted)


class _ProgressFile:
    """How far a cell is, in its work folder: the parent reads it, and so does ``study status`` elsewhere."""

    def __init__(self, work: Path) -> None:
        self.path = work / "progress.json"
        self._next_write = 0.0

    def write(self, fraction: float, note: str) -> None:
        """At most once a poll, so that a fast cell does not spend its time on files."""
        now = time.monotonic()
        if now >= self._next_write:
            self._next_write = now + _POLL_SECONDS
            write_json(self.path, {"fraction": round(fraction, 4), "note": note})

    def read(self) -> tuple[float, str] | None:
        try:
            state = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return float(state["fraction"]), str(state["note"])


def progress_of(cell: Cell[Any], store: Store) -> tuple[float, str] | None:
    """How far a cell under way is (0 to 1) and what it does; None when it has not said so."""
    return _ProgressFile(store.work_folder(cell)).read()


def _die_with_parent() -> None:
    """A worker whose parent was killed must not go on writing: the folder's lock died with the parent."""
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, name="parent watch", daemon=True).start()


def _start_worker(threads: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    _die_with_parent()
    logging.getLogger("olmo_core").setLevel(logging.ERROR)  # it warns of what is meant here
    import torch
    from transformers.utils import logging as transformers_logging

    torch.set_num_threads(threads)
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # the study has its own
    transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    warnings.filterwarnings("ignore", "torch.distributed is disabled", UserWarning)


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
    (work / "progress.json").unlink(missing_ok=True)
    job.store.finish(job.cell)


def _run_in_worker(cell: Cell[Any], results: Path, root: Path | None) -> float:
    started = time.perf_counter()
    store = Store(results)
    try:
        run_cell(Job(cell, store, root, _ProgressFile(store.work_folder(cell)).write))
    except HormesisError:
        raise
    except Exception as error:
        raise RuntimeError(f"{cell.label} ({cell.name}) failed:\n{traceback.format_exc()}") from error
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
    context = multiprocessing.get_context("spawn")
    for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[variable] = str(machine.threads)  # read by the libraries when the workers import them
    pool = concurrent.futures.ProcessPoolExecutor(machine.workers, context, _start_worker, (machine.threads,))
    running: dict[concurrent.futures.Future[float], Cell[Any]] = {}
    whole = False
    try:
        while schedule.unfinished:
            for cell in schedule.take_ready(machine.workers - len(running)):
                watcher.started(cell)
                running[pool.submit(_run_in_worker, cell, store.folder, root)] = cell
            done, _ = concurrent.futures.wait(running, _POLL_SECONDS, concurrent.futures.FIRST_COMPLETED)
            for cell in running.values():
                if progress := progress_of(cell, store):
                    watcher.progressed(cell, *progress)
            for future in done:
                cell = running.pop(future)
                seconds = future.result()
                schedule.unfinished.discard(cell.name)
                watcher.finished(cell, seconds)
        whole = True
    except BrokenProcessPool as error:
        names = ", ".join(cell.label for cell in running.values())
        raise HormesisError(
            f"a worker process was killed while it ran: {names or 'a cell'}",
            "run the same command again: it resumes. If it is killed again, memory may be short:"
            " set `execution: {workers: 1}` in the study",
        ) from error
    finally:
        if not whole:
            for process in multiprocessing.active_children():
                process.kill()
        pool.shutdown(wait=whole, cancel_futures=True)
