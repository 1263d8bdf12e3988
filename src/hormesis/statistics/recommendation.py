"""Which share to use: the one with the lowest steered toxicity at a capability budget, if the data decide."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hormesis.errors import HormesisError
from hormesis.reprs import short_repr
from hormesis.statistics.dose_response import DoseResponse, dose_response_of
from hormesis.statistics.intervals import FEW
from hormesis.statistics.outcomes import toxicity_at
from hormesis.statistics.paired import PairedDifference, paired_differences
from hormesis.statistics.panel import Panel
from hormesis.statistics.power import minimum_detectable_effect, seeds_needed
from hormesis.statistics.resampling import resampled
from hormesis.statistics.tradeoff import frontier_of, single_points
from hormesis.statistics.view import Measurements, PromptSet


@short_repr
@dataclass(frozen=True)
class Recommendation:
    """A share, and how far the data stand behind it.

    :param method: which method's frontier was read, on which ``prompts``, at what ``cost`` (ΔCE, nats a token).
    :param share: the measured share of lowest mean toxicity.
    :param low, high: 95 % interval: the hull of the set of shares that may be best and of the bootstrap's interval.
    :param difference: the share minus the lowest share, paired by seed; None if it is the lowest.
    :param runner_up: the share minus the next best, paired by seed.
    :param undecided: why the data do not decide; empty if they do.
    :param more_seeds: additional seeds a share that would tell it from the lowest share (the runner-up, if it is the
        lowest) with a chance of 80 %; None if that is unknown or beyond 10,000.
    :param response: the panel and its tests.
    """

    token_budget: str
    prompts: PromptSet
    method: str
    cost: float
    share: float
    low: float
    high: float
    difference: PairedDifference | None
    runner_up: PairedDifference
    undecided: tuple[str, ...]
    more_seeds: int | None
    response: DoseResponse
    warnings: tuple[str, ...]

    @property
    def decided(self) -> bool:
        """Whether the interval leaves out part of the range, the share differs from the lowest, and no share that was
        left out for its costs is less toxic already.
        """
        return not self.undecided

    @property
    def detectable(self) -> float:
        """The paired difference that as many seeds as were measured find with a chance of 80 %."""
        panel = self.response.panel
        return minimum_detectable_effect(math.sqrt(2) * panel.spread, len(panel.seeds))


def recommend(
    view: Measurements, prompts: PromptSet, method: str, cost: float, prompt_rows: pd.DataFrame | None = None
) -> Recommendation:
    """The recommendation of one token budget.

    :param view: measurements of one token budget.
    :param cost: the capability budget, ΔCE in nats a token.
    :param prompt_rows: the table of single prompts, with the column ``cell``; without it prompts are not resampled.
    :raises HormesisError: fewer than two shares have a toxicity at this cost.
    """
    points = single_points(view, prompts)
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
    judged = runner_up if difference is None else difference
    needed = seeds_needed(judged.student.value, math.sqrt(2) * panel.spread)
    return Recommendation(
        view.budgets[0] if view.budgets else "",
        prompts,
        method,
        cost,
        float(best),
        low,
        high,
        difference,
        runner_up,
        (*_doubts(response, low, high, difference), *_lower_elsewhere(panel, points[points["curve"] == method], cost)),
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


def _doubts(response: DoseResponse, low: float, high: float, difference: PairedDifference | None) -> list[str]:
    panel, doubts = response.panel, []
    if len(panel.seeds) < 2:
        doubts.append("one seed has a value at every share: how much chance is in it cannot be seen")
    if (low, high) == (panel.shares[0], panel.shares[-1]):
        doubts.append("the interval of the best share spans the whole range")
    if difference is not None and not difference.student.excludes_zero:
        doubts.append("the interval of its paired difference from the lowest share includes 0")
    return doubts


def _lower_elsewhere(panel: Panel, curve: pd.DataFrame, cost: float) -> list[str]:
    """Shares that did not reach the cost, and need not: within it they are less toxic than the best of the panel."""
    found = []
    for share, models in curve[~curve["share"].isin(panel.shares)].groupby("share"):
        frontiers = [frontier_of(model) for _, model in models.groupby("seed")]
        toxicity = np.mean([frontier.at(min(cost, frontier.range[1])).toxicity for frontier in frontiers])
        if toxicity < panel.means.min():
            found.append(f"a share of {share:.4g}, left out, is at {toxicity:.3g} for less: name a lower cost")
    return found


def _warnings(view: Measurements, response: DoseResponse, points: pd.DataFrame, method: str) -> list[str]:
    panel, found = response.panel, []
    if 1 < len(panel.seeds) < FEW:
        found.append(
            f"{len(panel.seeds)} seeds: the intervals rest on the assumption of normal noise, equal at every share; the"
            " bootstrap over so few is too narrow"
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
    curves = points[points["curve"] == method]
    spans = [frontier_of(curve).range for _, curve in curves.groupby(["share", "seed"])]
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


def seeds_table(recommendation: Recommendation) -> pd.DataFrame:
    """For each share, its paired difference from the lowest one and the seeds that would find it.

    :return: columns ``share``, ``difference``, ``low``, ``high``, ``effect``, ``p``, ``adjusted``, ``smallest`` and
        ``seeds`` (float; NaN beyond 10,000).
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
            "seeds": float(seeds_needed(each.student.value, math.sqrt(2) * panel.spread) or math.nan),
        }
        for each in paired_differences(panel)
    ]
    return pd.DataFrame(rows)
