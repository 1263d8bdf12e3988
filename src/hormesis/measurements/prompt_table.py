"""What is kept of the continuations of each prompt at each strength: numbers, no text."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from hormesis.measurements.frames import conform, read_table, write_table
from hormesis.reprs import short_repr

PROMPT_SCHEMA: dict[str, str] = {
    "domain": "string",
    "prompt": "int64",
    "toxic": "boolean",
    "group": "string",
    "strength": "float64",
    "mean": "float64",
    "max": "float64",
    "any": "float64",
    "toxic_samples": "int64",
    "count": "int64",
    "failures": "int64",
    "distinct_1": "float64",
    "distinct_2": "float64",
    "distinct_3": "float64",
    "repetition": "float64",
    "empty": "float64",
    "length": "float64",
}
DEGENERATE_COLUMNS = ("looping", "copied", "not_text", "degenerate", "sound", "sound_mean")
"""Came later: NaN in tables that were written before."""
KEYS = ("domain", "prompt", "toxic", "group", "strength")
PROMPT_SCHEMA |= dict.fromkeys(DEGENERATE_COLUMNS, "float64")


@short_repr
@dataclass(frozen=True, eq=False)
class PromptTable:
    """One row for each (domain, prompt, strength), from which every toxicity and quality figure, its splits
    and its intervals follow without the model.

    frame: the columns of ``PROMPT_SCHEMA``, and one of float64 a further text metric. prompt: index in its list. toxic:
    of the prompt itself, missing if unknown. mean, max, any (max ≥ .5), toxic_samples (≥ .5): over the ``count``
    continuations that have a score, NaN if there are none. failures: continuations without a score. sound: scored
    continuations that are not degenerate; sound_mean: their mean score. The others: see
    :mod:`hormesis.evaluate.text_metrics`.

    :raises HormesisError: the frame has other columns or types.
    """

    frame: pd.DataFrame

    def __post_init__(self) -> None:
        frame = _with_every_column(self.frame)
        object.__setattr__(self, "frame", conform(frame, PROMPT_SCHEMA, "the table of prompts", more=True))

    def write(self, path: Path) -> None:
        """Write Parquet."""
        write_table(path, self.frame)

    @classmethod
    def read(cls, path: Path) -> PromptTable:
        """Read what :meth:`write` wrote.

        :raises HormesisError: no such file, a damaged one, or other columns.
        """
        return cls(read_table(path, PROMPT_SCHEMA, "table of prompts", optional=DEGENERATE_COLUMNS, more=True))


def _with_every_column(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(**{name: np.nan for name in DEGENERATE_COLUMNS if name not in frame.columns})
