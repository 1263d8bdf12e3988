"""Cells of a results folder that several machines write to: each attempt has a folder of its own, and one commits.

::

    RESULTS/
      attempts/KIND-HASH/N/        what the N-th attempt at a cell made
      cells/KIND-HASH/COMMIT.json  which attempt is the cell, and the sha256 of its files

A commit is put there if nothing is (:func:`put_if_absent`), and is whole or absent: no rename of folders, no lock, no
clock. Two machines on one cell do no harm: the first to commit wins, and the other's work is dropped. A new attempt at
a cell that resumes begins with a copy of what the newest one left. Cells that one machine made lie in
``cells/KIND-HASH/`` itself; both are read.
"""

from __future__ import annotations

import errno
import os
import shutil
import socket
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from hormesis.files import Json, indented_json
from hormesis.leftovers import temporary_sibling
from hormesis.study.engine.cell import Cell
from hormesis.study.engine.kind import kind_of
from hormesis.study.engine.manifest import CELL_FILE
from hormesis.study.engine.store import ATTEMPTS_FOLDER, COMMIT_FILE, PROGRESS_FILE, Store, newest_attempt

ALIVE_FILE = "alive"
"""Touched while an attempt is under way."""
_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EXDEV})
_NOT_TAKEN_OVER = shutil.ignore_patterns(".*.tmp", ".lock", "*-tmp", ALIVE_FILE, PROGRESS_FILE, CELL_FILE)
_COPIES = 3


def put_if_absent(path: Path, text: str, scratch: Path) -> bool:
    """Write a file if there is none of that name; of several that try, on whatever machines, one does.

    A link to a whole file, which NFS, too, makes at most once; where the file system has no links, a file that is
    created exclusively.

    :param scratch: a folder of the same file system, for a temporary file.
    :returns: whether the file is ours.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_sibling(scratch / path.name)
    try:
        _write(temporary, text, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
        try:
            os.link(temporary, path)
        except FileExistsError:  # perhaps by ourselves: the answer of a server may have been lost
            return path.read_text(encoding="utf-8") == text
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            try:
                _write(path, text, os.O_CREAT | os.O_WRONLY | os.O_EXCL)
            except FileExistsError:
                return False
        return True
    finally:
        temporary.unlink(missing_ok=True)


def _write(path: Path, text: str, flags: int) -> None:
    with os.fdopen(os.open(path, flags, 0o644), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


class AttemptStore(Store):
    """A results folder as one attempt at one cell sees it: it works in its own folder, and finishing is committing.

    :param cell: the cell that is attempted; the folder of the attempt is made, and numbered after all before it.
    :param caches: a folder of this machine's own, for what is kept to save time.
    """

    def __init__(self, folder: Path, cell: Cell[Any], caches: Path) -> None:
        super().__init__(folder)
        self.cell, self._caches = cell, caches
        self.attempt = _begin(folder / ATTEMPTS_FOLDER / cell.name)
        if kind_of(cell).resumes:
            self.take_over(cell)

    @property
    def cache_folder(self) -> Path:
        """See :class:`Store`: SQLite is not to be trusted on a folder of several machines."""
        return self._caches

    def work_folder(self, cell: Cell[Any]) -> Path:
        """See :class:`Store`."""
        return self.attempt if cell.name == self.cell.name else super().work_folder(cell)

    def take_over(self, cell: Cell[Any]) -> None:
        """Begin with what the newest attempt before this one left; it may still be writing."""
        before = newest_attempt(self.folder, cell.name, below=int(self.attempt.name)) or super().work_folder(cell)
        copy_work(before, self.attempt)

    def finish(self, cell: Cell[Any]) -> None:
        """Commit the attempt; where another has, this one's work is dropped."""
        commit: dict[str, Json] = {"cell": cell.name, "attempt": self.attempt.name, "host": socket.gethostname()}
        (self.attempt / ALIVE_FILE).unlink(missing_ok=True)
        described = cast(dict[str, Json], self.describe(cell, self.attempt))
        place = self.folder / "cells" / cell.name / COMMIT_FILE
        if not put_if_absent(place, indented_json({**commit, "files": described["files"]}), self.attempt):
            self.drop()

    def drop(self) -> None:
        """Remove what this attempt made."""
        shutil.rmtree(self.attempt, ignore_errors=True)


def copy_work(before: Path, now: Path) -> None:
    """Copy what an attempt left of a cell that resumes, but for what is of that attempt alone.

    What vanishes meanwhile is no loss: a checkpoint is whole, or is not taken for one.
    """
    for _ in range(_COPIES):
        if not before.is_dir():
            return
        with suppress(shutil.Error, FileNotFoundError):
            shutil.copytree(before, now, ignore=_NOT_TAKEN_OVER, dirs_exist_ok=True)
            return
        time.sleep(0.2)


def withdraw(store: Store, cell: Cell[Any]) -> None:
    """Make room for a new commit of a cell that is damaged, or whose artefacts were removed."""
    place = store.folder / "cells" / cell.name
    if place.exists():
        store.clear(place)


def forget_others(store: Store, cell: Cell[Any]) -> None:
    """Remove the attempts at a committed cell that did not become it, and its work folder of one machine."""
    won = store.cell_folder(cell)
    for folder in (store.folder / ATTEMPTS_FOLDER / cell.name).glob("*"):
        if folder != won:
            shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(store.folder / "work" / cell.name, ignore_errors=True)


def _begin(attempts: Path) -> Path:
    """A new folder; ``mkdir`` gives a number to one alone."""
    attempts.mkdir(parents=True, exist_ok=True)
    while True:
        taken = [int(path.name) for path in attempts.iterdir() if path.name.isdigit()]
        folder = attempts / str(max(taken, default=0) + 1)
        with suppress(FileExistsError):
            folder.mkdir()
            (folder / ALIVE_FILE).touch()
            return folder


def last_sign_of_life(store: Store, cell: Cell[Any]) -> int | None:
    """When the newest attempt was last seen alive, in nanoseconds of the file system; None before any."""
    newest = newest_attempt(store.folder, cell.name)
    try:
        return None if newest is None else (newest / ALIVE_FILE).stat().st_mtime_ns
    except OSError:
        return None
