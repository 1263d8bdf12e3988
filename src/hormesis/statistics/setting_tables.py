"""The tables: the paper's layout (a row for each share × method × strength), and what lies behind the
figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd

from hormesis.statistics.arms import Arms
from hormesis.statistics.geometry import geometry_table
from hormesis.statistics.headline import Headline
from hormesis.statistics.heads import probe_summary
from hormesis.statistics.tradeoff import pooled_points, single_points
from hormesis.statistics.view import TOXICITY_METRICS, Measurements, PromptSet, of_prompts

QUALITY_METRICS = {
    "distinct_2": "distinct-2",
    "repetition": "repetition",
    "empty": "empty continuations",
    "degenerate": "degenerate continuations",
    "length": "mean length",
}
SETTING = ["budget", "share", "method", "strength", "heads"]
_CAPABILITY = {"ce": "CE", "ce_cost": "ΔCE", "kl": "KL", "bits_per_byte": "bits/byte"}


@dataclass(frozen=True)
class Column:
    """A measured column of a wide table.

    :param group: what it belongs to: a set of prompts, or a held-out text.
    :param label: its name within the group, as shown.
    :param name: its name in files, such as ``rtp.emt``.
    :param metric: which metric it holds.
    """

    group: str
    label: str
    name: str
    metric: str


@dataclass(frozen=True)
class WideTable:
    """A table with one row a setting.

    :param keys: names of the columns that say which setting a row is of.
    :param columns: the measured columns that hold anything.
    :param frame: keys, and for each column its ``name``, ``name.low`` and ``name.high``.
    :param arms: those of its rows.
    """

    keys: tuple[str, ...]
    columns: tuple[Column, ...]
    frame: pd.DataFrame
    arms: Arms


def wide_table(measurements: Measurements, *, per_seed: bool = False) -> WideTable:
    """The paper's layout over seeds, or with a row for each single seed."""
    rows = measurements.seeds if per_seed else measurements.pooled
    keys = [*SETTING, "seed"] if per_seed else SETTING
    wide = rows[rows["metric"].isin([*TOXICITY_METRICS, *QUALITY_METRICS, *_CAPABILITY])][keys].drop_duplicates()
    columns: list[Column] = []
    for column, chosen in _columns(measurements, rows):
        if chosen.empty:
            continue
        names = {"value": column.name, "low": f"{column.name}.low", "high": f"{column.name}.high"}
        chosen = chosen[[*keys, *names]].rename(columns=names).drop_duplicates(keys)
        wide = wide.merge(chosen, on=keys, how="left")
        columns.append(column)
    return WideTable(tuple(keys), tuple(columns), in_setting_order(wide, keys, measurements.arms), measurements.arms)


def in_setting_order(wide: pd.DataFrame, keys: Sequence[str], arms: Arms) -> pd.DataFrame:
    """The rows by share: the unsteered model, then what has no strength, then what has one, then the controls."""
    control = wide["method"].map(arms.is_control).astype(bool)
    rank = np.select([wide["method"] == "base", wide["strength"].isna(), control], ["0", "1", "3"], "2")
    wide = wide.assign(_method=rank + wide["method"]).sort_values(
        [key if key != "method" else "_method" for key in keys], na_position="first", ignore_index=True
    )
    return wide.drop(columns="_method")


def _columns(measurements: Measurements, rows: pd.DataFrame) -> list[tuple[Column, pd.DataFrame]]:
    prompt_sets = measurements.prompt_sets
    several = len({(each.scorer, each.scorer_revision) for each in prompt_sets}) > 1
    found: list[tuple[Column, pd.DataFrame]] = []
    shown: set[str] = set()
    short = {"toxicity_mean": "mean", "emt": "max", "toxicity_probability": "P(toxic)"}
    for prompts in prompt_sets:
        group = f"{prompts.domain}, {prompts.scored_by}" if several else prompts.domain
        prefix = f"{prompts.domain}.{prompts.scorer}@{prompts.scorer_revision}" if several else prompts.domain
        for metric in TOXICITY_METRICS:
            column = Column(f"toxicity on {group}", short[metric], f"{prefix}.{metric}", metric)
            found.append((column, of_prompts(rows, prompts, metric)))
    domain = measurements.capability_domain
    for metric, label in _CAPABILITY.items():
        chosen = rows[(rows["metric"] == metric) & (rows["domain"] == domain)]
        found.append((Column(f"capability on {domain}", label, f"{domain}.{metric}", metric), chosen))
    for prompts in prompt_sets:
        if prompts.domain in shown:  # texts do not depend on who scores them
            continue
        shown.add(prompts.domain)
        for metric, label in QUALITY_METRICS.items():
            label = {"empty": "empty", "degenerate": "degenerate", "length": "length"}.get(metric, label)
            column = Column(f"text on {prompts.domain}", label, f"{prompts.domain}.{metric}", metric)
            found.append((column, of_prompts(rows, prompts, metric)))
    return found


def parts_table(measurements: Measurements, prompts: PromptSet) -> pd.DataFrame:
    """Mean toxicity on the parts of a prompt set (``rtp/toxic``, a target group): a row for each part ×
    share.

    :return: columns ``budget``, ``part``, ``share``, ``n`` (prompts behind a value, over all seeds) and one a
        setting, such as ``base`` or ``iti 4``; controls are left out.
    """
    rows = measurements.pooled
    rows = rows[
        rows["domain"].str.startswith(f"{prompts.domain}/")
        & (rows["metric"] == "toxicity_mean")
        & (rows["scorer"] == prompts.scorer)
        & (rows["scorer_revision"] == prompts.scorer_revision)
        & ~rows["method"].map(measurements.arms.is_control).astype(bool)
    ]
    key = ["budget", "domain", "share"]
    wide = rows.sort_values(key).groupby(key, sort=False)["n"].max().reset_index()
    several_heads = rows["heads"].dropna().nunique() > 1
    is_base = rows["method"] == "base"
    settings = rows.assign(_is_base=is_base).sort_values(
        ["_is_base", "method", "strength", "heads"], ascending=[False, *[True] * 3]
    )
    for (method, strength, heads), group in settings.groupby(["method", "strength", "heads"], dropna=False, sort=False):
        name = str(method)
        if method != "base" and pd.notna(cast("float", strength)):
            name += f" {strength:g}" + (f", {heads:g} heads" if several_heads else "")
        wide = wide.merge(group[[*key, "value"]].rename(columns={"value": name}), on=key, how="left")
    return wide.rename(columns={"domain": "part"})


def headline_table(headlines: Sequence[Headline]) -> pd.DataFrame:
    """Toxicity at equal capability cost, long: one row for each share × prompts × method × capability
    budget.
    """
    rows = [
        {
            "budget": headline.budget,
            "prompts": headline.prompts.domain,
            "scorer": headline.prompts.scorer,
            "scorer_revision": headline.prompts.scorer_revision,
            "share": headline.share,
            "method": each.method,
            "capability_cost": each.capability_cost,
            "toxicity": each.toxicity.value,
            "low": each.toxicity.low,
            "high": each.toxicity.high,
            "interval": each.toxicity.interval,
            "seeds": each.toxicity.seeds,
            "strength": each.strength,
            "area_under_frontier": each.area.value,
            "difference_from_lowest_share": each.difference.value,
            "difference_low": each.difference.low,
            "difference_high": each.difference.high,
            "reason": each.toxicity.reason,
        }
        for headline in headlines
        for each in headline.at_cost
    ]
    numbers = [
        "toxicity",
        "low",
        "high",
        "strength",
        "area_under_frontier",
        "difference_from_lowest_share",
        "difference_low",
        "difference_high",
    ]
    frame = pd.DataFrame(rows)
    return frame.astype(dict.fromkeys(numbers, "float64")) if rows else frame


def all_tables(
    measurements: Measurements, headlines: Sequence[Headline], settings: WideTable, per_seed: WideTable
) -> dict[str, pd.DataFrame]:
    """File name (without ending) → table; those without rows are left out."""
    points = [
        points
        for prompts in measurements.prompt_sets
        for points in (
            pooled_points(measurements, prompts).assign(seed="pooled"),
            single_points(measurements, prompts),
        )
    ]
    kept = [
        "curve",
        "budget",
        "share",
        "seed",
        "method",
        "strength",
        "heads",
        "domain",
        "scorer",
        "scorer_revision",
        "cost",
        "value",
        "low",
        "high",
    ]
    tables = {
        "settings": settings.frame,
        "settings_per_seed": per_seed.frame,
        "pooled": measurements.pooled,
        "frontier_points": pd.concat([each[kept] for each in points if len(each)]) if any(map(len, points)) else None,
        "at_capability_cost": headline_table(headlines),
        "probes": probe_summary(measurements.heads),
        "geometry": geometry_table(measurements.layers),
    }
    return {name: table.reset_index(drop=True) for name, table in tables.items() if table is not None and len(table)}
