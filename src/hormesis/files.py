"""Files that are either whole or absent: hashes, and writes to a temporary name that end in a rename."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hormesis.disk import disk_explained
from hormesis.errors import HormesisError
from hormesis.leftovers import temporary_sibling
from hormesis.marks import FolderKind, check_file, check_replaceable, mark_whole

Json = Mapping[str, "Json"] | Sequence["Json"] | str | int | float | bool | None


def canonical_json(value: Json) -> str:
    """``value`` as JSON with sorted keys and no white space: equal values give equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def content_hash(value: Json) -> str:
    """The SHA-256 of :func:`canonical_json`, in hexadecimal."""
    return text_hash(canonical_json(value))


def text_hash(text: str) -> str:
    """The SHA-256 of a text's UTF-8 bytes, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def file_hash(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def write_file(path: Path, *, ours: bool = False) -> Iterator[Path]:
    """A temporary path beside ``path``; on success it is fsynced and renamed to ``path``, else removed.

    :param ours: the caller knows that what is there may go; else it goes only if it lies in a folder of ours
        (:mod:`hormesis.marks`).
    :raises HormesisError: something of another's is there; the disk is full, or may not be written (what was there is
        untouched).
    """
    if not ours:
        check_file(path)
    temporary = temporary_sibling(path)
    try:
        with disk_explained(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            yield temporary
            with temporary.open("rb") as file:
                os.fsync(file.fileno())
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def write_folder(path: Path, kind: FolderKind) -> Iterator[Path]:
    """Like :func:`write_file` for a folder: filled under a temporary name, marked, then renamed.

    It replaces a folder of ours of the same kind, and nothing else.

    :raises HormesisError: anything else is at ``path``; the disk is full, or may not be written.
    """
    path = path.resolve()  # of a link, the folder that it names
    check_replaceable(path, kind)
    temporary = temporary_sibling(path)
    try:
        with disk_explained(path):
            temporary.mkdir(parents=True)
            yield temporary
            mark_whole(temporary, kind)
            check_replaceable(path, kind)  # again: filling it may have taken hours
            _as_readable_as_its_folder(temporary)
            if path.exists():
                shutil.rmtree(path)
            temporary.replace(path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _as_readable_as_its_folder(folder: Path) -> None:
    """Some libraries write files for their owner alone, beside others that all may read."""
    mode = folder.stat().st_mode & 0o666
    for file in folder.rglob("*"):
        if file.is_file() and not file.is_symlink():
            file.chmod(file.stat().st_mode & 0o777 | mode)


def expanded(path: str | Path) -> Path:
    """``path`` with ``~`` and ``~user`` as the home that they stand for.

    :raises HormesisError: there is no such user.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise HormesisError(f"{path} names the home of nobody here", "write the folder out, from / on") from error


def indented_json(value: Json) -> str:
    """``value`` as JSON for people, with a newline at the end."""
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def read_object(path: Path) -> dict[str, Any]:
    """The JSON object in a file.

    :raises OSError: no such file.
    :raises ValueError: no JSON, or JSON that is no object, as damage and another's file may leave it.
    """
    value = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(value, dict):
        raise ValueError(f"{path.name} holds a {type(value).__name__} where an object is expected")
    return value


def write_json(path: Path, value: Json, *, ours: bool = False) -> None:
    """:func:`indented_json` of ``value`` at ``path``, as :func:`write_file`."""
    with write_file(path, ours=ours) as temporary:
        temporary.write_text(indented_json(value), encoding="utf-8")
