"""Do two scorers of the same texts agree: on which prompts, and on which shares and methods, are worse?

From the tables of prompts alone, without a model. For each unsteered model, Spearman's ρ and Pearson's r over prompts,
of the mean score of a prompt's continuations; averaged over models. Over settings, Kendall's τ_b (Kendall 1945, doi
10.1093/biomet/33.3.239) of the settings' mean toxicities, within each group of settings that are to be ranked, averaged
with the groups' numbers of pairs.

Intervals are percentile bootstraps over prompts, and for τ over seeds and prompts, both crossed as in
:mod:`hormesis.measurements.ratio_bootstrap`. A resample is the same for both scorers: they judged the same texts. Noise
that resampling adds breaks ties of ranks, so that an interval of τ may lie a little low.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import kendalltau, rankdata

RESAMPLES = 400


@dataclass(frozen=True)
class Estimate:
    """A statistic, its 95 % interval, and the units (prompts, settings) it is over; NaN where it is not defined."""

    value: float
    low: float
    high: float
    n: int


def over_prompts(
    one: np.ndarray, other: np.ndarray, *, resamples: int = RESAMPLES, seed: int = 0
) -> tuple[Estimate, Estimate]:
    """(Spearman's ρ, Pearson's r) over prompts, averaged over models.

    :param one, other: mean scores, [models, prompts]; prompts where any is NaN are left out.
    """
    known = np.isfinite(one).all(0) & np.isfinite(other).all(0)
    one, other = one[:, known], other[:, known]
    generator = np.random.default_rng(seed)
    prompts = one.shape[1]
    drawn = range(resamples if prompts > 2 else 0)
    choices = [np.asarray(generator.integers(prompts, size=prompts)) for _ in drawn]

    def ranked(first: np.ndarray, second: np.ndarray) -> float:
        return _correlation(rankdata(first, axis=1), rankdata(second, axis=1))

    return _estimated(ranked, one, other, choices), _estimated(_correlation, one, other, choices)


def over_settings(
    one: np.ndarray,
    other: np.ndarray,
    counts: np.ndarray,
    groups: Sequence[Sequence[int]],
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Estimate:
    """Kendall's τ_b of the settings' mean toxicities by two scorers.

    :param one, other: mean scores of a prompt's continuations, [settings, seeds, prompts].
    :param counts: continuations that both scored, the same shape: weights, 0 where there is no mean.
    :param groups: the settings (by index) that are ranked among each other; those of fewer than two are passed over.
    """
    groups = [group for group in groups if len(group) > 1]
    _, seeds, prompts = one.shape
    generator = np.random.default_rng(seed)
    first, second = (np.where(counts > 0, scores, 0.0) * counts for scores in (one, other))

    def tau(weights: np.ndarray) -> float:
        total = np.einsum("asp,sp->a", counts, weights)
        total = np.where(total > 0, total, np.nan)
        means = [np.einsum("asp,sp->a", sums, weights) / total for sums in (first, second)]
        pairs = [(len(group), kendalltau(*(mean[list(group)] for mean in means)).statistic) for group in groups]
        known = [(n * (n - 1) / 2, value) for n, value in pairs if np.isfinite(value)]
        return float(np.average([v for _, v in known], weights=[n for n, _ in known])) if known else float("nan")

    drawn = np.array(
        [
            tau(
                np.outer(
                    generator.multinomial(seeds, np.full(seeds, 1 / seeds)),
                    generator.multinomial(prompts, np.full(prompts, 1 / prompts)),
                ).astype(np.float64)
            )
            for _ in range(resamples if groups and prompts > 1 else 0)
        ]
    )
    return Estimate(tau(np.ones((seeds, prompts))), *_interval(drawn), n=len({i for group in groups for i in group}))


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Pearson's r along the last axis, averaged over the models in which neither is constant."""
    if one.shape[-1] < 2:
        return float("nan")
    first, second = one - one.mean(-1, keepdims=True), other - other.mean(-1, keepdims=True)
    spread = np.sqrt((first**2).sum(-1) * (second**2).sum(-1))
    known = spread > 1e-15
    return float(((first * second).sum(-1)[known] / spread[known]).mean()) if known.any() else float("nan")


def _estimated(
    statistic: Callable[[np.ndarray, np.ndarray], float],
    one: np.ndarray,
    other: np.ndarray,
    choices: Sequence[np.ndarray],
) -> Estimate:
    drawn = np.array([statistic(one[:, chosen], other[:, chosen]) for chosen in choices])
    return Estimate(statistic(one, other), *_interval(drawn), n=one.shape[1])


def _interval(drawn: np.ndarray) -> tuple[float, float]:
    known = drawn[np.isfinite(drawn)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.quantile(known, [0.025, 0.975])
    return float(low), float(high)
