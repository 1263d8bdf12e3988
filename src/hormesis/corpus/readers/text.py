"""Plain text: a file is one document."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from pathlib import Path

from hormesis.corpus.readers.registry import reader
from hormesis.corpus.readers.row import Row, absent, decoded


@reader(".txt")
def text_rows(file: Path, columns: Sequence[str]) -> Iterator[Row]:
    """See :data:`Reader`. Its one column is ``text``; a byte-order mark is no part of it."""
    for column in columns:
        if column != "text":
            raise absent(column, f"the text file {file}", ["text"])
    yield Row(dict.fromkeys(columns, decoded(file.read_bytes().removeprefix(codecs.BOM_UTF8))), str(file))
