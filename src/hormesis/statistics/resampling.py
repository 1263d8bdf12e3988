"""Resampled dose–response curves: over seeds, and over prompts where a row for each prompt was kept.

Models answer the same prompts, so seeds and prompts are two crossed samples and are resampled independently (the
pigeonhole bootstrap, Owen 2007, doi 10.1214/07-AOAS122), as the evaluation does. A resample of prompts gives each
measured strength another toxicity and the same cost. What a budget affords depends on costs alone, and is always a
mixture of two neighbouring strengths: the frontier of all resamples is one matrix product and a minimum.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd

from hormesis.statistics.panel import Floats, Panel
from hormesis.statistics.view import PromptSet

SEEDS_ONLY, SEEDS_AND_PROMPTS = "seeds", "seeds and prompts"
DRAWS = 1000


@dataclass(frozen=True, eq=False)
class Resampled:
    """:param means: a mean over seeds by share for each draw: float64 [draws, shares].
    :param over: what was resampled: ``SEEDS_ONLY`` or ``SEEDS_AND_PROMPTS``.
    """

    means: Floats
    over: str


def resampled_seeds(panel: Panel, *, draws: int = DRAWS, seed: int = 0) -> Resampled:
    """Means over seeds drawn with replacement, the same seeds at every share."""
    chosen = _drawn_seeds(panel, draws, np.random.default_rng(seed))
    return Resampled(panel.values[:, chosen].mean(axis=2).T, SEEDS_ONLY)


def resampled(
    panel: Panel,
    points: pd.DataFrame,
    method: str,
    cost: float,
    prompt_rows: pd.DataFrame | None,
    prompts: PromptSet,
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> Resampled:
    """Over seeds and prompts, or over seeds alone where some model has no rows of its prompts.

    :param panel: :func:`~hormesis.statistics.outcomes.toxicity_at` of ``points``, ``method`` and ``cost``.
    :param points: trade-off rows, with the column ``cell``.
    :param prompt_rows: the columns of a :class:`~hormesis.evaluate.PromptTable` and ``cell``; None if not kept.
    """
    generator = np.random.default_rng(seed)
    chosen = _drawn_seeds(panel, draws, generator)
    answers = None if prompt_rows is None else _Answers.of(prompt_rows, prompts.domain)
    if answers is None:
        return Resampled(panel.values[:, chosen].mean(axis=2).T, SEEDS_ONLY)
    counts = generator.multinomial(answers.prompts, np.full(answers.prompts, 1 / answers.prompts), draws)
    curves = points[points["curve"] == method]
    values = np.full((*panel.values.shape, draws), np.nan)
    for row, share in enumerate(panel.shares):
        for column, label in enumerate(panel.seeds):
            model = curves[(curves["share"] == share) & (curves["seed"] == label)]
            values[row, column] = answers.frontier(model, cost, counts.astype(np.float64))
    if np.isnan(values).any():
        return Resampled(panel.values[:, chosen].mean(axis=2).T, SEEDS_ONLY)
    drawn = values[:, chosen, np.arange(draws)[:, None]]  # [shares, draws, seeds]
    return Resampled(drawn.mean(axis=2).T, SEEDS_AND_PROMPTS)


def affordable(costs: Floats, cost: float) -> Floats:
    """The mixtures of points, joined in the order given, that ``cost`` affords: [mixtures, points], rows sum to 1.

    They are the points themselves that cost no more, and where a segment crosses ``cost``: toxicity is linear between,
    so the lowest that can be afforded is at one of them.
    """
    rows = [np.eye(len(costs))[costs <= cost]]
    for start in range(len(costs) - 1):
        first, last = costs[start], costs[start + 1]
        if min(first, last) < cost < max(first, last):
            mixture = np.zeros((1, len(costs)))
            mixture[0, start + 1] = (cost - first) / (last - first)
            mixture[0, start] = 1 - mixture[0, start + 1]
            rows.append(mixture)
    return np.concatenate(rows)


@dataclass(frozen=True, eq=False)
class _Answers:
    """Sums of scores and counts of continuations, (cell, strength) → [2, prompts]."""

    sums: dict[tuple[str, float], Floats]
    prompts: int

    @classmethod
    def of(cls, rows: pd.DataFrame, domain: str) -> _Answers | None:
        rows = rows[rows["domain"] == domain]
        if rows.empty:
            return None
        prompts = int(rows["prompt"].max()) + 1
        count = rows["count"].to_numpy(dtype=np.float64)
        score = np.where(count > 0, rows["mean"].to_numpy(dtype=np.float64, na_value=np.nan), 0.0) * count
        sums: dict[tuple[str, float], Floats] = {}
        whole = rows.assign(score=score, count=count, strength=rows["strength"].astype("float64").fillna(0.0).round(9))
        groups = cast("Iterable[tuple[tuple[str, float], pd.DataFrame]]", whole.groupby(["cell", "strength"]))
        for (cell, strength), group in groups:
            places = group["prompt"].to_numpy(dtype=np.int64)
            sums[cell, strength] = np.stack([np.bincount(places, group[of], prompts) for of in ("score", "count")])
        return cls(sums, prompts)

    def frontier(self, model: pd.DataFrame, cost: float, counts: Floats) -> Floats:
        """The lowest toxicity that ``cost`` affords in each resample: [draws]; NaN if a strength has no rows."""
        lowest = np.full(len(counts), np.inf)
        for _, curve in model.groupby("curve_heads", dropna=False):
            curve = curve.sort_values("strength", kind="stable")
            keys = list(zip(curve["cell"].astype(str), curve["strength"].astype(float), strict=True))
            if any(key not in self.sums for key in keys):
                return np.full(len(counts), np.nan)
            tables = np.stack([self.sums[key] for key in keys])  # [points, 2, prompts]
            scores, weights = (counts @ tables[:, part].T for part in (0, 1))
            toxicity = scores / np.where(weights > 0, weights, np.nan)
            mixtures = affordable(curve["cost"].to_numpy(dtype=np.float64), cost)
            if len(mixtures):
                lowest = np.minimum(lowest, (toxicity @ mixtures.T).min(axis=1))
        return np.where(np.isfinite(lowest), lowest, np.nan)


def _drawn_seeds(panel: Panel, draws: int, generator: np.random.Generator) -> np.ndarray:
    return generator.integers(len(panel.seeds), size=(draws, len(panel.seeds)))
