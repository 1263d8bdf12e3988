"""Moments of a run, by what it does to files: "before the 40th write of a report", however fast the machine is.

A run is a fork of this process, and has workers; all of them count down one pipe (:class:`Trap`), so that a moment
comes once, in whichever process reaches it. It waits there until it is killed or let go.
"""

from __future__ import annotations

import os
import select
import struct
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PARTS = ("start", "fork", "cell", "checkpoint", "commit", "report")
"""Of a run, in the order in which they first come: what it writes of itself, its workers' births, what cells write, the
trainer's checkpoints, what turns work into a finished cell, and tables, figures and the page."""
_OWN = (".lock", ".owner", ".hormesis", "study.yaml", "data.json")
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_CHANGES = frozenset(
    {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "os.link", "os.symlink", "sqlite3.connect"}
)
_PIPE = 65_536
Hook = Callable[[str, tuple[object, ...]], None]


@dataclass(frozen=True)
class Moment:
    """Before operation ``number`` (from 0) of ``part``."""

    part: str
    number: int


def part_of(event: str, arguments: tuple[object, ...], results: Path) -> str | None:
    """Which part an audit event belongs to; None for what changes no file of ``results``."""
    if event == "os.fork":
        return "fork"
    if event == "open":
        path, flags, folder = arguments[0], arguments[2], None
        if not isinstance(flags, int) or not flags & _WRITES:
            return None
    elif event in _CHANGES:
        path = arguments[0]
        folder = arguments[-1] if event in ("os.remove", "os.rmdir", "os.mkdir") else None
    else:
        return None
    if not isinstance(path, str | os.PathLike):
        return None
    where = Path(os.fspath(path))
    if isinstance(folder, int) and folder >= 0 and not where.is_absolute():
        where = Path(os.readlink(f"/proc/self/fd/{folder}")) / where  # of a tree that is removed
    try:
        names = where.relative_to(results).parts
    except ValueError:
        return None
    return _part(names) if names else "start"


def _part(names: tuple[str, ...]) -> str:
    last = names[-1]
    if names[0] == "cells" or (names[0] == "work" and (len(names) == 2 or "cell.json" in last)):
        return "commit"
    if names[0] == "work":
        return "checkpoint" if any(name.startswith("step") for name in names) else "cell"
    return "start" if any(own in names[0] for own in _OWN) else "report"


class Record:
    """Writes the part of every operation, and every module that is imported, into a file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def hook(self, results: Path) -> Hook:
        """For :func:`sys.addaudithook`, in the run."""
        file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

        def note(event: str, arguments: tuple[object, ...]) -> None:
            if event == "import":
                os.write(file, f"import {arguments[0]}\n".encode())
            elif (part := part_of(event, arguments, results)) is not None:
                os.write(file, f"{part}\n".encode())

        return note

    def read(self) -> tuple[Counter[str], list[str]]:
        """Operations of each part, and names of modules in the order in which they were asked for."""
        lines = self._path.read_text(encoding="utf-8").splitlines()
        imported = dict.fromkeys(line.split()[1] for line in lines if line.startswith("import "))
        return Counter(line for line in lines if line in PARTS), list(imported)


class Trap:
    """Stops whichever process of a run comes to ``moment`` first, until it is killed or :meth:`let_go`."""

    def __init__(self, moment: Moment) -> None:
        self.moment = moment
        self._left, fill = os.pipe()
        os.set_blocking(self._left, False)
        os.write(fill, bytes(min(moment.number, _PIPE)))
        os.close(fill)
        self._told, self._tell = os.pipe()
        self._wait, self._go = os.pipe()

    def hook(self, results: Path) -> Hook:
        """For :func:`sys.addaudithook`, in the run; its workers inherit it."""
        os.close(self._go)
        passed = False

        def stop(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal passed
            if passed or part_of(event, arguments, results) != self.moment.part:
                return
            if not os.read(self._left, 1):
                os.write(self._tell, struct.pack("i", os.getpid()))
                os.read(self._wait, 1)  # ends when the other end is closed
                passed = True

        return stop

    def reached(self, seconds: float) -> int | None:
        """The process that stopped at the moment, waited for that long; None if there is none yet."""
        ready, _, _ = select.select([self._told], [], [], seconds)
        return int(struct.unpack("i", os.read(self._told, 4))[0]) if ready else None

    def let_go(self) -> None:
        """All go on."""
        os.close(self._go)
        self._go = -1

    def close(self) -> None:
        """Free the pipes."""
        for end in (self._left, self._told, self._tell, self._wait, *((self._go,) if self._go >= 0 else ())):
            os.close(end)


def install(hook: Hook) -> None:
    """From now on, in this process and its forks; it cannot be taken back."""
    sys.addaudithook(hook)
