"""What is kept of a detection: one score a text, no text."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from hormesis.measurements.frames import Schema, conform, read_table, write_table
from hormesis.reprs import short_repr

DETECTION_SCHEMA: Schema = {
    "domain": "string",
    "detector": "string",
    "text": "int64",
    "group": "string",
    "toxic": "bool",
    "strength": "float64",
    "score": "float64",
}


@short_repr
@dataclass(frozen=True, eq=False)
class DetectionTable:
    """One row for each (domain, detector, text, strength).

    frame: the columns of ``DETECTION_SCHEMA``. detector: ``zero_shot`` or ``linear_probe``. text: its place in the
    list. group: the target group. toxic: the label. score: in nats (log-odds); above 0 says toxic.

    :raises HormesisError: the frame has other columns or types.
    """

    frame: pd.DataFrame

    def __post_init__(self) -> None:
        object.__setattr__(self, "frame", conform(self.frame, DETECTION_SCHEMA, "the table of detections"))

    def write(self, path: Path) -> None:
        """Write Parquet."""
        write_table(path, self.frame)

    @classmethod
    def read(cls, path: Path) -> DetectionTable:
        """Read what :meth:`write` wrote.

        :raises HormesisError: no such file, a damaged one, or other columns.
        """
        return cls(read_table(path, DETECTION_SCHEMA, "table of detections"))
