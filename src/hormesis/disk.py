"""What a disk does to a program: it fills up, it may not be written, a folder vanishes. Each is told with its fix."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hormesis.errors import HormesisError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FULL_WORDS = (
    "no space left on device",
    "disk quota exceeded",
    "file too large",
    "database or disk is full",
    "os error 28",  # safetensors and tokenizers are written in Rust
    "os error 27",
    "pytorchstreamwriter failed",  # PyTorch's writer tells no number
    "unexpected pos",
)
_REFUSED = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})
_LITTLE = 1 << 16
"""Bytes left on a disk that a small file does not fit."""


class DiskError(HormesisError):
    """A disk is full, or may not be written: whatever else would write there fails, too."""


def explained_by_the_disk(error: BaseException, path: Path) -> HormesisError | None:
    """What a failed write at ``path`` means; None if no disk is to blame.

    :param error: what was raised, or what it came of: causes, contexts, groups, and the failures that PyTorch's
        ``CheckpointException`` carries are looked through.
    """
    errors = list(_chain(error))
    if any(_is_full(one) for one in errors):
        return _full(path)
    refused = next((one for one in errors if isinstance(one, OSError) and one.errno in _REFUSED), None)
    if refused is not None:
        return _refused(path, refused)
    if any(isinstance(one, FileNotFoundError) for one in errors) and not path.exists():
        return HormesisError(
            f"{path} was removed while it was written", "leave it alone, and run the same command again"
        )
    if any(isinstance(one, OSError | RuntimeError) for one in errors) and _no_room(path):
        return _full(path)
    return None


@contextmanager
def disk_explained(path: Path) -> Iterator[None]:
    """:raises DiskError: the disk is full, or ``path`` may not be written."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise _full(path) from error
        if error.errno in _REFUSED:
            raise _refused(path, error) from error
        raise


def preallocate(path: Path) -> None:
    """Give a file its whole size on the disk: a write into a memory map of one that does not fit kills the process.

    :raises HormesisError: it does not fit.
    """
    if not hasattr(os, "posix_fallocate"):
        return
    with disk_explained(path), path.open("r+b") as file:
        if size := os.fstat(file.fileno()).st_size:
            os.posix_fallocate(file.fileno(), 0, size)


def _full(path: Path) -> DiskError:
    return DiskError(
        f"the disk is full while writing {path}",
        "free some space and run the same command again: finished work is kept, and what was there is untouched",
    )


def _refused(path: Path, error: OSError) -> DiskError:
    where = error.filename if isinstance(error.filename, str) else path
    return DiskError(
        f"{where} cannot be written ({os.strerror(error.errno or 0)})",
        "give a folder that you may write: a copy of this one, if it is mounted for reading only",
    )


def _is_full(error: BaseException) -> bool:
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno in _FULL
    told = isinstance(error, OSError | RuntimeError | sqlite3.Error) or type(error).__module__.startswith("safetensors")
    return told and any(words in str(error).lower() for words in _FULL_WORDS)


def _no_room(path: Path) -> bool:
    """Whether nothing fits beside ``path`` any more."""
    for folder in (path, *path.parents):
        if folder.is_dir():
            state = os.statvfs(folder) if hasattr(os, "statvfs") else None
            return state is not None and state.f_blocks > 0 and state.f_bavail * state.f_frsize < _LITTLE
    return False


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error, and all that it came of."""
    waiting, seen = [error], set[int]()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [each for each in (one.__cause__, one.__context__) if each is not None]
        if isinstance(one, BaseExceptionGroup):
            waiting += one.exceptions
        failures = getattr(one, "failures", None)  # of a CheckpointException: rank → (error, where it was raised)
        if isinstance(failures, dict):
            found = (each[0] if isinstance(each, tuple) else each for each in failures.values())
            waiting += [each for each in found if isinstance(each, BaseException)]
