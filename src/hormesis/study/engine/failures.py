"""What went wrong with a cell: one attempt's failure, and the record of a cell that was given up.

::

    RESULTS/failures/
      KIND-HASH.json    what failed, in short: `study status` reads it
      KIND-HASH.log     every attempt with its traceback, for people

Both are gone as soon as the cell is to run again.
"""

from __future__ import annotations

import json
import socket
import time
import traceback
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from hormesis.disk import DiskError, explained_by_the_disk
from hormesis.errors import HormesisError
from hormesis.files import write_file, write_json
from hormesis.leftovers import sweep
from hormesis.study.engine.cell import Cell

FAILURES_FOLDER = "failures"
_MOST_ATTEMPTS = 3


class Blame(Enum):
    """Whose fault a failure is, which decides whether trying again makes sense."""

    INPUT = "input"
    """The user's: it stays until it is mended."""
    CELL = "cell"
    """The cell's own code raised."""
    WORKER = "worker"
    """The process or node that ran it died."""
    MACHINE = "machine"
    """The disk's: no other cell can go on either."""


@dataclass(frozen=True)
class Failure:
    """How one attempt at a cell ended.

    :param exception: the name of its type, or what ended the process.
    :param place: ``FILE:LINE`` of our code or a library's that raised it; empty where a process died.
    :param problem: in one line or a few.
    :param fix: what to do about it.
    :param errno: of the system, where it was an error of it.
    """

    blame: Blame
    exception: str
    place: str
    problem: str
    fix: str
    traceback: str = ""
    host: str = ""
    at: str = ""
    errno: int | None = None

    @classmethod
    def of(cls, error: BaseException, work: Path) -> Failure:
        """Of what a cell raised; ``work`` is the folder that it wrote to."""
        explained = error if isinstance(error, HormesisError) else explained_by_the_disk(error, work)
        if isinstance(error, KeyboardInterrupt | SystemExit):  # OLMo-core's trainer, having heard a signal
            blame, problem = Blame.WORKER, "its process was told to stop"
            fix = "run the same command again: it resumes"
        elif explained is not None:
            blame = Blame.MACHINE if isinstance(explained, DiskError) else Blame.INPUT
            problem, fix = explained.problem, explained.fix
        else:
            blame, problem = Blame.CELL, f"{type(error).__name__}: {error}"
            fix = "its log has the traceback; mend what it names, or report it as a defect, then run the study again"
        errno = error.errno if isinstance(error, OSError) else None
        frames = traceback.extract_tb(error.__traceback__)
        place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
        told = "".join(traceback.format_exception(error))
        return cls(blame, type(error).__name__, place, problem, fix, told, socket.gethostname(), _now(), errno)

    @classmethod
    def of_worker(cls, exception: str, problem: str, fix: str) -> Failure:
        """Of a process that died with nothing said."""
        return cls(Blame.WORKER, exception, "", problem, fix, "", socket.gethostname(), _now())

    def is_same(self, other: Failure) -> bool:
        """Whether both are the same exception: of one type, raised at one place."""
        return (self.exception, self.place) == (other.exception, other.place)


def is_final(attempts: Sequence[Failure]) -> bool:
    """Whether a cell that failed so is not tried again: the user has to mend something, the same exception came twice,
    or three came."""
    *before, last = attempts
    again = any(last.is_same(one) for one in before)
    return last.blame is Blame.INPUT or again or len(attempts) >= _MOST_ATTEMPTS


@dataclass(frozen=True)
class FailedCell:
    """A cell that was given up.

    :param log: the file that has every attempt.
    :param skipped: names of the cells that need it, directly or not, and were left out for it.
    """

    cell: str
    what: str
    attempts: int
    exception: str
    problem: str
    fix: str
    log: Path
    skipped: tuple[str, ...] = ()


class FailureLog:
    """The failed cells of a results folder."""

    def __init__(self, results: Path) -> None:
        self.folder = results / FAILURES_FOLDER

    def write(self, cell: Cell[Any], attempts: Sequence[Failure], skipped: Sequence[str]) -> FailedCell:
        """Record a cell that was given up after ``attempts``."""
        last = attempts[-1]
        log = self.folder / f"{cell.name}.log"
        found = FailedCell(
            cell.name, cell.label, len(attempts), last.exception, last.problem, last.fix, log, tuple(skipped)
        )
        self.folder.mkdir(parents=True, exist_ok=True)
        with write_file(log) as temporary:
            temporary.write_text("\n".join(_told(cell, number, each) for number, each in enumerate(attempts, 1)))
        state = {**asdict(found), "log": log.name, "skipped": list(skipped)}
        write_json(self.folder / f"{cell.name}.json", state)
        return found

    def read(self, cell: str) -> FailedCell | None:
        """What is recorded of the cell of that name; None where it has not failed."""
        path = self.folder / f"{cell}.json"
        try:
            state = json.loads(path.read_text(encoding="utf-8"))
            return FailedCell(**{**state, "log": self.folder / state["log"], "skipped": tuple(state["skipped"])})
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def all(self) -> tuple[FailedCell, ...]:
        """Every failed cell, by name."""
        found = (self.read(path.stem) for path in sorted(self.folder.glob("*.json")))
        return tuple(one for one in found if one is not None)

    def forget(self, cells: Sequence[Cell[Any]]) -> None:
        """Those are to run again."""
        for cell in cells:
            for suffix in ("json", "log"):
                (self.folder / f"{cell.name}.{suffix}").unlink(missing_ok=True)
        sweep(self.folder)
        if self.folder.is_dir() and not any(self.folder.iterdir()):
            self.folder.rmdir()


class CellsFailedError(HormesisError):
    """A run did all that it could, and some cells failed.

    :param failed: each, with what was left out for it.
    :param page: the report of what was done, if one was drawn.
    """

    def __init__(self, failed: Sequence[FailedCell], *, page: Path | None = None) -> None:
        self.failed, self.page = tuple(failed), page
        first = self.failed[0]
        skipped = len({name for one in self.failed for name in one.skipped})
        counts = f"{len(self.failed)} cells" if len(self.failed) > 1 else "1 cell"
        problem = f"{counts} failed, {skipped} that need them were skipped; first {first.what} ({first.cell}): "
        fix = f"{first.fix}; the same command again takes up just those. Its log: {first.log}"
        super().__init__(problem + first.problem, fix)

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (self.failed, self.page)


def _again(failed: tuple[FailedCell, ...], page: Path | None) -> CellsFailedError:
    return CellsFailedError(failed, page=page)


def _told(cell: Cell[Any], number: int, failure: Failure) -> str:
    head = f"{failure.at} on {failure.host}: attempt {number} at {cell.label} ({cell.name})"
    return f"{head}\n{failure.problem}\nFix: {failure.fix}\n{failure.traceback}"


def _now() -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S")
