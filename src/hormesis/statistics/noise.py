"""The noise floor of a metric: how much it varies where nothing was changed."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hormesis.statistics.view import Measurements

_METRIC = ["budget", "method", "strength", "metric", "domain", "scorer"]
_MODEL = ["budget", "share", "init_seed", "data_seed", "order_seed", "method", "strength", "site", "metric", "domain"]


def noise_floor(measurements: Measurements) -> pd.DataFrame:
    """The standard deviation between seeds of every metric of single models: the root mean square over shares.

    :return: ``budget``, ``method``, ``strength``, ``metric``, ``domain``, ``scorer``, ``seed_sd``, ``freedom`` (of it),
        and ``of_mean`` (as a fraction of the mean); a metric of one seed has none and is left out.
    """
    groups = measurements.seeds.groupby([*_METRIC, "share", "heads"], dropna=False)["value"]
    found = groups.agg(["mean", "var", "size"]).reset_index()
    found = found[found["size"] > 1]
    found = found.assign(freedom=found["size"] - 1, squares=found["var"] * (found["size"] - 1))
    pooled = found.groupby(_METRIC, dropna=False).agg(
        squares=("squares", "sum"), freedom=("freedom", "sum"), mean=("mean", "mean")
    )
    pooled["seed_sd"] = np.sqrt(pooled["squares"] / pooled["freedom"])
    pooled["of_mean"] = pooled["seed_sd"] / pooled["mean"].abs().where(pooled["mean"] != 0)
    return pooled.reset_index()[[*_METRIC, "seed_sd", "freedom", "of_mean"]]


def step_noise(rows: pd.DataFrame, last: int = 3) -> pd.DataFrame:
    """The standard deviation from step to step over the last checkpoints, for metrics that were measured on the way.

    Of the differences of neighbouring checkpoints, over √2, so that a steady rise counts little.

    :param rows: of a study, with ``training_tokens``; a finished model's are empty and come last.
    :param last: checkpoints a model; with fewer it is left out.
    :return: ``budget``, ``metric``, ``domain``, ``step_sd`` (root mean square over models and sites) and ``models``.
    """
    columns = ["budget", "metric", "domain", "step_sd", "models"]
    if "training_tokens" not in rows or rows["training_tokens"].isna().all():
        return pd.DataFrame(columns=columns)
    on_the_way = rows[rows["training_tokens"].notna()]
    metrics = on_the_way[["metric", "domain"]].drop_duplicates()
    models = on_the_way[["cell", "share"]].drop_duplicates()["share"]
    curves = rows.merge(metrics, on=["metric", "domain"])
    curves = curves[curves["share"].isin(models)]
    order = curves["training_tokens"].astype("float64").fillna(np.inf)
    curves = curves.assign(order=order).sort_values("order", kind="stable")
    found = []
    for key, curve in curves.groupby(_MODEL, dropna=False):
        values = curve["value"].to_numpy(dtype=np.float64)[-last:]
        if len(values) == last:
            found.append((key[0], key[-2], key[-1], float(np.mean(np.diff(values) ** 2) / 2)))
    if not found:
        return pd.DataFrame(columns=columns)
    table = pd.DataFrame(found, columns=["budget", "metric", "domain", "variance"])
    pooled = table.groupby(["budget", "metric", "domain"])["variance"].agg(["mean", "size"]).reset_index()
    return pooled.assign(step_sd=np.sqrt(pooled["mean"]), models=pooled["size"])[columns]
