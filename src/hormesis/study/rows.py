"""The measurement rows of one cell: which model, which method and which code, stamped on each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from hormesis.corpus.recipes import recipe_columns
from hormesis.detox import columns_of
from hormesis.detox.registry import MethodColumns
from hormesis.measurements import Measurement, Origin, to_frame, write_measurements
from hormesis.measurements.names import MEASUREMENTS_FILE
from hormesis.measurements.rows import PLAIN
from hormesis.study.arms import Arm

SAMPLES_FILE = "samples.jsonl"
LENSES_FILE = "lenses.jsonl"


def origin_of(
    cell: str,
    arm: Arm | None,
    *,
    method: str = "base",
    columns: MethodColumns | None = None,
    heads: int | None = None,
    scorer: tuple[str, str] | None = None,
) -> Origin:
    """The columns that all rows of a cell share.

    :param cell: the cell's name; ``pooled`` for rows over seeds.
    :param arm: the model's coordinates; None for rows that belong to no model. ``pooled`` rows get no seeds.
    :param columns: of a method that the study calls by another name; None: those of ``method``.
    :param scorer: its name and revision.
    """
    seeds = arm.seeds if arm and cell != "pooled" else None
    return Origin(
        **(columns_of(method) if columns is None else columns),
        **recipe_columns(arm.recipe if arm else PLAIN),
        cell=cell,
        share=arm.share if arm else math.nan,
        budget=arm.budget if arm else "",
        recipe=arm.recipe if arm else PLAIN,
        method=method,
        init_seed=seeds.init if seeds else None,
        data_seed=seeds.data if seeds else None,
        order_seed=seeds.order if seeds else None,
        heads=heads,
        scorer=scorer[0] if scorer else None,
        scorer_revision=scorer[1] if scorer else None,
    )


def write_rows(folder: Path, rows: Sequence[Measurement]) -> None:
    """A cell's rows, where :mod:`hormesis.study.results.collect` finds them."""
    write_measurements(folder / MEASUREMENTS_FILE, to_frame(rows))
