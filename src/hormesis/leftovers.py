"""What killed processes leave behind, and how the next start removes it.

Names of temporary files tell the process that made them: what a live one made is left alone.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_TEMPORARY = re.compile(r"\..+\.(\d+)-[0-9a-f]{8}\.tmp")
_SCRATCH = re.compile(r"hormesis-scratch\.(\d+)-[0-9a-f]{8}\.tmp")
_SCRATCH_MARK = ".hormesis-scratch"
"""In every scratch folder: only what carries it is removed."""


def temporary_sibling(path: Path) -> Path:
    """A name beside ``path`` that nobody has, and that tells which process made it."""
    return path.with_name(f".{path.name}.{_owner()}.tmp")


def sweep(folder: Path, *, deep: bool = False) -> None:
    """Remove the temporary files and folders that dead processes left in ``folder``.

    :param deep: and below it.
    """
    with suppress(OSError):
        for path in list(folder.rglob(".*.tmp") if deep else folder.glob(".*.tmp")):
            if (name := _TEMPORARY.fullmatch(path.name)) and not _lives(int(name[1])):
                _remove(path)


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder for temporary files, gone afterwards; if this process is killed, the next one to ask removes it."""
    place = Path(tempfile.gettempdir())
    sweep_scratch(place)
    folder = place / f"hormesis-scratch.{_owner()}.tmp"
    folder.mkdir(mode=0o700)
    try:
        (folder / _SCRATCH_MARK).touch()
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep_scratch(place: Path | None = None) -> None:
    """Remove the scratch folders of dead processes.

    :param place: where temporary files go; default: this system's place.
    """
    with suppress(OSError):
        for path in list((place or Path(tempfile.gettempdir())).glob("hormesis-scratch.*.tmp")):
            name = _SCRATCH.fullmatch(path.name)
            if name and not _lives(int(name[1])) and (path / _SCRATCH_MARK).is_file():
                _remove(path)


def _owner() -> str:
    return f"{os.getpid()}-{uuid.uuid4().hex[:8]}"


def _lives(process: int) -> bool:
    import psutil

    return psutil.pid_exists(process)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
