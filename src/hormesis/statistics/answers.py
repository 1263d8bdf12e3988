"""What the data say at every capability budget, worked out on a grid: the answers behind a slider."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from hormesis.reprs import short_repr
from hormesis.statistics.choice import Choice, Frontiers, choice_at
from hormesis.statistics.cost import CostDefinition
from hormesis.statistics.panel import Floats, Panel
from hormesis.statistics.tradeoff import frontiers_of, model_points
from hormesis.statistics.view import Measurements, PromptSet

STEPS = 30
_BEYOND = 1.5
"""How far a grid goes beyond the largest capability budget that was asked for."""


@short_repr
@dataclass(frozen=True, eq=False)
class Answer:
    """One token budget, set of prompts, definition of cost and method, at each capability budget of a grid.

    :param costs: nats a token, ascending [steps].
    :param toxicity: the lowest mean toxicity at no more than that cost, [steps, shares, seeds]; NaN: not reached.
    :param strengths: that reach it, averaged over seeds: [steps, shares].
    :param choices: the share to use, one a step; None where fewer than two shares reached it, and of controls.
    """

    budget: str
    prompts: PromptSet
    definition: CostDefinition
    method: str
    costs: Floats
    shares: tuple[float, ...]
    seeds: tuple[str, ...]
    toxicity: Floats
    strengths: Floats
    choices: tuple[Choice | None, ...]

    @property
    def means(self) -> Floats:
        """Over seeds: [steps, shares]; NaN unless all seeds of the share reached the cost."""
        known, _ = self._known
        with np.errstate(invalid="ignore", divide="ignore"):
            means = np.nansum(self.toxicity, axis=2) / np.sum(~np.isnan(self.toxicity), axis=2)
        return np.where(known, means, np.nan)

    @property
    def halves(self) -> Floats:
        """Half the width of the 95 % t interval of each mean: [steps, shares]; NaN for one seed."""
        known, counts = self._known
        means = self.means
        squares = np.nansum((self.toxicity - means[:, :, None]) ** 2, axis=2)
        with np.errstate(invalid="ignore", divide="ignore"):
            error = np.sqrt(squares / (counts - 1) / counts)
        half = special.stdtrit(np.maximum(counts - 1, 1), 0.975) * error
        return np.where(known & (counts > 1), half, np.nan)

    @property
    def _known(self) -> tuple[np.ndarray, np.ndarray]:
        """Whether every seed that a share has reached the cost, and how many it has: [steps, shares]."""
        here = ~np.isnan(self.toxicity)
        counts = here.any(axis=0).sum(axis=1)
        return (here.sum(axis=2) == counts) & (counts > 0), np.broadcast_to(counts, here.shape[:2])


def answers(measurements: Measurements, capability_budgets: Sequence[float]) -> Iterator[Answer]:
    """Every answer that the rows allow.

    :param capability_budgets: those that the grids hold, beside even steps.
    """
    for budget in measurements.budgets:
        view = measurements.of_budget(budget)
        for definition in view.cost_definitions:
            costs = cost_grid(view, definition, capability_budgets)
            for prompts in view.prompt_sets if len(costs) else ():
                points = model_points(view, prompts, definition)
                for method in view.steered_methods():
                    if frontiers := frontiers_of(points, method):
                        chosen = not view.arms.is_control(method)
                        yield _answer(budget, prompts, definition, method, costs, frontiers, chosen=chosen)


def _answer(
    budget: str,
    prompts: PromptSet,
    definition: CostDefinition,
    method: str,
    costs: Floats,
    frontiers: Frontiers,
    *,
    chosen: bool,
) -> Answer:
    shares = tuple(sorted({share for share, _ in frontiers}))
    seeds = tuple(sorted({seed for _, seed in frontiers}, key=lambda seed: (len(seed), seed)))
    found = np.full((len(costs), len(shares), len(seeds), 2), np.nan)
    for (share, seed), frontier in frontiers.items():
        found[:, shares.index(share), seeds.index(seed)] = frontier.on(costs)[:, 1:]
    strengths = found[..., 1]
    counts = np.sum(~np.isnan(strengths), axis=2)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_strengths = np.nansum(strengths, axis=2) / counts
    choices = tuple(
        choice_at(Panel(np.array(shares), seeds, found[step, :, :, 0]).complete(), frontiers, float(cost))
        if chosen
        else None
        for step, cost in enumerate(costs)
    )
    return Answer(budget, prompts, definition, method, costs, shares, seeds, found[..., 0], mean_strengths, choices)


def cost_grid(view: Measurements, definition: CostDefinition, capability_budgets: Sequence[float]) -> Floats:
    """Even, round steps over the costs that methods which are no controls reached, and the budgets asked for within.

    From 0 (or the least absolute cost) to one and a half times the largest budget asked for, or the largest measured.
    Empty where no cost was measured.
    """
    ranges = [
        frontier.range
        for prompts in view.prompt_sets
        for method in view.steered_methods()
        if not view.arms.is_control(method)
        for frontier in frontiers_of(model_points(view, prompts, definition), method).values()
    ]
    known = [span for span in ranges if math.isfinite(span[0])]
    if not known:
        return np.empty(0)
    least = min(0.0, min(low for low, _ in known)) if definition.absolute else 0.0
    most = min(_BEYOND * max(capability_budgets), max(high for _, high in known))
    if most <= least:
        return np.empty(0)
    digit = 10.0 ** math.floor(math.log10((most - least) / STEPS))
    step = next(factor * digit for factor in (1, 2, 5, 10) if factor * digit * STEPS >= most - least)
    even = [round(place * step, 12) for place in range(math.ceil(least / step), math.floor(most / step) + 1)]
    return np.array(sorted({*even, *(cost for cost in capability_budgets if cost <= most)}))
