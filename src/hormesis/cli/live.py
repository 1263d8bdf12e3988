"""The live display of a run: one line a cell under way, one for the whole, with the time left."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn
from rich.text import Text

from hormesis.cli.durations import in_words
from hormesis.cli.screen import Screen
from hormesis.study.engine.cell import Cell
from hormesis.study.engine.executor import CellProgress, Machine, Watcher
from hormesis.study.engine.failures import FailedCell, Failure
from hormesis.study.opened import Unwatched, Watch


def watched(screen: Screen) -> Watch:
    """A live display of each part of a run."""

    @contextmanager
    def watch(cells: Sequence[Cell[Any]], seconds: Mapping[str, float], machine: Machine) -> Iterator[Watcher]:
        console = screen.progress
        if not cells:
            console.print("nothing to compute: every cell is done")
            yield Unwatched()
            return
        gpus = len({device.gpu for device in machine.devices if device.gpu is not None})
        there = f" and {gpus} GPUs" if gpus else ""
        console.print(f"{len(cells)} cells to run on {machine.workers} processes × {machine.threads} threads{there}")
        with LiveDisplay.shown(console, cells, seconds) as display:
            yield display

    return watch


class _TimeLeft(ProgressColumn):
    """The time left of the whole run; cells show none."""

    def render(self, task: Task) -> Text:
        left = task.fields.get("left")
        return Text(f"{in_words(left)} left" if left is not None else "", style="cyan")


class LiveDisplay:
    """Draws the progress of a run (a :class:`hormesis.study.engine.executor.Watcher`).

    On a terminal it draws bars; elsewhere (a log file, CI) it writes a line when a cell starts and ends.

    :param cells: those that will run.
    :param weights: by name, how long each is expected to take, in any unit: what the time left is reckoned from.
    """

    def __init__(self, console: Console, cells: Sequence[Cell[Any]], weights: Mapping[str, float]) -> None:
        self.console = console
        self.weights = {cell.name: max(weights.get(cell.name, 0.0), 1e-3) for cell in cells}
        self.fractions = dict.fromkeys(self.weights, 0.0)
        self.resumed = dict.fromkeys(self.weights, 0.0)
        self.done = 0
        self.began = time.monotonic()
        self.progress = Progress(
            TextColumn("{task.description}", justify="left", markup=False),
            BarColumn(bar_width=24),
            TextColumn("{task.percentage:>3.0f} %"),
            TextColumn("{task.fields[note]}", style="dim", markup=False),
            _TimeLeft(),
            console=console,
            disable=not console.is_terminal,
        )
        self.whole: TaskID = self.progress.add_task("study", total=1.0, note="", left=None)
        self.tasks: dict[str, TaskID] = {}

    @classmethod
    @contextmanager
    def shown(cls, console: Console, cells: Sequence[Cell[Any]], weights: Mapping[str, float]) -> Iterator[Self]:
        """The display, drawn until the block ends."""
        display = cls(console, cells, weights)
        with display.progress:
            yield display

    def started(self, cell: Cell[Any]) -> None:
        """A cell began."""
        self.tasks[cell.name] = self.progress.add_task(cell.label, total=1.0, note="", left=None)
        if not self.console.is_terminal:
            self.console.print(f"start   {cell.label}  {cell.name}", soft_wrap=True)

    def noticed(self, what: str) -> None:
        """Something that people should know."""
        self.console.print(Text(what, style="yellow"), soft_wrap=True)

    def progressed(self, cell: Cell[Any], progress: CellProgress) -> None:
        """A cell is so far."""
        self.fractions[cell.name] = progress.fraction
        self.resumed[cell.name] = progress.resumed
        self.progress.update(self.tasks[cell.name], completed=progress.fraction, note=progress.note)
        self._update_whole()

    def finished(self, cell: Cell[Any], seconds: float) -> None:
        """A cell ended well."""
        self.fractions[cell.name] = 1.0
        self.done += 1
        self.progress.remove_task(self.tasks.pop(cell.name))
        self._update_whole()
        left = self._left()
        rest = f", {in_words(left)} left" if left else ""
        took = f"{in_words(seconds)}; {self.done} of {len(self.weights)} cells{rest}"
        said = Text.assemble(("done", "green"), f"    {cell.label}  ", (took, "dim"))
        self.console.print(said, soft_wrap=True)

    def stopped(self, cell: Cell[Any], failure: Failure) -> None:
        """A cell failed, and is tried again."""
        self.progress.remove_task(self.tasks.pop(cell.name))
        self._say("again", "yellow", f"{cell.label} ({cell.name}): {failure.problem}")

    def failed(self, cell: Cell[Any], found: FailedCell) -> None:
        """A cell was given up: it, and what needs it, are no more waited for."""
        self.progress.remove_task(self.tasks.pop(cell.name))
        for name in (cell.name, *found.skipped):
            for known in (self.weights, self.fractions, self.resumed):
                known.pop(name, None)
        self._update_whole()
        skipped = f"; {len(found.skipped)} cells that need it are skipped" if found.skipped else ""
        self._say("failed", "red", f"{cell.label} ({cell.name}): {found.problem}{skipped}; log: {found.log}")

    def _say(self, word: str, style: str, rest: str) -> None:
        self.console.print(Text.assemble((word, style), f"  {rest}"), soft_wrap=True)

    def _share_of(self, fractions: Mapping[str, float]) -> float:
        total = sum(self.weights.values()) or 1.0
        return sum(self.weights[name] * fraction for name, fraction in fractions.items()) / total

    def _left(self) -> float | None:
        """By what this run has done itself: what an earlier one did took none of its time."""
        share, elapsed = self._share_of(self.fractions), time.monotonic() - self.began
        own = share - self._share_of(self.resumed)
        return elapsed * (1 - share) / own if own > 0.01 and elapsed > 5 else None

    def _update_whole(self) -> None:
        note = f"{self.done}/{len(self.weights)} cells"
        self.progress.update(self.whole, completed=self._share_of(self.fractions), note=note, left=self._left())
