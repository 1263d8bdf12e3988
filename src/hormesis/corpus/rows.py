"""Rows of named columns from files or a Hugging Face dataset: streamed, in a fixed order, memory bounded."""

from __future__ import annotations

import glob
import gzip
import io
import json
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard
from pydantic import BaseModel, ConfigDict, Field, model_validator

from hormesis.errors import HormesisError

log = logging.getLogger(__name__)

Scalar = str | int | float | bool

# Where the corpora of the paper live on the Hugging Face hub. Each entry fills what the user leaves out.
HUB_DATASETS: dict[str, dict[str, str | float]] = {
    "c4": {"dataset": "allenai/c4", "config": "en", "column": "text"},
    "openwebtext": {"dataset": "Skylion007/openwebtext", "column": "text"},
    # The posts of "Raiders of the Lost Kek" (arXiv 2001.07487), deduplicated, plain text.
    "4chan-pol": {"dataset": "kjj0/4chanpol", "column": "text"},
    "toxigen": {
        "dataset": "toxigen/toxigen-data",
        "config": "annotated",
        "column": "text",
        "label": "toxicity_human",
        "threshold": 2.5,
        "group": "target_group",
    },
    "rtp": {"dataset": "allenai/real-toxicity-prompts", "column": "prompt.text", "score": "prompt.toxicity"},
}


class RowsConfig(BaseModel):
    """Which rows to read: of files (``path``), of a hub dataset (``dataset``), or of a local copy of one
    (both).

    ``dataset`` is a Hugging Face id, or one of the names in :data:`HUB_DATASETS`, which also fills in the
    dataset's columns. With ``path`` beside it the dataset is read from that folder, which has the layout of
    the hub repository; nothing is downloaded then.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str | None = None
    """A file, a folder (all readable files below it) or a glob: .parquet, .jsonl/.ndjson/.json (one object a
    line; also .gz and .zst), .txt (one document a file), or a folder that ``datasets`` saved."""
    dataset: str | None = None
    """A Hugging Face dataset: an id, or a name of :data:`HUB_DATASETS`."""
    config: str | None = None
    """The configuration of the dataset, e.g. ``en``."""
    split: str = "train"
    streaming: bool = True
    """Whether a dataset of the hub is streamed rather than downloaded whole."""
    where: dict[str, Scalar | list[Scalar]] = Field(default_factory=dict)
    """Keep the rows whose column has this value, or one of these values."""
    limit: int | None = Field(default=None, ge=1)
    """At most so many rows (after ``where``)."""
    undecodable: Literal["error", "skip"] = "error"
    """What to do with text that is not UTF-8, or a line that is not JSON."""

    @model_validator(mode="before")
    @classmethod
    def _fill_from_hub_datasets(cls, values: object) -> object:
        if isinstance(values, dict) and values.get("dataset") in HUB_DATASETS:
            known = HUB_DATASETS[values["dataset"]]
            values = {key: value for key, value in known.items() if key in cls.model_fields} | values
            values["dataset"] = known["dataset"]
        return values

    @model_validator(mode="after")
    def _has_a_place(self) -> RowsConfig:
        if self.path is None and self.dataset is None:
            raise ValueError("give `path` (file, folder or glob) or `dataset` (a Hugging Face id)")
        return self


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


def read_rows(config: RowsConfig, columns: Sequence[str], *, root: Path | None = None) -> Iterator[Row]:
    """The rows of ``config`` with the given columns, in file order (files by name).

    A column may be dotted (``prompt.text`` is the field ``text`` of the column ``prompt``). Parquet is
    streamed by record batches, JSON by lines, datasets by rows, so memory does not grow with the corpus.

    :param root: what a relative ``path`` is relative to; the working directory when absent.
    :raises HormesisError: the path is missing or empty, the format unknown, a column is absent, the file is
        broken or (unless ``undecodable`` is "skip") holds bytes that are not UTF-8.
    """
    if config.limit is not None:
        yield from _first(_filtered(config, columns, root), config.limit)
    else:
        yield from _filtered(config, columns, root)


def _first(rows: Iterator[Row], limit: int) -> Iterator[Row]:
    for _, row in zip(range(limit), rows, strict=False):
        yield row


def _filtered(config: RowsConfig, columns: Sequence[str], root: Path | None) -> Iterator[Row]:
    needed = list(dict.fromkeys([*columns, *config.where]))
    wanted = {name: value if isinstance(value, list) else [value] for name, value in config.where.items()}
    count = 0
    for row in _all_rows(config, needed, root):
        if all(row.values[name] in values for name, values in wanted.items()):
            count += 1
            yield row
    if count == 0:
        place = config.path or config.dataset
        if wanted:
            raise HormesisError(f"no row of {place} has {config.where}", "correct `where`, or leave it out")
        raise HormesisError(f"{place} holds no rows", "give a source with at least one row")


def _all_rows(config: RowsConfig, columns: Sequence[str], root: Path | None) -> Iterator[Row]:
    if config.dataset is not None:
        place = config.dataset if config.path is None else str(_resolve(config.path, root))
        yield from _hub_rows(place, config, columns)
        return
    assert config.path is not None
    path = _resolve(config.path, root)
    if path.is_dir() and any((path / name).is_file() for name in ("state.json", "dataset_dict.json")):
        yield from _saved_dataset_rows(path, config, columns)
        return
    for file in find_files(path):
        for row in _reader_of(file)(file, columns):
            broken = next((v for v in row.values.values() if isinstance(v, Undecodable)), None)
            if broken is not None:
                if config.undecodable == "error":
                    raise HormesisError(
                        f"{row.origin}: {broken.reason}",
                        "convert the file to UTF-8, or set `undecodable: skip` to leave such rows out",
                    )
                log.warning("%s skipped: %s", row.origin, broken.reason)
                continue
            yield row


def _resolve(path: str, root: Path | None) -> Path:
    expanded = Path(path).expanduser()
    return expanded if root is None or expanded.is_absolute() else root / expanded


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
        _reader_of(file)
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


def _reader_of(file: Path) -> Callable[[Path, Sequence[str]], Iterator[Row]]:
    try:
        return _READERS[_suffix(file)]
    except KeyError:
        raise HormesisError(
            f"{file} has an unknown format ({_suffix(file) or 'no suffix'})",
            f"give a file that ends in {', '.join(_READERS)}",
        ) from None


def _absent(column: str, place: object, there: Iterable[str]) -> HormesisError:
    names = ", ".join(sorted(there)) or "none"
    return HormesisError(f"{place} has no column {column!r}", f"name one of its columns: {names}")


def _pick(record: dict[str, Value], column: str, place: object, *, required: bool) -> Value:
    """The value of a column; a dotted name goes down into records; ``None`` if absent and not required."""
    if column in record:
        return record[column]
    value: Value = record
    for part in column.split("."):
        if not isinstance(value, dict) or part not in value:
            if required:
                raise _absent(column, place, value if isinstance(value, dict) else record)
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
                raise _absent(column, file, schema.names)
        number = 0
        for batch in parquet.iter_batches(batch_size=1024, columns=sorted(set(roots.values()))):
            values = {name: _values(batch.column(name)) for name in set(roots.values())}
            for index in range(batch.num_rows):
                number += 1
                record = {name: column[index] for name, column in values.items()}
                picked = {column: _pick(record, column, file, required=True) for column in columns}
                yield Row(picked, f"{file}:{number}")
    except (pa.ArrowException, OSError) as error:
        raise HormesisError(
            f"{file} cannot be read as Parquet: {error}", "write or download the file again"
        ) from error


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
                values = {column: _pick(record, column, file, required=not seen) for column in columns}
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
            raise _absent(column, f"the text file {file}", ["text"])
    yield Row(dict.fromkeys(columns, _decode(file.read_bytes())), str(file))


_READERS: dict[str, Callable[[Path, Sequence[str]], Iterator[Row]]] = {
    ".parquet": _parquet_rows,
    **{
        f"{name}{packing}": _json_rows
        for name in (".jsonl", ".ndjson", ".json")
        for packing in ("", ".gz", ".zst")
    },
    ".txt": _text_rows,
}


def _hub_rows(place: str, config: RowsConfig, columns: Sequence[str]) -> Iterator[Row]:
    from datasets import load_dataset  # slow to import, and most sources are files

    def rows() -> Iterable[dict[str, Value]]:
        # A local copy is always streamed: what `datasets` caches would hide that files have changed.
        streaming = config.streaming or config.path is not None
        data = load_dataset(place, name=config.config, split=config.split, streaming=streaming)
        return cast("Iterable[dict[str, Value]]", data)

    yield from _dataset_rows(rows, place, columns)


def _saved_dataset_rows(folder: Path, config: RowsConfig, columns: Sequence[str]) -> Iterator[Row]:
    from datasets import DatasetDict, load_from_disk

    def rows() -> Iterable[dict[str, Value]]:
        data = load_from_disk(str(folder))
        if isinstance(data, DatasetDict):
            if config.split not in data:
                raise HormesisError(
                    f"{folder} has no split {config.split!r}", f"name one of: {', '.join(data)}"
                )
            data = data[config.split]
        return cast("Iterable[dict[str, Value]]", data)

    yield from _dataset_rows(rows, str(folder), columns)


def _dataset_rows(
    load: Callable[[], Iterable[dict[str, Value]]], place: str, columns: Sequence[str]
) -> Iterator[Row]:
    try:
        for number, record in enumerate(load(), start=1):
            values = {column: _pick(record, column, place, required=True) for column in columns}
            yield Row(values, f"{place}:{number}")
    except HormesisError:
        raise
    except Exception as error:  # `datasets` raises whatever its builders, the hub client or the network raise
        raise HormesisError(
            f"the dataset {place} cannot be read: {error}",
            "check its id, `config` and `split` and the network (some datasets want `hf auth login`), or"
            " download it and give its folder as `path` beside `dataset`",
        ) from error
