"""What is kept of the answers to questions of capability: one row a question, no text."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from hormesis.measurements.frames import Schema, conform, read_table, write_table
from hormesis.reprs import short_repr

ANSWER_SCHEMA: Schema = {
    "domain": "string",
    "part": "string",
    "item": "int64",
    "strength": "float64",
    "choices": "int64",
    "right": "float64",
    "right_normalised": "float64",
}


@short_repr
@dataclass(frozen=True, eq=False)
class AnswerTable:
    """One row for each (domain, item, strength), from which accuracies, their parts and intervals, and chance follow.

    frame: the columns of ``ANSWER_SCHEMA``. domain: the task. part: of it, such as a subject; empty without parts.
    item: the question's place in its file. choices: how many it has. right: 1 where the likeliest choice is the right
    one, else 0. right_normalised: the same of log-likelihoods divided by the characters of the choice; NaN for tasks
    that lm-eval does not count so.

    :raises HormesisError: the frame has other columns or types.
    """

    frame: pd.DataFrame

    def __post_init__(self) -> None:
        object.__setattr__(self, "frame", conform(self.frame, ANSWER_SCHEMA, "the table of answers"))

    def write(self, path: Path) -> None:
        """Write Parquet."""
        write_table(path, self.frame)

    @classmethod
    def read(cls, path: Path) -> AnswerTable:
        """Read what :meth:`write` wrote.

        :raises HormesisError: no such file, a damaged one, or other columns.
        """
        return cls(read_table(path, ANSWER_SCHEMA, "table of answers"))
