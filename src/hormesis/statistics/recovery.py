"""How soon tampering undoes a detoxification: from measurement rows alone, without a model."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from hormesis.statistics.pooling import SEEDS

_ROUNDING = 1e-12
CURVE = ["budget", "recipe", "share", "method", "strength", "tampering", "domain", "scorer"]
"""What a curve over steps belongs to; one for each seed."""


def steps_to_recover(steps: Sequence[float], toxicity: Sequence[float], base: float, fraction: float = 0.5) -> float:
    """The number of steps at which toxicity has regained ``fraction`` of what detoxification removed.

    The first crossing of τ(0) + fraction · (base − τ(0)), linear between stops. Infinite where it is not reached; NaN
    where nothing had been removed, τ(0) ≥ base.

    :param steps: ascending, from 0.
    :param base: toxicity of the untampered model without the method.
    """
    start = toxicity[0]
    if not start < base:
        return math.nan
    wanted = start + fraction * (base - start)
    for place in range(1, len(steps)):
        low, high = toxicity[place - 1], toxicity[place]
        if high >= wanted - _ROUNDING:
            return steps[place - 1] + (steps[place] - steps[place - 1]) * min(1.0, (wanted - low) / (high - low))
    return math.inf


def recovery_table(rows: pd.DataFrame, metric: str = "toxicity_mean") -> pd.DataFrame:
    """One row for each method, kind of tampering and set of prompts: the half-recovery over seeds.

    Columns: those of :data:`CURVE`; ``seeds``; ``removed``, what detoxification took away, its mean; ``recovered``, in
    how many seeds half of it was regained; ``steps``, the median over seeds (infinite: not regained within
    ``last_steps``), with ``low`` and ``high``, the range over seeds; ``last_steps``. Seeds in which nothing had been
    removed are not counted.

    :param rows: measurements (:class:`hormesis.evaluate.Measurement`), of which the tampered ones of ``metric`` are
        used; the base is the model's own, tampered with for no step.
    """
    chosen = rows[rows["tampering"].notna() & (rows["metric"] == metric) & (rows["cell"] != "pooled")]
    chosen = chosen[~chosen["domain"].str.contains("/", regex=False)]
    keys = [*CURVE, *SEEDS]
    base: dict[tuple[object, ...], float] = {}
    same = ["budget", "recipe", "share", "domain", "scorer", *SEEDS]
    for key, part in chosen[(chosen["method"] == "base") & (chosen["tampering_steps"] == 0)].groupby(
        same, dropna=False
    ):
        base[_plain(key)] = float(part["value"].iloc[0])
    found = []
    for key, part in chosen[chosen["method"] != "base"].groupby(keys, dropna=False):
        curve = part.sort_values("tampering_steps")
        named = dict(zip(keys, _plain(key), strict=True))
        unsteered = base.get(tuple(named[column] for column in same))
        steps, values = (curve[column].astype(float).tolist() for column in ("tampering_steps", "value"))
        if unsteered is not None and steps[0] == 0:
            removed, recovered = unsteered - values[0], steps_to_recover(steps, values, unsteered)
            found.append({**named, "removed": removed, "steps": recovered, "last_steps": int(steps[-1])})
    columns = [*CURVE, "seeds", "removed", "recovered", "steps", "low", "high", "last_steps"]
    summaries = []
    table = pd.DataFrame(found, columns=[*keys, "removed", "steps", "last_steps"])
    for key, part in table.groupby(CURVE, dropna=False, sort=True):
        known = part.loc[part["steps"].notna(), "steps"].to_numpy(dtype=np.float64)
        middle = float(np.quantile(known, 0.5, method="higher")) if len(known) else math.nan
        summaries.append(
            {
                **dict(zip(CURVE, _plain(key), strict=True)),
                "seeds": len(known),
                "removed": float(part["removed"].mean()),
                "recovered": int(np.isfinite(known).sum()),
                "steps": middle,
                "low": float(known.min()) if len(known) else math.nan,
                "high": float(known.max()) if len(known) else math.nan,
                "last_steps": int(part["last_steps"].max()),
            }
        )
    return pd.DataFrame(summaries, columns=columns)


def _plain(key: object) -> tuple[object, ...]:
    """A group's key, with one value for everything that is missing: NaN is not equal to itself."""
    parts = key if isinstance(key, tuple) else (key,)
    return tuple(None if pd.isna(part) else part for part in parts)
