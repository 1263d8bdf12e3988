"""How well single attention heads tell toxic from non-toxic text: the accuracies of all heads of all
models.
"""

from __future__ import annotations

import pandas as pd

TOP_HEADS = 30
"""The paper intervenes on the 30 most accurate heads of 256."""


def top_count(heads: int) -> int:
    """How many heads count as the top: 30, but at most a tenth of them, so that a small model has a tail at
    all.
    """
    return max(1, min(TOP_HEADS, round(heads / 10)))


def probe_summary(heads: pd.DataFrame) -> pd.DataFrame:
    """One row for each model, concept and metric: ``heads`` (count), ``best``, ``top_mean``, ``top`` (its
    count), ``median``, and ``top_on_test``.

    The top heads are the best of many, so their own mean is too high by selection. ``top_on_test`` is the mean
    of the *same* heads on texts that did not choose them (domain ``CONCEPT/test``); NaN if not measured.

    :param heads: ``Measurements.heads``.
    """
    keys = ["budget", "share", "seed", "metric", "domain"]
    by_model = {key: group.set_index("site")["value"] for key, group in heads.groupby(keys, sort=True)}
    rows = []
    for key, values in by_model.items():
        values = values.sort_values(ascending=False, kind="stable")
        top = values.iloc[: top_count(len(values))]
        test = by_model.get((*key[:-1], f"{key[-1]}/test"))
        on_test = float("nan") if test is None else test.reindex(top.index).mean()
        rows.append([*key, len(values), values.iloc[0], top.mean(), len(top), values.median(), on_test])
    return pd.DataFrame(rows, columns=[*keys, "heads", "best", "top_mean", "top", "median", "top_on_test"])
