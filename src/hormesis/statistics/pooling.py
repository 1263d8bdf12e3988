"""One value over all seeds, and an honest name for the interval around it.

It is Student's t over the seeds' values. The evaluation pools by a bootstrap over seeds and prompts, too (rows of the
cell ``pooled``): its value is used, but its interval only where single seeds are not in the rows, for with few seeds it
is far too narrow. Within a single seed the interval is the bootstrap over prompts that the row came with.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special

from hormesis.statistics.intervals import STUDENT

SEEDS = ["init_seed", "data_seed", "order_seed"]
QUANTITY = ["budget", "share", "method", "strength", "heads", "metric", "domain", "scorer", "scorer_revision"]
"""The columns that say what was measured, whichever model (seed) it was measured on."""

STORED = "95 % bootstrap over seeds and prompts"
ONE_SEED = "95 % bootstrap within the only seed"
NONE = "none"


def pool_over_seeds(seeds: pd.DataFrame, stored: pd.DataFrame) -> pd.DataFrame:
    """One row for each quantity: the stored pooled row if there is one, else the mean over seeds.

    :param seeds: rows of single models, with the column ``seed``.
    :param stored: rows pooled by the evaluation.
    :return: ``QUANTITY``, ``value``, ``low``, ``high``, ``n`` (a stored row's own; else the sum over seeds),
        ``seeds`` (how many models; 0 if unknown) and ``interval`` (one of the constants of this file).
    """
    seeds = seeds.assign(counted=seeds["n"].notna())
    groups = seeds.groupby(QUANTITY, dropna=False, sort=False)
    computed = groups.agg(
        value=("value", "mean"),
        deviation=("value", "std"),
        own_low=("low", "first"),
        own_high=("high", "first"),
        n=("n", "sum"),
        counted=("counted", "any"),
        seeds=("seed", "size"),
    ).reset_index()
    computed["n"] = computed["n"].where(computed["counted"])
    count = computed["seeds"]
    half = special.stdtrit(np.maximum(count - 1, 1), 0.975) * computed["deviation"] / np.sqrt(count)
    several = count > 1
    computed["low"] = (computed["value"] - half).where(several, computed["own_low"])
    computed["high"] = (computed["value"] + half).where(several, computed["own_high"])
    computed["interval"] = np.where(several, STUDENT, ONE_SEED)
    known = computed[[*QUANTITY, "seeds", "low", "high", "interval"]]
    stored = stored.merge(known, on=QUANTITY, how="left", suffixes=("", "_of_seeds"))
    of_seeds = stored["seeds"] > 1
    for bound in ("low", "high"):
        stored[bound] = stored[bound].where(~of_seeds, stored[f"{bound}_of_seeds"])
    stored["interval"] = stored["interval"].where(of_seeds, STORED)
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
