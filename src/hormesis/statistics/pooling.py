"""One value over all seeds, and an honest name for the interval around it.

The evaluation pools by a hierarchical bootstrap over seeds and prompts, and those rows (cell ``pooled``) are
used as they are. Where they are absent, only the seeds' values remain: their mean is drawn with the *range*
over the seeds, which is not a confidence interval and is not called one.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

SEEDS = ["init_seed", "data_seed", "order_seed"]
QUANTITY = ["budget", "share", "method", "strength", "heads", "metric", "domain", "scorer", "scorer_revision"]
"""The columns that say what was measured, whichever model (seed) it was measured on."""

STORED = "95 % bootstrap over seeds and prompts"
RANGE = "range over seeds"
ONE_SEED = "95 % bootstrap within the only seed"
NONE = "none"


def pool_over_seeds(seeds: pd.DataFrame, stored: pd.DataFrame) -> pd.DataFrame:
    """One row for each quantity: the stored pooled row if there is one, else the mean over seeds.

    :param seeds: rows of single models, with the column ``seed``.
    :param stored: rows pooled by the evaluation.
    :return: ``QUANTITY``, ``value``, ``low``, ``high``, ``n`` (a stored row's own; else the sum over seeds),
        ``seeds`` (how many models; 0 if unknown) and ``interval`` (one of the constants of this file).
    """
    groups = seeds.groupby(QUANTITY, dropna=False, sort=False)
    computed = groups.agg(
        value=("value", "mean"),
        smallest=("value", "min"),
        largest=("value", "max"),
        own_low=("low", "first"),
        own_high=("high", "first"),
        n=("n", lambda n: n.sum(min_count=1)),
        seeds=("seed", "size"),
    ).reset_index()
    several = computed["seeds"] > 1
    computed["low"] = np.where(several, computed["smallest"], computed["own_low"])
    computed["high"] = np.where(several, computed["largest"], computed["own_high"])
    computed["interval"] = np.where(several, RANGE, ONE_SEED)
    stored = stored.merge(computed[[*QUANTITY, "seeds"]], on=QUANTITY, how="left").assign(interval=STORED)
    stored["seeds"] = stored["seeds"].fillna(0)
    columns = [*QUANTITY, "value", "low", "high", "n", "seeds", "interval"]
    frames = [frame[columns] for frame in (stored, computed) if len(frame)]
    pooled = pd.concat(frames, ignore_index=True) if frames else computed[columns]
    pooled = pooled.drop_duplicates(QUANTITY, keep="first")
    pooled.loc[pooled["low"].isna() | pooled["high"].isna(), "interval"] = NONE
    pooled["seeds"] = pooled["seeds"].astype(int)
    return pooled.sort_values(QUANTITY, kind="stable", ignore_index=True)


def seed_labels(rows: pd.DataFrame) -> list[str]:
    """The first seed that tells all replications apart, as ``0``; if none does, as ``init 0, data 1``."""
    seeds = rows[SEEDS]
    replications = seeds.dropna().drop_duplicates()
    for column in SEEDS:
        if replications[column].nunique() == len(replications):
            return ["" if np.isnan(seed) else f"{seed:.0f}" for seed in seeds[column]]
    varying = {column.removesuffix("_seed"): column for column in SEEDS if seeds[column].nunique() > 1}
    return [
        ", ".join(f"{name} {row[column]:.0f}" for name, column in varying.items() if not np.isnan(row[column]))
        for row in seeds.to_dict("records")
    ]
