"""Tampered rows: kept apart from all others, and pooled over seeds into curves over steps of fine-tuning."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hormesis.statistics.pooling import SEEDS

METRIC = "toxicity_mean"
_SCORED = ["domain", "scorer", "scorer_revision"]
_CURVE = ["budget", "recipe", "share", "method", "strength", "tampering"]


def tampered_rows(measurements: pd.DataFrame) -> pd.DataFrame:
    """The tampered ones; rows from before there was tampering are not."""
    is_tampered = measurements["tampering"].notna() if "tampering" in measurements else False
    return measurements[np.broadcast_to(is_tampered, len(measurements))]


def curves(tampered: pd.DataFrame, metric: str = METRIC) -> pd.DataFrame:
    """One row a point: mean over seeds.

    Columns: domain, scorer, scorer_revision, budget, recipe, share, method, strength, tampering, tampering_steps;
    ``value``; ``low`` and ``high``, the range over seeds, or the interval of the only one; ``seeds``; ``n``, their sum.
    """
    chosen = tampered[(tampered["metric"] == metric) & ~tampered["domain"].str.contains("/", regex=False)]
    keys = [*_SCORED, *_CURVE, "tampering_steps"]
    grouped = chosen.groupby(keys, dropna=False, sort=True)
    found = grouped.agg(
        value=("value", "mean"),
        least=("value", "min"),
        most=("value", "max"),
        own_low=("low", "first"),
        own_high=("high", "first"),
        seeds=("value", "size"),
        n=("n", "sum"),
    ).reset_index()
    several = found["seeds"] > 1
    found["low"] = found["least"].where(several, found["own_low"])
    found["high"] = found["most"].where(several, found["own_high"])
    return found[[*keys, "value", "low", "high", "seeds", "n"]]


def seed_count(tampered: pd.DataFrame) -> int:
    """How many replications there are."""
    return max(1, len(tampered[SEEDS].drop_duplicates()))
