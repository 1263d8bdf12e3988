"""Rows of cells that the study no longer plans: kept apart in ``outside/``, and taken back where it plans them again.

A results folder may have lost its ``cells/``; its tables are then all that is left of what was measured.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from hormesis.measurements import read_measurements
from hormesis.measurements.frames import read_frame, write_table
from hormesis.measurements.names import MEASUREMENTS_FILE, OUTSIDE_FOLDER

POOLED = "pooled"
"""The cell of rows over several models, which are made anew from those of single ones."""


@dataclass(frozen=True)
class Kept:
    """What a results folder holds of one table, in it and outside."""

    path: Path
    rows: pd.DataFrame | None
    """Of every cell, each once; None: there is no such table."""
    outside: pd.DataFrame | None
    """What lay outside before."""

    @classmethod
    def read(cls, folder: Path, file: str) -> Kept:
        """The table ``file`` of the results folder ``folder``.

        :raises HormesisError: a table of measurements is damaged.
        """
        path = folder / file
        inside, outside = (_read(each) for each in (path, _outside(path)))
        if inside is None or outside is None:
            return cls(path, outside if inside is None else inside, outside)
        more = outside[~outside["cell"].isin(set(inside["cell"]))]
        return cls(path, pd.concat([inside, more], ignore_index=True) if len(more) else inside, outside)

    def of(self, cell: str) -> pd.DataFrame | None:
        """The rows of one cell."""
        return None if self.rows is None else self.rows[self.rows["cell"] == cell]

    def set_aside(self, planned: Collection[str]) -> None:
        """Write the rows of cells that are not ``planned`` outside, before the table is written without them."""
        unplanned = self._unplanned(planned)
        if unplanned is not None and len(unplanned):
            write_table(_outside(self.path), unplanned)

    def take_back(self, planned: Collection[str]) -> None:
        """Remove the rows of cells that are ``planned`` again from outside, after the table was written with them."""
        unplanned = self._unplanned(planned)
        if self.outside is not None and (unplanned is None or unplanned.empty):
            _outside(self.path).unlink(missing_ok=True)

    def _unplanned(self, planned: Collection[str]) -> pd.DataFrame | None:
        return None if self.rows is None else self.rows[~self.rows["cell"].isin({*planned, POOLED})]


def outside_rows(folder: Path) -> pd.DataFrame | None:
    """The measurements that lie outside; None where there are none."""
    return _read(_outside(folder / MEASUREMENTS_FILE))


def in_words(outside: pd.DataFrame) -> str:
    """What lies outside, in a sentence."""
    shares = ", ".join(f"{100 * share:.4g} %" for share in sorted(set(outside["share"].dropna())))
    return (
        f"{len(outside):,} measurements of {outside['cell'].nunique():,} cells are of no cell of this study as it is"
        f" now{f' (shares {shares})' if shares else ''}: they are kept apart in {OUTSIDE_FOLDER}/, not drawn, and come"
        " back where the study plans them again."
    )


def _outside(path: Path) -> Path:
    return path.parent / OUTSIDE_FOLDER / path.name


def _read(path: Path) -> pd.DataFrame | None:
    if not path.is_file():
        return None
    return read_measurements(path) if path.name == MEASUREMENTS_FILE else read_frame(path)
