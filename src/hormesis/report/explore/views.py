"""What stands in tabs beside the trade-off: heads, geometry, training and tampering, as rows for their figures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from hormesis.files import Json
from hormesis.report.explore.answers import number
from hormesis.report.words import share_in_words
from hormesis.reprs import short_repr
from hormesis.statistics import Analysis
from hormesis.statistics.arms import Arms, arm_name
from hormesis.statistics.geometry import CHANCE, TOXICITY, site_order
from hormesis.statistics.tampering import curves

MOST_STEPS = 200
"""Steps of a training curve that are shown: evenly spaced, the last among them."""


@short_repr
@dataclass(frozen=True)
class TrainingCurve:
    """The loss of one model by step.

    :param loss: cross-entropy of each step's batch, nats a token.
    """

    share: float
    seed: str
    recipe: str
    steps: tuple[int, ...]
    loss: tuple[float, ...]


def heads_of(analysis: Analysis) -> list[dict[str, Json]]:
    """Mean over seeds of each head's probe: ``group`` (concept and metric), ``share``, ``layer``, ``head``, ``value``,
    ``seeds``."""
    heads = analysis.measurements.heads
    if heads.empty:
        return []
    found = heads.groupby(["budget", "domain", "metric", "share", "site"])["value"].agg(["mean", "size"]).reset_index()
    several = found["budget"].nunique() > 1
    rows: list[dict[str, Json]] = []
    for row in found.to_dict("records"):
        layer, head = site_order(str(row["site"]))
        words = [str(row["budget"])] if several else []
        words += [str(row["metric"]).replace("_", " ").replace("auroc", "AUROC"), str(row["domain"])]
        rows.append(
            {
                "group": " · ".join(words),
                "share": share_in_words(row["share"]),
                "layer": layer,
                "head": head,
                "value": number(row["mean"]),
                "seeds": int(row["size"]),
            }
        )
    return rows


def geometry_of(analysis: Analysis) -> list[dict[str, Json]]:
    """Mean over seeds by layer, of toxicity and of chance: ``group`` (the metric), ``share``, ``layer``, ``value``,
    ``seeds`` and ``of`` (toxicity, or which chance)."""
    layers = analysis.measurements.layers
    whole = layers[layers["site"].str.fullmatch(r"\d+") & layers["domain"].isin([TOXICITY, *CHANCE])]
    if whole.empty:
        return []
    keys = ["budget", "metric", "domain", "share", "site"]
    found = whole.groupby(keys)["value"].agg(["mean", "size"]).reset_index()
    several = found["budget"].nunique() > 1
    return [
        {
            "group": (f"{row['budget']} · " if several else "") + str(row["metric"]).replace("_", " "),
            "of": "toxicity" if row["domain"] == TOXICITY else f"chance ({row['domain']})",
            "share": share_in_words(row["share"]),
            "layer": int(row["site"]),
            "value": number(row["mean"]),
            "seeds": int(row["size"]),
        }
        for row in found.to_dict("records")
    ]


def tampering_of(analysis: Analysis) -> list[dict[str, Json]]:
    """Curves over steps of fine-tuning: ``group`` (prompts, scorer, kind of tampering), ``series``, ``share``,
    ``step``, ``value``, ``low``, ``high`` and ``seeds``."""
    if analysis.tampered.empty:
        return []
    arms = Arms.of(analysis.tampered)
    rows: list[dict[str, Json]] = []
    for row in curves(analysis.tampered).to_dict("records"):
        arm = arms.label(arm_name(str(row["recipe"]), str(row["method"])))
        share = "" if pd.isna(row["share"]) else share_in_words(row["share"])
        strength = "" if pd.isna(row["strength"]) or row["method"] == "base" else f" α {row['strength']:g}"
        rows.append(
            {
                "group": f"{row['domain']} · {row['scorer']} · {row['tampering']}",
                "series": f"{arm}{strength}{f', {share}' if share else ''}",
                "share": share,
                "step": int(row["tampering_steps"]),
                **{name: number(float(row[name])) for name in ("value", "low", "high")},
                "seeds": int(row["seeds"]),
            }
        )
    return rows


def training_of(found: Sequence[TrainingCurve]) -> list[dict[str, Json]]:
    """Loss by step: ``group`` (the recipe), ``share``, ``seed``, ``step``, ``value``."""
    rows: list[dict[str, Json]] = []
    for curve in found:
        count = len(curve.steps)
        places = sorted(
            {round(k * (count - 1) / max(1, min(count, MOST_STEPS) - 1)) for k in range(min(count, MOST_STEPS))}
        )
        rows += [
            {
                "group": curve.recipe,
                "share": share_in_words(curve.share),
                "seed": curve.seed,
                "step": curve.steps[place],
                "value": number(curve.loss[place]),
            }
            for place in places
            if math.isfinite(curve.loss[place])
        ]
    return rows


def columns_of(rows: Sequence[dict[str, Any]]) -> Json:
    """Rows as columns: what repeats is said once."""
    return {name: [row[name] for row in rows] for name in (rows[0] if rows else ())}
