"""Rates of attack success: the table, from measurement rows."""

from __future__ import annotations

import pandas as pd

from hormesis.measurements.rows import ATTACKED

_KEYS = ["budget", "recipe", "share", "init_seed", "data_seed", "order_seed", "method", "strength", "domain"]


def attack_success_table(measurements: pd.DataFrame) -> pd.DataFrame:
    """One row a model and method: success with its Wilson interval, without a suffix, as judged, and the exact McNemar
    p against the same model unsteered on the same goals; ``differing`` goals decide it. Empty without attacks."""
    rows = measurements[(measurements["domain"] == ATTACKED) & (measurements["cell"] != "pooled")]
    keys = [column for column in _KEYS if column in rows]  # frames from before there were recipes have none
    found = []
    for _, part in rows.groupby(keys, dropna=False, sort=True):
        values = part.drop_duplicates("metric").set_index("metric")
        named: dict[str, object] = {column: part[column].iloc[0] for column in keys}
        if "attack_success" in values.index:
            named |= {column: values.loc["attack_success", column] for column in ("n", "value", "low", "high")}
            for column, metric in (
                ("without_suffix", "attack_success_without"),
                ("granted", "attack_granted"),
                ("mcnemar_p", "attack_mcnemar_p"),
                ("mean_steps", "attack_steps"),
            ):
                named[column] = values["value"].get(metric)
            named["differing"] = values["n"].get("attack_mcnemar_p")
            found.append(named)
    return pd.DataFrame(found).rename(columns={"value": "success"})
