"""Comma- or tab-separated values with a header: every value is text."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from hormesis.corpus.readers.registry import reader
from hormesis.corpus.readers.row import Row, Undecodable, Value, pick

_LONGEST = 2**31 - 1  # characters of a field: a document may be one


@reader(".csv", ".tsv")
def csv_rows(file: Path, columns: Sequence[str]) -> Iterator[Row]:
    """See :data:`Reader`. Numbers and booleans are text here; where a number is asked for, it is read as one."""
    csv.field_size_limit(_LONGEST)
    with file.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as lines:
        # Strict: a file that was cut within quotes says so.
        parsed = csv.reader(lines, delimiter="\t" if file.suffix.lower() == ".tsv" else ",", strict=True)
        header = next(parsed, [])
        for column in columns:
            pick(dict.fromkeys(header), column, file, required=True)
        for number, fields in enumerate(parsed, start=1):
            if fields:
                values: dict[str, Value] = {name: _value(field) for name, field in zip(header, fields, strict=False)}
                if len(fields) != len(header):
                    wrong = f"the row has {len(fields)} fields, and the header {len(header)}"
                    values = dict.fromkeys(header, Undecodable(wrong, "put text that holds commas into quotes"))
                yield Row({column: values[column] for column in columns}, f"{file}:{number}")


def _value(field: str) -> Value:
    try:
        field.encode("utf-8")
    except UnicodeEncodeError as error:
        return Undecodable(f"the text is not UTF-8 (character {error.start})")
    return field
