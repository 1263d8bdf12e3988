"""Cells that end as they are told, in processes that import this file to read them; each counts its attempts."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import ClassVar, Literal

from hormesis.disk import DiskError
from hormesis.errors import HormesisError
from hormesis.measurements import Measurement
from hormesis.study.engine.cell import Cell, Inputs
from hormesis.study.engine.kind import KINDS, Job, Kind
from hormesis.study.rows import origin_of, write_rows
from tests.registering import restored

End = Literal["well", "raises", "raises once", "refuses", "full disk", "is killed once", "sleeps once", "waits once"]


class TrialInputs(Inputs):
    """What becomes of it, and the folder in which its attempts leave a file each, named by their process."""

    kind: ClassVar[str] = "trial"
    name: str
    ends: End = "well"
    count_in: str


class TrialKind(Kind[TrialInputs]):
    """See :class:`TrialInputs`."""

    inputs = TrialInputs
    resumes = True

    def run(self, job: Job[TrialInputs]) -> None:
        inputs = job.inputs
        seen = Path(inputs.count_in) / inputs.name
        seen.mkdir(parents=True, exist_ok=True)
        first = not any(seen.iterdir())
        (seen / f"{time.time_ns()}-{os.getpid()}").touch()
        (job.work / "begun.txt").write_text("kept from attempt to attempt")
        if inputs.ends == "raises":
            raise ZeroDivisionError("the drum has no skin")
        if inputs.ends == "refuses":
            raise HormesisError("there is no goose", "bring a goose")
        if inputs.ends == "full disk":
            raise DiskError("the disk is full", "free some space")
        if first and inputs.ends == "raises once":
            raise ConnectionError("the line is dead")
        if first and inputs.ends == "is killed once":
            os.kill(os.getpid(), signal.SIGKILL)
        if first and inputs.ends == "sleeps once":
            os.kill(os.getpid(), signal.SIGSTOP)
        while first and inputs.ends == "waits once":
            time.sleep(0.1)
        origin = asdict(origin_of(job.cell.name, None))
        write_rows(job.work, [Measurement(**origin, metric="n", domain="d", value=1, n=1)])


if "pytest" not in sys.modules:  # in a process of a pool or a cluster, which imports this file to read a cell
    KINDS.register("trial", TrialKind())


@contextmanager
def known() -> Iterator[None]:
    """The kind is known within the context."""
    with restored(KINDS):
        KINDS.register("trial", TrialKind())
        yield


def trials(folder: Path, ends: dict[str, End]) -> tuple[Cell[TrialInputs], ...]:
    """A cell of each name, one that needs it, and one that needs that."""
    cells: list[Cell[TrialInputs]] = []
    for name, end in ends.items():
        first = Cell(TrialInputs(name=name, ends=end, count_in=str(folder)), label=name)
        second = Cell(TrialInputs(name=f"{name} 2", count_in=str(folder)), {"first": first}, label=f"{name} 2")
        third = Cell(TrialInputs(name=f"{name} 3", count_in=str(folder)), {"second": second}, label=f"{name} 3")
        cells += [first, second, third]
    return tuple(cells)


def attempts(folder: Path) -> dict[str, int]:
    """How often each cell was begun."""
    return {path.name: len(list(path.iterdir())) for path in folder.iterdir()}
