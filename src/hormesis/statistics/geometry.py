"""Geometry of concepts in measurement rows: which rows these are, and their table."""

from __future__ import annotations

import pandas as pd

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


def geometry_table(layers: pd.DataFrame) -> pd.DataFrame:
    """The rows, sorted by model and site.

    :param layers: ``Measurements.layers``.
    """
    order = layers["site"].map(site_order)
    ordered = layers.assign(_site=order).sort_values(["budget", "share", "seed", "_site", "metric", "domain"])
    table: pd.DataFrame = ordered[_COLUMNS]
    return table
