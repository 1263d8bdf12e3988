"""What the files of a finished cell were when it was finished, so that damage is noticed when they are read."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import cast

from hormesis.errors import HormesisError
from hormesis.files import Json, file_hash

CELL_FILE = "cell.json"
_NOT_KEPT = (CELL_FILE, ".lock", "*/.lock", ".*.tmp", "*/.*.tmp")
"""Locks, and what a kill leaves: no result is read from them."""


class UnreadableManifestError(HormesisError):
    """``cell.json`` is damaged itself."""


@dataclass(frozen=True)
class FileRecord:
    """One file: its SHA-256, its bytes, and when it was written (nanoseconds)."""

    sha256: str
    size: int
    written: int

    @classmethod
    def of(cls, path: Path) -> FileRecord:
        """Of a file as it is now."""
        state = path.stat()
        return cls(file_hash(path), state.st_size, state.st_mtime_ns)


@dataclass(frozen=True)
class Faults:
    """How the files of a cell differ from what was written: names within its folder.

    :param absent: that are gone: large artefacts may be removed once they are measured.
    :param damaged: that hold something else.
    """

    absent: tuple[str, ...] = ()
    damaged: tuple[str, ...] = ()


@dataclass(frozen=True)
class Manifest:
    """The files of a finished cell, by name within its folder; empty for one from before they were hashed."""

    files: Mapping[str, FileRecord]

    @classmethod
    def of(cls, folder: Path) -> Manifest:
        """Of a folder that is whole: every file is read."""
        return cls({name: FileRecord.of(folder / name) for name in _names(folder)})

    @classmethod
    def read(cls, folder: Path) -> Manifest | None:
        """Of a finished cell; None where none was finished.

        :raises UnreadableManifestError: ``cell.json`` is damaged.
        """
        path = folder / CELL_FILE
        try:
            files = json.loads(path.read_text(encoding="utf-8")).get("files", {})
            return cls(
                {
                    str(name): FileRecord(str(one["sha256"]), int(one["size"]), int(one["written"]))
                    for name, one in files.items()
                }
            )
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise UnreadableManifestError(
                f"{path} is damaged ({error})", "run `hormesis study run` again: that cell is computed anew"
            ) from error

    @property
    def description(self) -> Json:
        """As ``cell.json`` has it."""
        described = {
            name: {"sha256": one.sha256, "size": one.size, "written": one.written} for name, one in self.files.items()
        }
        return cast(Json, described)

    def faults(self, folder: Path, *, content: bool = False) -> Faults:
        """How ``folder`` differs from this.

        A file whose size and time are as they were is taken to be what it was; another time is a doubt, and its
        content is read.

        :param content: read every file. One that is damaged though its time is as it was gets the time of now, so that
            the next look at it is a doubt.
        """
        absent, damaged = [], []
        for name, record in self.files.items():
            path = folder / name
            try:
                state = path.stat()
            except (FileNotFoundError, NotADirectoryError):
                absent.append(name)
                continue
            same_time = state.st_mtime_ns == record.written
            if state.st_size != record.size or path.is_dir():
                damaged.append(name)
            elif (content or not same_time) and _content(str(path), state.st_mtime_ns, content) != record.sha256:
                damaged.append(name)
                if same_time:
                    with suppress(OSError):  # a folder that cannot be written
                        os.utime(path)
        return Faults(tuple(absent), tuple(damaged))

    def foreign(self, folder: Path) -> tuple[str, ...]:
        """Files in ``folder`` that were not there when the cell was finished."""
        return tuple(name for name in _names(folder) if name not in self.files)


def _names(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not any(fnmatchcase(name, pattern) for pattern in _NOT_KEPT):
            yield name


def _content(path: str, written: int, again: bool) -> str:
    if again:
        _hash_once.cache_clear()
    return _hash_once(path, written)


@lru_cache(maxsize=4096)  # a copied folder is one doubt, not one for each look
def _hash_once(path: str, written: int) -> str:  # noqa: ARG001 (of the file as it was then)
    try:
        return file_hash(Path(path))
    except OSError:
        return ""
