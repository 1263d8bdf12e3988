"""File formats: rows of named columns from Parquet, JSON lines and text files, streamed."""

from __future__ import annotations

import glob
import gzip
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from hormesis.errors import HormesisError


@dataclass(frozen=True)
class Undecodable:
    """Stands for a value that is not UTF-8 text or not JSON."""

    reason: str


Value = str | int | float | bool | None | Undecodable | list["Value"] | dict[str, "Value"]


@dataclass(frozen=True)
class Row:
    """One row: the values of the columns asked for, and where it stands (``file:number``, from 1)."""

    values: dict[str, Value]
    origin: str


def find_files(path: Path) -> list[Path]:
    """The readable files at ``path`` (a file, a folder, a glob), sorted by name.

    :raises HormesisError: nothing there, an empty file, or no file of a known format.
    """
    if path.is_file():
        files = [path]
    elif path.is_dir():
        everything = sorted(file for file in path.rglob("*") if file.is_file() and not _hidden(file, path))
        files = [file for file in everything if _suffix(file) in _READERS]
        if everything and not files:
            found = ", ".join(sorted({_suffix(file) or file.name for file in everything}))
            raise HormesisError(
                f"{path} holds no file of a known format (it holds: {found})",
                f"give files that end in {', '.join(_READERS)}",
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


def _hidden(file: Path, folder: Path) -> bool:
    return any(part.startswith((".", "_")) for part in file.relative_to(folder).parts)


def _suffix(file: Path) -> str:
    """The suffix that names the format: ``.jsonl.gz`` for a.b.jsonl.gz, ``.parquet`` for a.b.parquet."""
    suffixes = [suffix.lower() for suffix in file.suffixes]
    if suffixes and suffixes[-1] in (".gz", ".zst"):
        return "".join(suffixes[-2:])
    return suffixes[-1] if suffixes else ""


def reader_of(file: Path) -> Callable[[Path, Sequence[str]], Iterator[Row]]:
    """The function that gives a file's rows with the columns named, by the file's suffix.

    :raises HormesisError: the format is unknown.
    """
    try:
        return _READERS[_suffix(file)]
    except KeyError:
        raise HormesisError(
            f"{file} has an unknown format ({_suffix(file) or 'no suffix'})",
            f"give a file that ends in {', '.join(_READERS)}",
        ) from None


def absent(column: str, place: object, there: Iterable[str]) -> HormesisError:
    names = ", ".join(sorted(there)) or "none"
    return HormesisError(f"{place} has no column {column!r}", f"name one of its columns: {names}")


def pick(record: dict[str, Value], column: str, place: object, *, required: bool) -> Value:
    """The value of a column; a dotted name goes down into records; ``None`` if absent and not required."""
    if column in record:
        return record[column]
    value: Value = record
    for part in column.split("."):
        if not isinstance(value, dict) or part not in value:
            if required:
                raise absent(column, place, value if isinstance(value, dict) else record)
            return None
        value = value[part]
    return value


def _parquet_rows(file: Path, columns: Sequence[str]) -> Iterator[Row]:
    try:
        # With the buffer a column is read piece by piece; else a whole row group of it would be held.
        parquet = pq.ParquetFile(file, buffer_size=1 << 20, pre_buffer=False)
        schema = parquet.schema_arrow
        roots = {column: column if column in schema.names else column.split(".")[0] for column in columns}
        for column, name in roots.items():
            if name not in schema.names:
                raise absent(column, file, schema.names)
        number = 0
        for batch in parquet.iter_batches(batch_size=1024, columns=sorted(set(roots.values()))):
            values = {name: _values(batch.column(name)) for name in set(roots.values())}
            for index in range(batch.num_rows):
                number += 1
                record = {name: column[index] for name, column in values.items()}
                picked = {column: pick(record, column, file, required=True) for column in columns}
                yield Row(picked, f"{file}:{number}")
    except (pa.ArrowException, OSError) as error:
        raise HormesisError(f"{file} cannot be read as Parquet: {error}", "write or download the file again") from error


def _values(column: pa.Array) -> list[Value]:
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        try:
            return cast("list[Value]", column.to_pylist())
        except UnicodeDecodeError:
            column = column.cast(pa.large_binary() if pa.types.is_large_string(column.type) else pa.binary())
    if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
        return [None if value is None else _decode(value) for value in column.to_pylist()]
    return cast("list[Value]", column.to_pylist())


def _decode(data: bytes) -> str | Undecodable:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        return Undecodable(f"the text is not UTF-8 (byte {error.start}: {error.reason})")


def _json_rows(file: Path, columns: Sequence[str]) -> Iterator[Row]:
    try:
        with _open(file) as lines:
            seen = False
            for number, line in enumerate(lines, start=1):
                if not line.strip():
                    continue
                origin = f"{file}:{number}"
                try:
                    record = json.loads(line)
                except UnicodeDecodeError as error:
                    broken = Undecodable(f"the line is not UTF-8 (byte {error.start}: {error.reason})")
                    yield Row(dict.fromkeys(columns, broken), origin)
                    continue
                except json.JSONDecodeError as error:
                    broken = Undecodable(f"the line is not JSON ({error.msg}, column {error.colno})")
                    yield Row(dict.fromkeys(columns, broken), origin)
                    continue
                if not isinstance(record, dict):
                    raise HormesisError(f"{origin}: the line is not a JSON object", "write one object a line")
                # Sparse records are usual in JSON lines, so only the first has to have every column.
                values = {column: pick(record, column, file, required=not seen) for column in columns}
                seen = True
                yield Row(values, origin)
    except (OSError, EOFError, zstandard.ZstdError) as error:
        raise HormesisError(f"{file} is broken: {error}", "write or download the file again") from error


def _open(file: Path) -> io.BufferedIOBase:
    if file.suffix.lower() == ".gz":
        return gzip.open(file)
    if file.suffix.lower() == ".zst":
        stream = zstandard.ZstdDecompressor(max_window_size=2**31).stream_reader(
            file.open("rb"), read_across_frames=True, closefd=True
        )
        return io.BufferedReader(cast(io.RawIOBase, stream), 1 << 20)
    return cast(io.BufferedIOBase, file.open("rb"))


def _text_rows(file: Path, columns: Sequence[str]) -> Iterator[Row]:
    for column in columns:
        if column != "text":
            raise absent(column, f"the text file {file}", ["text"])
    yield Row(dict.fromkeys(columns, _decode(file.read_bytes())), str(file))


_READERS: dict[str, Callable[[Path, Sequence[str]], Iterator[Row]]] = {
    ".parquet": _parquet_rows,
    **{f"{name}{packing}": _json_rows for name in (".jsonl", ".ndjson", ".json") for packing in ("", ".gz", ".zst")},
    ".txt": _text_rows,
}
