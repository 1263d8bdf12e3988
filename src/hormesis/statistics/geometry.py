"""Geometry of concepts in measurement rows: which rows these are, and their table."""

from __future__ import annotations

import pandas as pd

from hormesis.measurements.rows import PLAIN
from hormesis.statistics.pooling import SEEDS, seed_labels

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
CHANCE = ("random", "covariance", "shuffled", "welch")
"""Domains of rows that hold what chance gives."""
ALONG_TRAINING = {
    "entanglement": "E of toxicity",
    "entanglement_corrected": "E without the noise's share",
    "direction_auroc": "AUROC of the direction",
}
"""Metrics that are followed along training, in words."""
_COLUMNS = ["budget", "share", "seed", "site", "metric", "domain", "value", "low", "high", "n"]


def site_order(site: str) -> tuple[int, int]:
    """Sites by layer and head."""
    layer, _, head = site.partition(".")
    return int(layer), int(head) if head.isdigit() else -1


def along_training(measurements: pd.DataFrame) -> pd.DataFrame:
    """How the toxicity direction comes to be: the rows of :data:`ALONG_TRAINING` of every model that was kept on the
    way and of what became of it, plain recipe.

    Columns: budget, share, seed, site, metric, domain, value, low, high, n, and ``tokens`` that the model had been
    trained on. Empty where no model was kept on the way.

    :param measurements: the rows as they are stored.
    """
    if "training_tokens" not in measurements or measurements["training_tokens"].isna().all():
        return pd.DataFrame(columns=[*_COLUMNS, "tokens"])
    plain = measurements[(measurements["recipe"] == PLAIN) & measurements["init_seed"].notna()]
    plain = plain.astype(dict.fromkeys([*SEEDS, "value", "low", "high"], "float64"))
    plain["seed"] = seed_labels(plain)
    model = ["budget", "share", *SEEDS]
    whole = plain[(plain["metric"] == "tokens") & (plain["domain"] == "mixture")]
    whole = whole.rename(columns={"value": "whole"})[[*model, "whole"]]
    about = plain["metric"].isin(ALONG_TRAINING) & plain["domain"].isin([TOXICITY, *CHANCE])
    rows = plain[about].merge(whole, on=model, how="left")
    rows["tokens"] = rows["training_tokens"].astype("float64").fillna(rows["whole"])
    return _ordered(rows, ["tokens"])


def geometry_table(layers: pd.DataFrame) -> pd.DataFrame:
    """The rows, sorted by model and site.

    :param layers: ``Measurements.layers``.
    """
    return _ordered(layers, [])


def _ordered(rows: pd.DataFrame, more: list[str]) -> pd.DataFrame:
    by = ["budget", "share", "seed", "_site", "metric", "domain", *more]
    sites = pd.Series([site_order(str(site)) for site in rows["site"]], rows.index, dtype=object)
    ordered: pd.DataFrame = rows.assign(_site=sites).sort_values(by)[[*_COLUMNS, *more]]
    return ordered
