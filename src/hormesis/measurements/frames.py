"""Data frames of fixed columns and types, and their Parquet files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
import pyarrow
import pyarrow.parquet as pq

from hormesis.errors import HormesisError
from hormesis.files import write_file

_HASH_KEY = b"hormesis:sha256"
Schema = Mapping[str, str]
"""Column name → pandas dtype, in the order of the columns. Nullable text is ``string``, nullable integers
``Int64``."""


def conform(frame: pd.DataFrame, schema: Schema, what: str, *, more: bool = False) -> pd.DataFrame:
    """``frame`` with exactly the columns and types of ``schema``; row numbers start at 0.

    :param what: what the frame is, for the message.
    :param more: further columns of float64 are let through, after the others.
    :raises HormesisError: a column is missing, unknown, or of values that do not fit its type.
    """
    missing = [column for column in schema if column not in frame.columns]
    further = [str(column) for column in frame.columns if column not in schema]
    unknown = [column for column in further if not (more and frame[column].dtype == "float64")]
    if missing or unknown:
        found = [f"lacks the columns {', '.join(missing)}"] * bool(missing)
        found += [f"has the unknown columns {', '.join(unknown)}"] * bool(unknown)
        raise HormesisError(f"{what} {' and '.join(found)}", f"give exactly the columns {', '.join(schema)}")
    converted = {}
    for column, dtype in (*schema.items(), *((name, "float64") for name in further)):
        try:
            converted[column] = frame[column].astype(pd.api.types.pandas_dtype(dtype))
        except (TypeError, ValueError) as error:
            raise HormesisError(
                f"the column {column} of {what} does not hold values of type {dtype} ({error})",
                "write the file anew with the code that made it, or mend the column",
            ) from error
    return pd.DataFrame(converted).reset_index(drop=True)


def write_table(path: Path, frame: pd.DataFrame, *, ours: bool = False) -> None:
    """``frame`` as zstd Parquet with a hash of its values, as :func:`hormesis.files.write_file`."""
    table = pyarrow.Table.from_pandas(frame, preserve_index=False)
    digest = _values_hash(table.to_pandas())
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), _HASH_KEY: digest.encode()})
    with write_file(path, ours=ours) as temporary:
        pq.write_table(table, temporary, compression="zstd")


def read_frame(path: Path, what: str = "the table") -> pd.DataFrame:
    """A Parquet file as it is; its values are compared with the hash that :func:`write_table` left.

    Files without one, of another writer or from before, are read as they are.

    :raises HormesisError: no such file, not a Parquet file, or one whose values are not those that were written.
    """
    if not path.is_file():
        raise HormesisError(f"there is no {what} {path}", "check the path, or run the step that writes it")
    try:
        table = pq.read_table(path)
        frame: pd.DataFrame = table.to_pandas()
        written = (table.schema.metadata or {}).get(_HASH_KEY)
        if written is not None and written.decode("latin-1") != _values_hash(frame):
            raise ValueError("its values are not those that were written")
    except (pyarrow.ArrowException, OSError, ValueError, KeyError, TypeError, OverflowError, MemoryError) as error:
        raise HormesisError(
            f"{what} {path} is damaged ({error})", "remove it, and run the command that wrote it again"
        ) from error
    return frame


def _values_hash(frame: pd.DataFrame) -> str:
    """The SHA-256 over names, types and values, whatever the layout of the file."""
    digest = hashlib.sha256(repr([(str(name), str(frame[name].dtype)) for name in frame.columns]).encode())
    for name in frame.columns:
        digest.update(pd.util.hash_pandas_object(frame[name], index=False).to_numpy().tobytes())
    return digest.hexdigest()


def read_table(
    path: Path, schema: Schema, what: str, *, optional: Sequence[str] = (), more: bool = False
) -> pd.DataFrame:
    """A Parquet file of ``schema``.

    :param optional: numbers that files from before do not have: NaN where they are absent.
    :param more: as in :func:`conform`.
    :raises HormesisError: no such file, a damaged one, or another schema.
    """
    frame = read_frame(path, what)
    frame = frame.assign(**{name: float("nan") for name in optional if name not in frame.columns})
    return conform(frame, schema, f"{what} {path}", more=more)


def no_formulas(frame: pd.DataFrame) -> pd.DataFrame:
    """``frame`` for a CSV file: a name that a spreadsheet would take for a formula begins with an apostrophe."""
    safe = frame.rename(columns=_no_formula)
    texts = [name for name in safe if not pd.api.types.is_numeric_dtype(safe[name])]
    return safe.assign(**{str(name): safe[name].map(_no_formula) for name in texts})


def _no_formula(value: object) -> object:
    if not isinstance(value, str) or not value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return value
    try:
        float(value)
    except ValueError:
        return f"'{value}"
    return value
