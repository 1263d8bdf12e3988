"""What a reader gives: rows of values, with the place where each stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hormesis.errors import HormesisError
from hormesis.reprs import short_repr


@dataclass(frozen=True)
class Undecodable:
    """Stands for a value that cannot be read: it is not UTF-8 text, or its line is no JSON object."""

    reason: str
    fix: str = "convert the file to UTF-8"

    def at(self, origin: str) -> HormesisError:
        """The error where such a row may not be skipped, which names it."""
        return HormesisError(
            f"{origin}: {self.reason}", f"{self.fix}, or set `undecodable: skip` to leave such rows out"
        )


Value = str | int | float | bool | None | Undecodable | list["Value"] | dict[str, "Value"]


@short_repr
@dataclass(frozen=True)
class Row:
    """One row: the values of the columns asked for, and where it stands (``file:number``, from 1)."""

    values: dict[str, Value]
    origin: str


def absent(column: str, place: object, there: Iterable[str]) -> HormesisError:
    """The error for a column that is not there."""
    names = ", ".join(sorted(there)) or "none"
    return HormesisError(f"{place} has no column {column!r}", f"name one of its columns: {names}")


def pick(record: dict[str, Value], column: str, place: object, *, required: bool) -> Value:
    """The value of a column; a dotted name goes down into records; ``None`` if absent and not required.

    What is null has null fields, and what cannot be read has none that can.

    :raises HormesisError: it is absent and required.
    """
    if column in record:
        return record[column]
    value: Value = record
    for part in column.split("."):
        if value is None or isinstance(value, Undecodable):
            return value
        if not isinstance(value, dict) or part not in value:
            if required:
                raise absent(column, place, value if isinstance(value, dict) else record)
            return None
        value = value[part]
    return value


def decoded(data: bytes) -> str | Undecodable:
    """``data`` as UTF-8 text."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        return Undecodable(f"the text is not UTF-8 (byte {error.start}: {error.reason})")
