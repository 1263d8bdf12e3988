"""Which share to use at a capability budget: the one below all others, or those that are alike, if the data decide.

One rule for all shares (:mod:`hormesis.statistics.best`): a share is named where no other may be the best; shares that
may are *alike* where a margin is given and every two of them differ by less. The lowest share has no privilege.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hormesis.errors import HormesisError
from hormesis.reprs import short_repr
from hormesis.statistics.best import alike
from hormesis.statistics.choice import doubts
from hormesis.statistics.cost import CostDefinition
from hormesis.statistics.dose_response import DoseResponse, dose_response_of
from hormesis.statistics.intervals import FEW
from hormesis.statistics.outcomes import toxicity_at
from hormesis.statistics.paired import PairedDifference, paired_differences
from hormesis.statistics.power import minimum_detectable_effect, seeds_needed
from hormesis.statistics.resampling import resampled
from hormesis.statistics.tradeoff import frontiers_of, single_points
from hormesis.statistics.view import Measurements, PromptSet


@short_repr
@dataclass(frozen=True)
class Recommendation:
    """A share, and how far the data stand behind it.

    :param method: which method's frontier was read, on which ``prompts``, at what ``cost`` (nats a token).
    :param definition: what that cost is.
    :param share: the measured share of lowest mean toxicity.
    :param low, high: 95 % interval: the hull of the shares that may be best and of the bootstrap's interval.
    :param candidates: the shares that may be best.
    :param alike: p that every two of them differ by less than ``margin``; NaN where no margin was given, or with one
        candidate alone.
    :param difference: the share minus the lowest share, paired by seed; None if it is the lowest.
    :param runner_up: the share minus the next best, paired by seed.
    :param undecided: why the data do not decide; empty if they do.
    :param effect: a difference of toxicity that is worth finding, named before the data were seen; None: none was.
    :param more_seeds: additional seeds a share that would find ``effect`` with a chance of 80 %; None if none was
        named, or the spread is unknown.
    :param response: the panel and its tests.
    """

    token_budget: str
    prompts: PromptSet
    method: str
    cost: float
    definition: CostDefinition
    share: float
    low: float
    high: float
    candidates: tuple[float, ...]
    margin: float | None
    alike: float
    difference: PairedDifference | None
    runner_up: PairedDifference
    undecided: tuple[str, ...]
    effect: float | None
    more_seeds: int | None
    response: DoseResponse
    warnings: tuple[str, ...]

    @property
    def decided(self) -> bool:
        """Whether one share is below all others, or those that may be best are alike, and no share that was left out
        for its costs is less toxic already.
        """
        return not self.undecided

    @property
    def detectable(self) -> float:
        """The paired difference that as many seeds as were measured find with a chance of 80 %."""
        panel = self.response.panel
        return minimum_detectable_effect(math.sqrt(2) * panel.spread, len(panel.seeds))


def recommend(
    view: Measurements,
    prompts: PromptSet,
    method: str,
    cost: float,
    prompt_rows: pd.DataFrame | None = None,
    *,
    margin: float | None = None,
    effect: float | None = None,
    definition: CostDefinition | None = None,
) -> Recommendation:
    """The recommendation of one token budget.

    :param view: measurements of one token budget.
    :param cost: the capability budget, nats a token.
    :param prompt_rows: the table of single prompts, with the column ``cell``; without it prompts are not resampled.
    :param margin: shares that differ by less in mean toxicity are alike.
    :param effect: the difference of mean toxicity that seeds are counted for; None: the margin.
    :param definition: of cost; None: the view's.
    :raises HormesisError: fewer than two shares have a toxicity at this cost.
    """
    definition = view.cost if definition is None else definition
    points = single_points(view, prompts, definition)
    panel = toxicity_at(points, method, cost)
    if len(panel.shares) < 2 or not panel.seeds:
        raise HormesisError(
            f"{method} reached a capability cost of {cost:g} nats a token at {len(panel.shares)} shares only",
            _within_reach(points, method),
        )
    response = dose_response_of(panel, resampled(panel, points, method, cost, prompt_rows, prompts))
    best, second = (panel.shares[place] for place in np.argsort(panel.means, kind="stable")[:2])
    difference = None if best == panel.shares[0] else _against(panel.shares[0], response)
    runner_up = _against(second, response)
    low, high = response.share_interval
    may_be = np.flatnonzero(response.candidates)
    within = math.nan if margin is None else alike(panel, may_be.tolist(), margin)
    effect = margin if effect is None else effect
    needed = None if effect is None else seeds_needed(effect, math.sqrt(2) * panel.spread)
    return Recommendation(
        view.budgets[0] if view.budgets else "",
        prompts,
        method,
        cost,
        definition,
        float(best),
        low,
        high,
        tuple(float(panel.shares[place]) for place in may_be),
        margin,
        within,
        difference,
        runner_up,
        doubts(panel, response.candidates, frontiers_of(points, method), cost, margin=margin, within=within),
        effect,
        None if needed is None else max(0, needed - len(panel.seeds)),
        response,
        tuple(_warnings(view, response, points, method)),
    )


def _against(share: float, response: DoseResponse) -> PairedDifference:
    """The best share minus another."""
    panel = response.panel
    reference = int(np.flatnonzero(panel.shares == share)[0])
    best = panel.shares[response.best]
    return next(each for each in paired_differences(panel, reference) if each.share == best)


def _warnings(view: Measurements, response: DoseResponse, points: pd.DataFrame, method: str) -> list[str]:
    panel, found = response.panel, []
    if 1 < len(panel.seeds) < FEW:
        found.append(
            f"{len(panel.seeds)} seeds: tests and intervals rest on the assumption of normal noise, and show large"
            " differences alone"
        )
    curve = points[points["curve"] == method]
    absent = sorted(set(curve["share"]) - set(panel.shares))
    if absent:
        found.append(f"left out, for this cost was not reached by all seeds: {', '.join(f'{s:.4g}' for s in absent)}")
    if len(set(curve["seed"])) > len(panel.seeds):
        found.append(f"{len(set(curve['seed'])) - len(panel.seeds)} seeds are left out, for they lack shares")
    if not len(view.seeds):
        found.append("only pooled rows are here")
    return found


def _within_reach(points: pd.DataFrame, method: str) -> str:
    spans = [frontier.range for frontier in frontiers_of(points, method).values()]
    if not spans:
        return "measure toxicity and cross-entropy of this method at two strengths or more"
    least, most = max(low for low, _ in spans), min(high for _, high in spans)
    if least > most:
        return "measure stronger strengths: no cost was reached by all models"
    return f"name a cost between {max(least, 0):.2g} and {most:.2g}, which all models reached, or measure stronger ones"


def power_table(recommendation: Recommendation, seeds: tuple[int, ...] = (2, 3, 5, 8, 10, 16, 20)) -> pd.DataFrame:
    """Minimum detectable paired differences of toxicity by number of seeds, from the spread of these seeds.

    :return: columns ``seeds``, ``detectable`` (at 80 % power, 5 % two-sided) and ``of_lowest_share`` (as a fraction of
        the toxicity of the lowest share).
    """
    panel = recommendation.response.panel
    counts = sorted({*seeds, len(panel.seeds)} - {1})
    smallest = [minimum_detectable_effect(math.sqrt(2) * panel.spread, count) for count in counts]
    return pd.DataFrame(
        {
            "seeds": counts,
            "detectable": smallest,
            "of_lowest_share": np.array(smallest) / (panel.means[0] if panel.means[0] > 0 else np.nan),
        }
    )


def seeds_table(
    recommendation: Recommendation, effects: tuple[float, ...] = (0.01, 0.02, 0.03, 0.05, 0.1)
) -> pd.DataFrame:
    """Seeds a share that find differences which one would care for, from the spread of these seeds.

    Not the differences that were measured: the power for a difference that is there because it was measured says
    nothing beyond its p (Hoenig and Heisey 2001).

    :return: columns ``effect`` and ``seeds`` (at 80 % power, 5 % two-sided; float, NaN beyond 10,000).
    """
    spread = math.sqrt(2) * recommendation.response.panel.spread
    named = {*effects} if recommendation.effect is None else {*effects, recommendation.effect}
    seeds = [float(seeds_needed(each, spread) or math.nan) for each in sorted(named)]
    return pd.DataFrame({"effect": sorted(named), "seeds": seeds})


def differences_table(recommendation: Recommendation) -> pd.DataFrame:
    """For each share, its paired difference from the lowest one.

    :return: columns ``share``, ``difference``, ``low``, ``high``, ``effect``, ``p``, ``adjusted`` and ``smallest``.
    """
    panel = recommendation.response.panel
    rows = [
        {
            "share": each.share,
            "difference": each.student.value,
            "low": each.student.low,
            "high": each.student.high,
            "effect": each.effect,
            "p": each.p,
            "adjusted": each.adjusted,
            "smallest": each.smallest,
        }
        for each in paired_differences(panel)
    ]
    return pd.DataFrame(rows)
