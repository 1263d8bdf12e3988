"""The headline numbers: unsteered toxicity, and what an intervention leaves of it at a given capability cost.

Everything is computed seed by seed and then averaged, so that the spread over seeds is that of the number
itself. The interval is Student's t over the seeds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hormesis.statistics.arms import Arms
from hormesis.statistics.intervals import STUDENT, t_interval
from hormesis.statistics.pooling import NONE
from hormesis.statistics.tradeoff import frontier_of, frontiers_of, model_points
from hormesis.statistics.view import Measurements, PromptSet, of_prompts


@dataclass(frozen=True)
class Estimate:
    """A number with its interval, or the reason why there is none.

    :param interval: what ``low`` and ``high`` are, one of the constants of :mod:`hormesis.statistics.pooling`.
    :param seeds: how many models stand behind it; 0 if unknown.
    :param reason: why ``value`` or its interval is missing; empty if neither is.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    interval: str = NONE
    seeds: int = 0
    reason: str = ""

    @classmethod
    def over_seeds(cls, values: Sequence[float]) -> Estimate:
        """Mean and t interval, which a single seed has not."""
        if len(values) == 1:
            return cls(values[0], seeds=1, reason="one seed: no interval")
        found = t_interval(values)
        return cls(found.value, found.low, found.high, STUDENT, found.n)

    @classmethod
    def of_row(cls, row: pd.Series) -> Estimate:
        """A pooled row."""
        bare = row["interval"] == NONE
        return cls(
            float(row["value"]),
            None if bare else float(row["low"]),
            None if bare else float(row["high"]),
            str(row["interval"]),
            int(row["seeds"]),
            "no interval was stored" if bare else "",
        )


@dataclass(frozen=True)
class AtCost:
    """What one method leaves at one capability budget.

    :param capability_cost: the budget: ΔCE, nats a token.
    :param toxicity: lowest mean toxicity at no more than that cost, interpolated on each seed's frontier.
    :param strength: the strength that reaches it, averaged over seeds; None if unknown.
    :param area: ∫ toxicity d(cost) under the frontier from 0 to the budget.
    :param difference: toxicity minus that of the lowest share, seed by seed (the same seeds see the same
        clean rows).
    :param by_seed: toxicity of each seed, or of ``pooled`` when single seeds are unknown.
    """

    method: str
    capability_cost: float
    toxicity: Estimate
    strength: float | None
    area: Estimate
    difference: Estimate
    by_seed: Mapping[str, float]


@dataclass(frozen=True)
class Headline:
    """One toxic share, judged on one set of prompts.

    :param budget: the token budget of the mixture (``additive`` or ``total``).
    :param base: mean toxicity of the unsteered model.
    :param fixed: mean toxicity under each method that has no strength, such as prompting.
    """

    budget: str
    share: float
    prompts: PromptSet
    base: Estimate
    fixed: Mapping[str, Estimate]
    at_cost: tuple[AtCost, ...]
    arms: Arms


def headlines(measurements: Measurements, capability_budgets: Sequence[float]) -> list[Headline]:
    """The headline of each (token budget, prompts, share), in that order."""
    found: list[Headline] = []
    for budget in measurements.budgets:
        view = measurements.of_budget(budget)
        for prompts in view.prompt_sets:
            curves = model_points(view, prompts)
            reference: dict[tuple[str, float], Mapping[str, float]] = {}
            pooled = of_prompts(view.pooled, prompts, "toxicity_mean")
            for share in sorted(set(pooled["share"])):
                rows = pooled[pooled["share"] == share]
                of_share = curves[curves["share"] == share]
                at_cost = tuple(
                    _at_cost(view, of_share, method, cost, reference)
                    for method in view.steered_methods()
                    for cost in capability_budgets
                )
                for each in at_cost:
                    reference.setdefault((each.method, each.capability_cost), each.by_seed)
                found.append(
                    Headline(
                        budget,
                        share,
                        prompts,
                        _one(rows, "base"),
                        {method: _one(rows, method) for method in view.fixed_methods()},
                        at_cost,
                        view.arms,
                    )
                )
    return found


def reachable_cost(measurements: Measurements) -> float | None:
    """The largest capability cost that every model reached under every real (not control) method.

    Rounded down to two digits; None if some model cost nothing more than its base, or no cost is known.
    """
    highest = [
        frontier_of(points).range[1]
        for prompts in measurements.prompt_sets
        for keys, points in model_points(measurements, prompts).groupby(["curve", "budget", "share", "seed"])
        if keys[0] and not measurements.arms.is_control(str(keys[0]))
    ]
    least = min(highest, default=0.0)
    if not least > 0:
        return None
    digit = 10.0 ** (math.floor(math.log10(least)) - 1)
    return float(f"{math.floor(least / digit) * digit:.2g}")


def _one(rows: pd.DataFrame, method: str) -> Estimate:
    rows = rows[rows["method"] == method]
    return Estimate.of_row(rows.iloc[0]) if len(rows) else Estimate(None, reason="not measured")


def _at_cost(
    view: Measurements,
    curves: pd.DataFrame,
    method: str,
    cost: float,
    reference: Mapping[tuple[str, float], Mapping[str, float]],
) -> AtCost:
    frontiers = {seed: frontier for (_, seed), frontier in frontiers_of(curves, method).items()}
    reached = {seed: frontier.at(cost) for seed, frontier in frontiers.items()}
    reason = ""
    if view.capability_domain is None:
        reason = "no CE on a held-out text was measured, so no cost is known"
    elif not reached:
        reason = f"toxicity and ΔCE on {view.capability_domain} of {method} were not both measured"
    elif any(np.isnan(point.toxicity) for point in reached.values()):
        least = min(frontier.range[1] for frontier in frontiers.values())
        first = max(frontier.range[0] for frontier in frontiers.values())
        reason = (
            f"outside the measured costs: the arm itself costs {first:.3g} nats a token on {view.capability_domain}"
            if cost < first
            else f"outside the measured costs: the strongest strength costs {least:.3g} nats a token"
            f" on {view.capability_domain}; measure stronger ones"
        )
    if reason:
        nothing = Estimate(None, reason=reason)
        return AtCost(method, cost, nothing, None, nothing, nothing, {})
    toxicity = {seed: point.toxicity for seed, point in reached.items()}
    areas = [frontier.area(cost) for frontier in frontiers.values()]
    return AtCost(
        method,
        cost,
        _named(toxicity),
        float(np.mean([point.strength for point in reached.values()])),
        Estimate.over_seeds(areas) if np.isfinite(areas).all() else Estimate(None, reason="no point at cost 0"),
        _difference(toxicity, reference.get((method, cost))),
        toxicity,
    )


def _named(by_seed: Mapping[str, float]) -> Estimate:
    if list(by_seed) == ["pooled"]:
        return Estimate(by_seed["pooled"], reason="read off the pooled curve: single seeds are not in the rows")
    return Estimate.over_seeds(list(by_seed.values()))


def _difference(by_seed: Mapping[str, float], lowest_share: Mapping[str, float] | None) -> Estimate:
    if lowest_share is None:
        return Estimate(None, reason="this is the lowest share")
    common = [seed for seed in by_seed if seed in lowest_share]
    if not common:
        return Estimate(None, reason="no seed has a value at this share and at the lowest")
    return Estimate.over_seeds([by_seed[seed] - lowest_share[seed] for seed in common])
