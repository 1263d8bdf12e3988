"""Runs cells in processes of this machine, each with its own share of the cores.

A process imports the libraries once and then runs one cell after another. Each stands alone: one that dies takes no
neighbour along, and another takes its place.
"""

from __future__ import annotations

import concurrent.futures
import multiprocessing
import os
import signal
import time
from collections.abc import Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Self

from hormesis.study.engine.cell import Cell
from hormesis.study.engine.devices import Device
from hormesis.study.engine.executor import Ended, Machine, attempt
from hormesis.study.engine.failures import Failure
from hormesis.study.engine.worker import deaf_to_interrupts, start_worker

_WAIT_FOR_THE_DEAD = 5.0


@dataclass
class _Slot:
    """One process, once there is work for it."""

    threads: int
    device: Device
    pool: concurrent.futures.ProcessPoolExecutor | None = None
    processes: list[BaseProcess] = field(default_factory=list)

    def submit(self, cell: Cell[Any], results: Path, root: Path | None) -> concurrent.futures.Future[Ended]:
        if self.pool is None:
            context = multiprocessing.get_context("spawn")
            self.pool = concurrent.futures.ProcessPoolExecutor(1, context, start_worker, (self.threads, self.device))
        others = {process.pid for process in multiprocessing.active_children()}
        with deaf_to_interrupts():  # a process may be started
            future = self.pool.submit(attempt, cell, results, root, self.device.kind)
        self.processes += [one for one in multiprocessing.active_children() if one.pid not in others]
        return future

    def bury(self) -> str:
        """What ended the process that died; the next cell gets another one."""
        for process in self.processes:
            process.join(_WAIT_FOR_THE_DEAD)
        codes = [process.exitcode for process in self.processes if process.exitcode not in (None, 0)]
        self.close(kill=True)
        named = sorted({signal.Signals(-code).name for code in codes if code is not None and code < 0})
        return ", ".join(named) or f"exit code {codes[0]}" if codes else "an unknown cause"

    def close(self, *, kill: bool) -> None:
        for process in self.processes if kill else ():
            process.kill()
        if self.pool is not None:
            self.pool.shutdown(wait=True, cancel_futures=True)
        self.pool, self.processes = None, []


class ProcessPool:
    """The default :class:`~hormesis.study.engine.executor.Executor`.

    :param results: the results folder.
    :param root: the folder that relative paths of data are read against.
    """

    def __init__(self, machine: Machine, results: Path, root: Path | None) -> None:
        self._results, self._root = results, root
        self._free = [_Slot(machine.threads, machine.device(worker)) for worker in range(machine.workers)]
        self._busy: dict[concurrent.futures.Future[Ended], tuple[_Slot, Cell[Any], float]] = {}
        for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
            os.environ[variable] = str(machine.threads)  # read by the libraries when the processes import them

    @property
    def room(self) -> int:
        """Processes without a cell."""
        return len(self._free)

    def submit(self, cell: Cell[Any]) -> None:
        """See :class:`~hormesis.study.engine.executor.Executor`."""
        slot = self._free.pop(0)
        self._busy[slot.submit(cell, self._results, self._root)] = slot, cell, time.perf_counter()

    def wait(self, seconds: float) -> Sequence[Ended]:
        """See :class:`~hormesis.study.engine.executor.Executor`."""
        done, _ = concurrent.futures.wait(self._busy, seconds, concurrent.futures.FIRST_COMPLETED)
        ended = []
        for future in done:
            slot, cell, began = self._busy.pop(future)
            try:
                ended.append(future.result())
            except BrokenProcessPool:
                ended.append(Ended(cell.name, time.perf_counter() - began, _died(slot.bury())))
            self._free.insert(0, slot)  # one that has its libraries loaded comes first
        return ended

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        for busy, _, _ in self._busy.values():
            busy.close(kill=True)
        for slot in self._free:
            slot.close(kill=False)


def _died(how: str) -> Failure:
    if how == "SIGBUS":
        fix = "a file that it had open was cut, or the disk is full: mend that, and run the same command again"
    else:
        fix = (
            "run the same command again: it resumes. If it is killed again, memory may be short: set"
            " `execution: {workers: 1}` in the study"
        )
    return Failure.of_worker(how, f"its process was killed by {how}", fix)
