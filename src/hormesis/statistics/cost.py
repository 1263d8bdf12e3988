"""What capability costs: several definitions, for a sign that holds by one of them alone is no answer.

- *Relative*: ΔCE, the cross-entropy of a steered model less that of the same model unsteered. It asks what steering
  costs, and forgives a model that was worse before it was steered.
- *Absolute*: its cross-entropy less that of the unsteered model of the lowest share, seed by seed. It asks that all
  models keep one level, whatever they spend it on: on toxic text in training or on steering.

Both are in nats a token on held-out text, averaged over the domains that are named.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

_SETTING = ["budget", "share", "method", "strength", "heads"]


@dataclass(frozen=True)
class CostDefinition:
    """How a cost is read off the rows.

    :param domains: held-out texts that it is averaged over.
    :param absolute: against the unsteered model of the lowest share; else against the same model unsteered.
    """

    domains: tuple[str, ...]
    absolute: bool = False

    @property
    def label(self) -> str:
        """Such as ``ΔCE on clean`` and ``CE above unsteered lowest share on clean, wikitext2``."""
        return f"{'CE above unsteered lowest share' if self.absolute else 'ΔCE'} on {', '.join(self.domains)}"

    def of(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The cost of each setting that has one on every domain.

        :param rows: ``seeds`` or ``pooled`` of :class:`~hormesis.statistics.view.Measurements`, of one or more budgets.
        :return: the columns of a setting (and ``seed``, where rows have it), and ``cost``. A relative cost of an
            unsteered plain model is 0 and not listed.
        """
        setting = [*_SETTING, "seed"] if "seed" in rows else _SETTING
        metric = "ce" if self.absolute else "ce_cost"
        found = rows[(rows["metric"] == metric) & rows["domain"].isin(self.domains)]
        found = found[[*setting, "domain", "value"]].drop_duplicates([*setting, "domain"])
        if self.absolute:
            block = ["budget", "domain", *(["seed"] if "seed" in rows else [])]
            unsteered = found[found["method"] == "base"].sort_values("share").drop_duplicates(block)
            lowest = found["share"].min()
            unsteered = unsteered[unsteered["share"] == lowest][[*block, "value"]]
            found = found.merge(unsteered, on=block, suffixes=("", "_of_level"))
            found["value"] = found["value"] - found["value_of_level"]
        groups = found.groupby(setting, dropna=False, sort=False)["value"].agg(["mean", "size"]).reset_index()
        groups["cost"] = np.where(groups["size"] == len(self.domains), groups["mean"], np.nan)
        return groups[groups["cost"].notna()][[*setting, "cost"]]
