"""JSON lines: one object a line, plain or packed."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

import zstandard

from hormesis.corpus.readers.registry import reader
from hormesis.corpus.readers.row import Row, Undecodable, pick
from hormesis.errors import HormesisError

_NAMES, _PACKINGS = (".jsonl", ".ndjson", ".json"), ("", ".gz", ".zst")


@reader(*(f"{name}{packing}" for name in _NAMES for packing in _PACKINGS))
def json_rows(file: Path, columns: Sequence[str]) -> Iterator[Row]:
    """See :data:`Reader`. A line that is no JSON gives :class:`Undecodable` in every column."""
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
