"""Progress of work with named steps: bars on a terminal or in a notebook, now and then a line in a log."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from rich.console import Console
from rich.progress import Progress, TaskID

SECONDS_BETWEEN_LINES = 30.0


class Steps:
    """The progress of work whose steps have names.

    On a terminal each step has a bar, gone when the work is done. Elsewhere (a log file, CI) a line says how far a
    step is, at most one every :data:`SECONDS_BETWEEN_LINES`: short work says nothing.
    """

    def __init__(self, console: Console, bars: Progress) -> None:
        self._console, self._bars = console, bars
        self._tasks: dict[str, TaskID] = {}
        self._last_line = time.monotonic()

    @classmethod
    @contextmanager
    def shown(cls, console: Console) -> Iterator[Steps]:
        """Steps that are drawn until the block ends."""
        bars = Progress(console=console, transient=True)
        with bars if console.is_terminal else nullcontext():  # elsewhere even a disabled one ends in an empty line
            yield cls(console, bars)

    def __call__(self, what: str, done: int, whole: int) -> None:
        """``what`` is so far."""
        self._show(what, f"{what}: {done:,} of {whole:,}", done, whole)

    def note(self, text: str) -> None:
        """The last thing that is known of work of unknown length."""
        self._show("", text, None, None)

    def _show(self, step: str, line: str, done: int | None, whole: int | None) -> None:
        if self._console.is_terminal:
            if step not in self._tasks:
                self._tasks[step] = self._bars.add_task(step, total=whole)
            self._bars.update(self._tasks[step], completed=done, total=whole, description=step or line)
        elif (now := time.monotonic()) - self._last_line >= SECONDS_BETWEEN_LINES:
            self._last_line = now
            self._console.print(line, soft_wrap=True)
