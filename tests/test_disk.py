"""What a disk does is told with its fix, however deep it is buried."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path

import pytest

from hormesis.disk import disk_explained, explained_by_the_disk, preallocate
from hormesis.errors import HormesisError


class Checkpointing(BaseException):
    """As PyTorch's CheckpointException: no Exception, and it carries what failed on each rank."""

    def __init__(self, failures: dict[int, tuple[BaseException, object]]) -> None:
        super().__init__("failed")
        self.failures = failures


def _caused(error: BaseException) -> BaseException:
    outer = RuntimeError("could not save")
    outer.__cause__ = error
    return outer


FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    "error",
    [
        FULL,
        OSError(errno.EFBIG, "File too large"),
        _caused(FULL),
        Checkpointing({0: (_caused(FULL), None)}),
        BaseExceptionGroup("several", [ValueError("x"), FULL]),
        RuntimeError("[enforce fail at inline_container.cc:858] . PytorchStreamWriter failed writing file data/0"),
        sqlite3.OperationalError("database or disk is full"),
    ],
)
def test_a_full_disk_is_found_in_whatever_it_became(error: BaseException, tmp_path: Path) -> None:
    found = explained_by_the_disk(error, tmp_path)
    assert found is not None and "disk is full" in found.problem


def test_a_removed_folder_and_a_refused_one_are_told_and_a_defect_is_not(tmp_path: Path) -> None:
    gone = FileNotFoundError(errno.ENOENT, "No such file")
    found = explained_by_the_disk(gone, tmp_path / "gone")
    assert found is not None and "was removed" in found.problem
    found = explained_by_the_disk(OSError(errno.EROFS, "Read-only file system"), tmp_path)
    assert found is not None and "cannot be written" in found.problem
    assert explained_by_the_disk(gone, tmp_path) is None
    assert explained_by_the_disk(RuntimeError("shapes differ"), tmp_path) is None


def test_a_write_that_is_refused_is_explained(tmp_path: Path) -> None:
    with pytest.raises(HormesisError, match="cannot be written"), disk_explained(tmp_path):
        raise PermissionError(errno.EACCES, "Permission denied", str(tmp_path))


def test_a_memory_map_that_does_not_fit_is_refused_before_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "map"
    path.write_bytes(b"")
    os.truncate(path, 1 << 16)
    assert path.stat().st_blocks == 0
    preallocate(path)
    assert path.stat().st_blocks * 512 >= 1 << 16

    def full(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(HormesisError, match="disk is full"):
        preallocate(path)
