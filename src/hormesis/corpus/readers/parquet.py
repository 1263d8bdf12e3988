"""Parquet, streamed by record batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

import pyarrow as pa
import pyarrow.parquet as pq

from hormesis.corpus.readers.registry import reader
from hormesis.corpus.readers.row import Row, Undecodable, Value, absent, decoded, pick


@reader(".parquet")
def parquet_rows(file: Path, columns: Sequence[str]) -> Iterator[Row]:
    """See :data:`Reader`. Bytes are read as UTF-8; pages that carry a checksum are held to it."""
    # With the buffer a column is read piece by piece; else a whole row group of it would be held.
    with pq.ParquetFile(file, buffer_size=1 << 20, pre_buffer=False, page_checksum_verification=True) as parquet:
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


def _values(column: pa.Array) -> list[Value]:
    try:
        values = column.to_pylist()
    except ValueError:  # of any type that holds text: strings, dictionaries, records, lists
        values = [_value(element) for element in column]
    return [decoded(value) if isinstance(value, bytes) else value for value in values]


def _value(element: pa.Scalar) -> Value | bytes:
    try:
        return cast("Value | bytes", element.as_py())
    except UnicodeDecodeError as error:
        return Undecodable(f"the text is not UTF-8 (byte {error.start}: {error.reason})")
    except ValueError as error:  # a date that Python has not
        return Undecodable(f"the value cannot be read ({error})", "mend it")
