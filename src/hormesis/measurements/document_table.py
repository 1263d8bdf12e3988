"""What is kept of the cost of each document at each strength: numbers, no text."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from hormesis.measurements.frames import Schema, conform, read_table, write_table
from hormesis.reprs import short_repr

DOCUMENT_SCHEMA: Schema = {
    "domain": "string",
    "document": "int64",
    "strength": "float64",
    "tokens": "int64",
    "bytes": "int64",
    "nll": "float64",
    "base_nll": "float64",
    "kl": "float64",
}


@short_repr
@dataclass(frozen=True, eq=False)
class DocumentTable:
    """One row for each (domain, document, strength); sums over the document's tokens, so that any
    token-weighted average follows.

    frame: the columns of ``DOCUMENT_SCHEMA``. tokens, bytes: scored. nll, base_nll: -log p in nats, steered
    and unsteered. kl: Σ KL(steered ‖ base) over positions, in nats.

    :raises HormesisError: the frame has other columns or types.
    """

    frame: pd.DataFrame

    def __post_init__(self) -> None:
        object.__setattr__(self, "frame", conform(self.frame, DOCUMENT_SCHEMA, "the table of documents"))

    def write(self, path: Path) -> None:
        """Write Parquet."""
        write_table(path, self.frame)

    @classmethod
    def read(cls, path: Path) -> DocumentTable:
        """Read what :meth:`write` wrote.

        :raises HormesisError: no such file, a damaged one, or other columns.
        """
        return cls(read_table(path, DOCUMENT_SCHEMA, "table of documents"))
