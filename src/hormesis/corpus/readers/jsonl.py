"""JSON lines: one object a line, plain or packed."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

from hormesis.corpus.readers.registry import reader
from hormesis.corpus.readers.row import Row, Undecodable, Value, pick
from hormesis.corpus.readers.zstandard_frames import ZstandardFrames

_NAMES, _PACKINGS = (".jsonl", ".ndjson", ".json"), ("", ".gz", ".zst")
_ONE_A_LINE = "write one object a line (`jq -c . FILE` does it for a pretty-printed file, `jq -c .[] FILE` for a list)"


@reader(*(f"{name}{packing}" for name in _NAMES for packing in _PACKINGS))
def json_rows(file: Path, columns: Sequence[str]) -> Iterator[Row]:
    """See :data:`Reader`. A line that is no JSON object gives :class:`Undecodable` in every column."""
    seen = False
    with _open(file) as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            origin, record = f"{file}:{number}", _record(line)
            if isinstance(record, Undecodable):
                yield Row(dict.fromkeys(columns, record), origin)
                continue
            # Sparse records are usual in JSON lines, so only the first has to have every column.
            yield Row({column: pick(record, column, file, required=not seen) for column in columns}, origin)
            seen = True


def _record(line: bytes) -> dict[str, Value] | Undecodable:
    try:
        record = json.loads(line)
    except UnicodeDecodeError as error:
        return Undecodable(f"the line is not UTF-8 (byte {error.start}: {error.reason})")
    except json.JSONDecodeError as error:
        return Undecodable(f"the line is not JSON ({error.msg}, column {error.colno})", _ONE_A_LINE)
    except RecursionError:
        return Undecodable("the line's JSON is nested too deeply", "make it flat")
    except ValueError as error:  # an integer of thousands of digits
        return Undecodable(f"the line cannot be read ({error})", "write such a number as text")
    if not isinstance(record, dict):
        return Undecodable("the line is not a JSON object", _ONE_A_LINE)
    return record


def _open(file: Path) -> io.BufferedIOBase:
    """The bytes, unpacked; every codec raises where its data end before it says that they end."""
    if file.suffix.lower() == ".gz":
        return gzip.open(file)
    if file.suffix.lower() == ".zst":
        return io.BufferedReader(ZstandardFrames(file), 1 << 20)
    return cast(io.BufferedIOBase, file.open("rb"))
