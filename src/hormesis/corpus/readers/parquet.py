"""Parquet, streamed by record batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

import pyarrow as pa
import pyarrow.parquet as pq

from hormesis.corpus.readers.registry import reader
from hormesis.corpus.readers.row import Row, Value, absent, decoded, pick
from hormesis.errors import HormesisError


@reader(".parquet")
def parquet_rows(file: Path, columns: Sequence[str]) -> Iterator[Row]:
    """See :data:`Reader`. Bytes are read as UTF-8."""
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
        return [None if value is None else decoded(value) for value in column.to_pylist()]
    return cast("list[Value]", column.to_pylist())
