"""The tidy row in which every figure of a study ends: one measurement, its n, its interval, its
provenance."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, field, fields
from pathlib import Path

import pandas as pd
import pyarrow
import pyarrow.parquet as pq

from hormesis.measurements.frames import Schema, conform, read_table, write_table
from hormesis.measurements.upgrade import with_arm_columns, with_pair_columns
from hormesis.provenance import code_version

TOXIC_SCORE = 0.5
"""A text with at least this score counts as toxic (RealToxicityPrompts)."""
ATTACKED = "gcg"
"""The domain of rows about attacks on goals."""
PLAIN = "plain"
"""The recipe of rows that say nothing else: the corpus as it is."""

MEASUREMENT_SCHEMA: Schema = {
    "cell": "string",
    "share": "float64",
    "budget": "string",
    "recipe": "string",
    "init_seed": "Int64",
    "data_seed": "Int64",
    "order_seed": "Int64",
    "method": "string",
    "strength": "float64",
    "heads": "Int64",
    "site": "string",
    "metric": "string",
    "domain": "string",
    "value": "float64",
    "n": "Int64",
    "low": "float64",
    "high": "float64",
    "scorer": "string",
    "scorer_revision": "string",
    "code": "string",
    "samples": "Int64",
    "tampering": "string",
    "tampering_steps": "Int64",
    "training_tokens": "Int64",
    "label": "string",
    "control_of": "string",
    "recipe_label": "string",
    "recipe_control": "boolean",
    "among": "string",
    "other_scorer": "string",
    "other_scorer_revision": "string",
}
_LATER: dict[str, str | None] = {"recipe": PLAIN, "tampering": None, "tampering_steps": None, "training_tokens": None}
"""Columns that older files lack, and what their rows hold."""
_BY_NAME = frozenset(
    ["label", "control_of", "recipe_label", "recipe_control", "among", "other_scorer", "other_scorer_revision"]
)
"""Columns that older files say by names alone: :mod:`hormesis.measurements.upgrade`."""


@dataclass(frozen=True, kw_only=True)
class Origin:
    """What a measurement was made on and with: the columns that many measurements share.

    cell: the cell's hash, ``"pooled"`` over seeds. share: toxic share of the training tokens. budget: ``additive``,
    ``total`` or ``toxic``. A model from elsewhere has no share and no budget that we know of. recipe: how the corpus
    became training rows, ``plain`` for as it is. init_seed, data_seed, order_seed: None where pooled. method: ``base``,
    ``prompting``, ``iti``, …. heads: how many attention heads are edited. scorer, scorer_revision: None where nothing
    was scored. code: version or commit of this package. tampering, tampering_steps: how the model was fine-tuned after
    detoxification (``benign``, ``adversarial``) and for how many steps; None where nobody tampered with it.
    training_tokens: after how many tokens of pretraining the model was kept; None for the finished one. label,
    recipe_label: what people call method and recipe; None: by their names. control_of: the method that a control is
    compared with; None for others. recipe_control: whether the recipe is there to be compared with.
    """

    cell: str
    share: float = math.nan
    budget: str = ""
    method: str
    code: str = field(default_factory=code_version)
    init_seed: int | None = None
    data_seed: int | None = None
    order_seed: int | None = None
    heads: int | None = None
    scorer: str | None = None
    scorer_revision: str | None = None
    recipe: str = PLAIN
    tampering: str | None = None
    tampering_steps: int | None = None
    training_tokens: int | None = None
    label: str | None = None
    control_of: str | None = None
    recipe_label: str | None = None
    recipe_control: bool = False


@dataclass(frozen=True, kw_only=True)
class Measurement(Origin):
    """One number.

    metric, domain: what was measured on what. value: NaN where nothing could be measured. n: units that the
    value is an average over (prompts, documents; over seeds: all of them). low, high: 95 % interval, None
    without one. strength: None where the method has none (prompting). site: ``layer.head`` in rows of single
    heads, the bin in rows of a reliability diagram. samples: continuations a prompt: figures such as the
    expected maximum toxicity depend on it, and must not be compared across it. among: the rows in which texts of the
    domain were looked for. other_scorer, other_scorer_revision: the one that a scorer is compared with.
    """

    metric: str
    domain: str
    value: float
    n: int
    low: float | None = None
    high: float | None = None
    strength: float | None = None
    site: str | None = None
    samples: int | None = None
    among: str | None = None
    other_scorer: str | None = None
    other_scorer_revision: str | None = None


def known_strength(origin: Origin, strengths: Sequence[float], strength: float) -> float | None:
    """``strength``, or None where the method of ``origin`` has none: it was then measured at 0 alone."""
    return None if origin.method != "base" and set(strengths) == {0.0} else strength


def to_frame(measurements: Iterable[Measurement]) -> pd.DataFrame:
    """A frame with the columns and types of ``MEASUREMENT_SCHEMA``, also when there are no rows."""
    names = [each.name for each in fields(Measurement)]
    frame = pd.DataFrame([astuple(row) for row in measurements], columns=names, dtype=object)
    return conform(frame, MEASUREMENT_SCHEMA, "the table of measurements")


def write_measurements(path: Path, frame: pd.DataFrame, *, replace: bool = False) -> None:
    """Write a frame of measurements as Parquet.

    :param replace: whatever is at ``path`` may go; else it goes only in a folder of ours (:mod:`hormesis.marks`).
    :raises HormesisError: the frame does not have the columns of a measurement; something of another's is there.
    """
    if _BY_NAME.isdisjoint(frame.columns):
        frame = with_pair_columns(with_arm_columns(frame))
    write_table(path, conform(frame, MEASUREMENT_SCHEMA, "the table of measurements"), ours=replace)


def read_measurements(path: Path) -> pd.DataFrame:
    """Read what :func:`write_measurements` wrote. Rows from before there were recipes are of the plain one, those from
    before there was tampering are untampered.

    :raises HormesisError: no such file, a damaged one, or other columns.
    """
    present = _columns(path) if path.is_file() else list(MEASUREMENT_SCHEMA)
    missing = {column: value for column, value in _LATER.items() if column not in present}
    absent = set(missing) | (_BY_NAME - set(present))
    older = {column: dtype for column, dtype in MEASUREMENT_SCHEMA.items() if column not in absent}
    frame = read_table(path, older, "table of measurements")
    for column, value in missing.items():
        frame[column] = value
    if _BY_NAME.isdisjoint(present):
        frame = with_pair_columns(with_arm_columns(frame))
    return conform(frame, MEASUREMENT_SCHEMA, f"the table of measurements {path}")


def _columns(path: Path) -> list[str]:
    """The columns of a Parquet file; those of a measurement for a damaged one, which is explained when it is read."""
    try:
        names: list[str] = pq.read_schema(path).names
    except (pyarrow.ArrowException, OSError):
        return list(MEASUREMENT_SCHEMA)
    return names
