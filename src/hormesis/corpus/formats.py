"""Which files at a path can be read, and by which of the :data:`~hormesis.corpus.readers.READERS`."""

from __future__ import annotations

import glob
from pathlib import Path

from hormesis.corpus.readers import READERS, Reader
from hormesis.errors import HormesisError

_ABOUT_DATA = {"dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json"}
"""Files that ``datasets`` writes beside data, to describe them: in a folder they are no data."""


def find_files(path: Path) -> list[Path]:
    """The readable files at ``path`` (a file, a folder, a glob), sorted by name.

    :raises HormesisError: nothing there, an empty file, or no file of a known format.
    """
    if path.is_file():
        files = [path]
    elif path.is_dir():
        everything = sorted(file for file in path.rglob("*") if _is_data(file, path))
        files = [file for file in everything if _suffix(file) in READERS]
        if everything and not files:
            found = ", ".join(sorted({_suffix(file) or file.name for file in everything}))
            raise HormesisError(
                f"{path} holds no file of a known format (it holds: {found})",
                f"give files that end in {', '.join(READERS)}",
            )
    else:
        files = sorted(Path(name) for name in glob.glob(str(path), recursive=True) if Path(name).is_file())
    if not files:
        what = "is an empty folder" if path.is_dir() else "does not exist"
        raise HormesisError(f"{path} {what}", "correct the path (relative paths start at the study's folder)")
    for file in files:
        reader_of(file)
        # A folder may hold an empty text file (an empty document); an empty file by name is a mistake.
        if file.stat().st_size == 0 and not (path.is_dir() and _suffix(file) == ".txt"):
            raise HormesisError(f"{file} is empty (0 bytes)", "write it again, or leave it out of the source")
    return files


def _is_data(file: Path, folder: Path) -> bool:
    hidden = any(part.startswith((".", "_")) for part in file.relative_to(folder).parts)
    return file.is_file() and not hidden and file.name not in _ABOUT_DATA


def _suffix(file: Path) -> str:
    """The suffix that names the format: ``.jsonl.gz`` for a.b.jsonl.gz, ``.parquet`` for a.b.parquet."""
    suffixes = [suffix.lower() for suffix in file.suffixes]
    if suffixes and suffixes[-1] in (".gz", ".zst"):
        return "".join(suffixes[-2:])
    return suffixes[-1] if suffixes else ""


def reader_version(file: Path) -> str | None:
    """The version of the plug-in that reads a file (:meth:`~hormesis.registry.Registry.version`); None: it is ours."""
    return READERS.version(_suffix(file))


def reader_of(file: Path) -> Reader:
    """The function that gives a file's rows with the columns named, by the file's suffix.

    :raises HormesisError: the format is unknown.
    """
    suffix = _suffix(file)
    if suffix not in READERS:
        raise HormesisError(
            f"{file} has an unknown format ({suffix or 'no suffix'})", f"give a file that ends in {', '.join(READERS)}"
        )
    return READERS[suffix]
