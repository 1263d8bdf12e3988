"""Progress on a terminal, for work with named steps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, TaskID


@contextmanager
def bar(console: Console) -> Iterator[Progress]:
    """A bar that is gone when the work is done, and that is not drawn into files."""
    with Progress(console=console, transient=True, disable=not console.is_terminal) as drawn:
        yield drawn


class Steps:
    """A progress bar whose steps have names."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, what: str, done: int, whole: int) -> None:
        if what not in self._tasks:
            self._tasks[what] = self._bar.add_task(what, total=whole)
        self._bar.update(self._tasks[what], completed=done, total=whole)
