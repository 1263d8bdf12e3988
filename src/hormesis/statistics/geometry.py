"""Geometry of concepts in measurement rows: which rows these are, and their table."""

from __future__ import annotations

import pandas as pd

from hormesis.evaluate.measurement import PLAIN

_OVERLAP = ("cosine", "entanglement", "mean_cosine", "interference")
GEOMETRY_METRICS = frozenset(
    [
        *_OVERLAP,
        *("cosine_corrected", "entanglement_corrected"),
        *("split_half_cosine", "effective_rank", "participation_ratio", "direction_auroc", "fisher_ratio"),
        *("erasure_auroc", "erasure_rank", "noise_auroc", "noise_half_life", "transfer_auroc"),
    ]
)
"""Of rows whose ``site`` is a layer (``3``), its heads (``3.heads``) or one of them (``3.1``)."""
TOXICITY = "toxicity"
_COLUMNS = ["budget", "share", "seed", "site", "metric", "domain", "value", "low", "high", "n"]


def site_order(site: str) -> tuple[int, int]:
    """Sites by layer and head."""
    layer, _, head = site.partition(".")
    return int(layer), int(head) if head.isdigit() else -1


def over_training(measurements: pd.DataFrame) -> pd.DataFrame:
    """Rows about the toxicity direction of every model that was kept on the way and of what became of it, plain recipe.

    Columns: budget, share, seed (of the initialisation), site, metric, value, low, high, n, and ``tokens`` that the
    model had been trained on. Empty where no model was kept on the way.

    :param measurements: the rows as they are stored.
    """
    if "training_tokens" not in measurements or measurements["training_tokens"].isna().all():
        return pd.DataFrame(columns=[*_COLUMNS, "tokens"])
    plain = measurements[measurements["recipe"] == PLAIN].assign(seed=measurements["init_seed"])
    model = ["budget", "share", "init_seed", "data_seed", "order_seed"]
    whole = plain[(plain["metric"] == "tokens") & (plain["domain"] == "mixture")]
    whole = whole.rename(columns={"value": "whole"})[[*model, "whole"]]
    about = (plain["domain"] == TOXICITY) & plain["metric"].isin(["entanglement", "direction_auroc"])
    rows = plain[about].merge(whole, on=model, how="left")
    rows["tokens"] = rows["training_tokens"].astype("float64").fillna(rows["whole"])
    found: pd.DataFrame = rows[[*_COLUMNS, "tokens"]].astype({"value": "float64", "low": "float64", "high": "float64"})
    return found.sort_values(["budget", "share", "seed", "site", "metric", "tokens"]).reset_index(drop=True)


def geometry_table(layers: pd.DataFrame) -> pd.DataFrame:
    """The rows, sorted by model and site.

    :param layers: ``Measurements.layers``.
    """
    order = layers["site"].map(site_order)
    ordered = layers.assign(_site=order).sort_values(["budget", "share", "seed", "_site", "metric", "domain"])
    table: pd.DataFrame = ordered[_COLUMNS]
    return table
