"""Runs the cells of a plan on an executor: each after those that it needs, and all that can go on when one fails.

A cell whose process died starts again from its work folder; one that raised is tried again once. The same exception
twice, or bad input, is a failure: what needs the cell is left out, and all else goes on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from hormesis.disk import DiskError
from hormesis.study.engine.attempts import forget_others
from hormesis.study.engine.cell import Cell
from hormesis.study.engine.executor import POLL_SECONDS, Executor, Watcher, progress_of
from hormesis.study.engine.failures import Blame, FailedCell, Failure, FailureLog, is_final
from hormesis.study.engine.store import Store


class Schedule:
    """Which cells wait for which; ready cells come out in the plan's order.

    :param cells: those to run; what they need beside these is complete.
    """

    def __init__(self, cells: Sequence[Cell[Any]]) -> None:
        self.waiting = list(cells)
        self.unfinished = {cell.name for cell in cells}
        """Those that are neither finished nor given up, and what is under way."""

    def take_ready(self, room: int) -> list[Cell[Any]]:
        """At most ``room`` cells that wait for nothing."""
        ready = [
            cell for cell in self.waiting if not any(need.name in self.unfinished for need in cell.needs.values())
        ][: max(0, room)]
        names = {cell.name for cell in ready}
        self.waiting = [cell for cell in self.waiting if cell.name not in names]
        return ready

    def finish(self, cell: Cell[Any]) -> None:
        """It is there: what waits for it alone is ready."""
        self.unfinished.discard(cell.name)

    def again(self, cell: Cell[Any]) -> None:
        """It is tried again, before all others."""
        self.waiting.insert(0, cell)

    def give_up(self, cell: Cell[Any]) -> list[Cell[Any]]:
        """It is not to be had; returned is what needs it, directly or not, which is given up with it."""
        lost, skipped = {cell.name}, []
        for other in self.waiting:  # in the plan's order: needs come first
            if any(need.name in lost for need in other.needs.values()):
                lost.add(other.name)
                skipped.append(other)
        self.unfinished -= lost
        self.waiting = [other for other in self.waiting if other.name not in lost]
        return skipped


def run_cells(cells: Sequence[Cell[Any]], store: Store, executor: Executor, watcher: Watcher) -> tuple[FailedCell, ...]:
    """Run ``cells`` (each after those that it needs), telling ``watcher`` what happens.

    :param executor: left as a context at the end, whatever happens.
    :returns: the cells that failed; their failures are in the results folder.
    :raises DiskError: the disk is full or may not be written, where nothing else could go on either; what was done is
        kept.
    """
    schedule, failures = Schedule(cells), FailureLog(store.folder)
    attempts: dict[str, list[Failure]] = defaultdict(list)
    running: dict[str, Cell[Any]] = {}
    failed: list[FailedCell] = []
    failures.forget(cells)
    with executor:
        while schedule.unfinished:
            for cell in schedule.take_ready(executor.room):
                watcher.started(cell)
                running[cell.name] = cell
                executor.submit(cell)
            ended = executor.wait(POLL_SECONDS)
            for cell in running.values():
                if progress := progress_of(cell, store):
                    watcher.progressed(cell, progress)
            for one in ended:
                cell = running.pop(one.cell)
                if one.failure is None:
                    schedule.finish(cell)
                    forget_others(store, cell)
                    watcher.finished(cell, one.seconds)
                    continue
                if one.failure.blame is Blame.MACHINE:
                    raise DiskError(one.failure.problem, one.failure.fix)
                attempts[cell.name].append(one.failure)
                if is_final(attempts[cell.name]):
                    skipped = [other.name for other in schedule.give_up(cell)]
                    failed.append(failures.write(cell, attempts[cell.name], skipped))
                    watcher.failed(cell, failed[-1])
                else:
                    schedule.again(cell)
                    watcher.stopped(cell, one.failure)
    return tuple(failed)
