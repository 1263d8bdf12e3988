"""Marks: which folders are ours. Nothing else is ever replaced.

A folder that we write carries :data:`MARK`: its kind, and, where it is written as a whole, the names of its files. What
has no mark is replaced only where its kind knows it from before there were marks.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from hormesis.errors import HormesisError

MARK = ".hormesis"
_FORMAT = 1
_LITTER = frozenset({".DS_Store", "Thumbs.db", "desktop.ini", ".lock", ".owner"})
"""What operating systems and locks leave in a folder: nothing that anybody would miss."""
_TEMPORARY = ".*.*-????????.tmp"
"""What a kill leaves of a file (:func:`hormesis.files.write_file`)."""
_SHOWN = 3


def _never(_folder: Path) -> bool:
    return False


@dataclass(frozen=True)
class FolderKind:
    """A kind of folder that we write.

    :param name: in marks and messages, such as ``results of a study``.
    :param earlier: whether a folder without a mark is of this kind, from before there were marks.
    """

    name: str
    earlier: Callable[[Path], bool] = _never


def holds_only(*patterns: str, sign: str | None = None) -> Callable[[Path], bool]:
    """Whether a folder holds files that match one of ``patterns``, and no others.

    :param patterns: of paths within the folder; ``*`` matches ``/``, too.
    :param sign: a file that must be among them.
    """

    def earlier(folder: Path) -> bool:
        names = list(_files(folder))
        known = all(any(fnmatchcase(name, pattern) for pattern in patterns) for name in names)
        return bool(names) and known and (sign is None or sign in names)

    return earlier


def holds(*signs: Iterable[str]) -> Callable[[Path], bool]:
    """Whether a folder holds all files of one of ``signs``, whatever else it holds."""
    return lambda folder: any(all((folder / name).exists() for name in each) for each in signs)


def check_replaceable(folder: Path, kind: FolderKind) -> None:
    """Whether ``folder`` may be replaced as a whole: it is absent, empty, or ours and of this kind.

    :raises HormesisError: it holds anything that we did not write.
    """
    kept = _kept(folder, kind)
    if kept is None:
        return
    mark = _mark(folder)
    if mark is None:
        if kind.earlier(folder):
            return
        raise _refusal(folder, kind, f"holds {_listed(kept)}, which hormesis did not write as {kind.name}")
    _check_kind(folder, kind, mark)
    ours = mark.get("files")
    if foreign := [name for name in kept if not isinstance(ours, list) or name not in ours]:
        raise _refusal(folder, kind, f"holds {_listed(foreign)} beside what hormesis wrote")


def check_claimable(folder: Path, kind: FolderKind) -> None:
    """Whether files may be written into ``folder`` one by one, in the place of older ones.

    :raises HormesisError: it holds anything, and is not ours and of this kind.
    """
    mark = _mark(folder)
    if mark is not None:
        _check_kind(folder, kind, mark)
        return
    kept = _kept(folder, kind)
    if kept is not None and not kind.earlier(folder) and not is_ours(folder):
        raise _refusal(folder, kind, f"holds {_listed(kept)}, and is no folder of hormesis")


def claim(folder: Path, kind: FolderKind) -> None:
    """Make ``folder`` ours, to write files into it one by one; inside a folder of ours it needs no mark of its own.

    :raises HormesisError: as :func:`check_claimable`.
    """
    check_claimable(folder, kind)
    folder.mkdir(parents=True, exist_ok=True)
    if not is_ours(folder):
        _write(folder, {"kind": kind.name})


def mark_whole(folder: Path, kind: FolderKind) -> None:
    """Mark a folder that was written as a whole, with the names of all its files."""
    _write(folder, {"kind": kind.name, "files": sorted(_files(folder))})


def is_ours(path: Path) -> bool:
    """Whether a file or folder is, or lies in, a folder that carries a mark."""
    place = path.absolute()
    return any((each / MARK).is_file() for each in (place, *place.parents))


def check_file(path: Path) -> None:
    """Whether a file may be written at ``path``: there is none, or it lies in a folder of ours.

    :raises HormesisError: something is there that we may not have written.
    """
    if path.is_dir():
        raise HormesisError(f"{path} is a folder, and a file is to be written there", "name another place")
    if path.exists() and not is_ours(path):
        raise HormesisError(
            f"{path} exists, and is not known to be of hormesis: it would be overwritten",
            "name another place, or move it away",
        )


def _kept(folder: Path, kind: FolderKind) -> list[str] | None:
    """Names of the files in a folder; None where there are none.

    :raises HormesisError: it is a file.
    """
    if not folder.exists():
        return None
    if not folder.is_dir():
        raise _refusal(folder, kind, "is a file")
    names = list(_files(folder))
    # A folder of empty folders holds nothing, but is somebody's all the same.
    return names or [f"{each.name}/" for each in folder.iterdir() if each.is_dir()] or None


def _files(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        litter = path.name in _LITTER or fnmatchcase(path.name, _TEMPORARY)
        if name != MARK and not litter and (path.is_symlink() or not path.is_dir()):
            yield name


def _mark(folder: Path) -> dict[str, object] | None:
    try:
        mark = json.loads((folder / MARK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return mark if isinstance(mark, dict) and mark.get("hormesis") == _FORMAT else None


def _write(folder: Path, mark: dict[str, object]) -> None:
    (folder / MARK).write_text(json.dumps({"hormesis": _FORMAT, **mark}, indent=1) + "\n", encoding="utf-8")


def _check_kind(folder: Path, kind: FolderKind, mark: dict[str, object]) -> None:
    if mark.get("kind") != kind.name:
        raise _refusal(folder, kind, f"holds {mark.get('kind')}, not {kind.name}")


def _refusal(folder: Path, kind: FolderKind, why: str) -> HormesisError:
    return HormesisError(
        f"{folder} {why}: nothing there is overwritten",
        f"name a new folder for {kind.name}, or move away what is there",
    )


def _listed(names: list[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else "")
