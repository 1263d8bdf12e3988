"""All readers by the suffix of their files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from hormesis.corpus.readers.row import Row
from hormesis.registry import Registry

Reader = Callable[[Path, Sequence[str]], Iterator[Row]]
"""A file and the columns wanted of it, to its rows, in order and streamed. It raises
:class:`~hormesis.errors.HormesisError` where the file is broken or has no such column."""

READERS: Registry[Reader] = Registry("reader", "hormesis.corpus.readers", "hormesis.readers")
"""By suffix (``.parquet``, ``.jsonl.gz``), lower case."""


def reader(*suffixes: str) -> Callable[[Reader], Reader]:
    """Add a reader of files with one of these suffixes. In a script, a notebook, or a package whose entry point of the
    group ``hormesis.readers`` names the module::

        @reader(".csv")
        def csv_rows(file: Path, columns: Sequence[str]) -> Iterator[Row]:
            with file.open(encoding="utf-8", newline="") as lines:
                for number, record in enumerate(csv.DictReader(lines), start=1):
                    yield Row({name: pick(record, name, file, required=True) for name in columns}, f"{file}:{number}")
    """

    def add(function: Reader) -> Reader:
        for suffix in suffixes:
            READERS.register(suffix, function)
        return function

    return add
