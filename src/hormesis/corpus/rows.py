"""Rows of named columns from files or a Hugging Face dataset: streamed, in a fixed order, memory bounded."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal, cast

from pydantic import Field, model_validator

from hormesis.config import Config
from hormesis.corpus.formats import find_files, reader_of
from hormesis.corpus.readers import Row, Undecodable, Value, pick
from hormesis.errors import HormesisError
from hormesis.files import expanded

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


class RowsConfig(Config):
    """Which rows to read: of files (``path``), of a hub dataset (``dataset``), or of a local copy of one
    (both).

    ``dataset`` is a Hugging Face id, or one of the names in :data:`HUB_DATASETS`, which also fills in the
    dataset's columns. With ``path`` beside it the dataset is read from that folder, which has the layout of
    the hub repository; nothing is downloaded then.
    """

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
    """What to do with text that is not UTF-8, or a line that is no JSON object. A file that is broken or cut is an
    error either way: nobody knows what it lacks."""

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
        for row in _rows_of(file, columns):
            broken = next((v for v in row.values.values() if isinstance(v, Undecodable)), None)
            if broken is not None:
                if config.undecodable == "error":
                    raise broken.at(row.origin)
                log.warning("%s skipped: %s", row.origin, broken.reason)
                continue
            yield row


def _rows_of(file: Path, columns: Sequence[str]) -> Iterator[Row]:
    """Those of a file of any format. Where its reader cannot go on, the error names the file and the row before:
    whatever a codec or a parser raises, it is one thing to the user, and no row after it is known."""
    place = f"{file}"
    try:
        for row in reader_of(file)(file, columns):
            yield row
            place = row.origin
    except HormesisError:
        raise
    except Exception as error:
        after = "at its start" if place == f"{file}" else f"after {place}"
        raise HormesisError(
            f"{file} is broken {after}: {error or type(error).__name__}", "write or download the file again"
        ) from error


def _resolve(path: str, root: Path | None) -> Path:
    place = expanded(path)
    return place if root is None or place.is_absolute() else root / place


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
                raise HormesisError(f"{folder} has no split {config.split!r}", f"name one of: {', '.join(data)}")
            data = data[config.split]
        return cast("Iterable[dict[str, Value]]", data)

    yield from _dataset_rows(rows, str(folder), columns)


def _dataset_rows(load: Callable[[], Iterable[dict[str, Value]]], place: str, columns: Sequence[str]) -> Iterator[Row]:
    try:
        for number, record in enumerate(load(), start=1):
            values = {column: pick(record, column, place, required=True) for column in columns}
            yield Row(values, f"{place}:{number}")
    except HormesisError:
        raise
    except Exception as error:  # `datasets` raises whatever its builders, the hub client or the network raise
        raise HormesisError(
            f"the dataset {place} cannot be read: {error}",
            "check its id, `config` and `split` and the network (some datasets want `hf auth login`), or"
            " download it and give its folder as `path` beside `dataset`",
        ) from error
