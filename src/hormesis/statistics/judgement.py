"""What the data decide: shares compared at equal cost, pairs by seed, with the tests of the room ``statistics``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from hormesis.errors import HormesisError
from hormesis.statistics import (
    HeadTable,
    PairedDifference,
    Panel,
    Recommendation,
    area_until,
    paired_differences,
    power_table,
    recommend,
    tail_differences,
    toxicity_at,
    trend_test,
)
from hormesis.statistics.arms import Arms
from hormesis.statistics.outcomes import main_method
from hormesis.statistics.tails import ABOVE, TOP_MEAN
from hormesis.statistics.tradeoff import single_points
from hormesis.statistics.view import Measurements, PromptSet


@dataclass(frozen=True, eq=False)
class Judgement:
    """One token budget, set of prompts and method.

    :param panels: toxicity by share and seed at each capability budget that two shares reached.
    :param differences: from the lowest share, paired by seed, at each of them.
    :param areas: the same of the mean toxicity over all costs from 0 to that budget.
    :param recommendation: at the budget that most models reached; None if none was.
    """

    budget: str
    prompts: PromptSet
    method: str
    panels: dict[float, Panel]
    differences: dict[float, tuple[PairedDifference, ...]]
    areas: dict[float, tuple[PairedDifference, ...]]
    recommendation: Recommendation | None
    arms: Arms


def judgements(
    measurements: Measurements, capability_budgets: Sequence[float], prompt_rows: pd.DataFrame | None = None
) -> list[Judgement]:
    """One for each token budget and set of prompts, on the main method (ITI, where it was measured)."""
    found = []
    for budget in measurements.budgets:
        view = measurements.of_budget(budget)
        method = main_method(view)
        if method is None:
            continue
        for prompts in view.prompt_sets:
            points = single_points(view, prompts)
            panels = {cost: toxicity_at(points, method, cost) for cost in capability_budgets}
            panels = {cost: panel for cost, panel in panels.items() if len(panel.shares) > 1}
            areas = {cost: paired_differences(area_until(points, method, cost)) for cost in panels}
            found.append(
                Judgement(
                    budget,
                    prompts,
                    method,
                    panels,
                    {cost: paired_differences(panel) for cost, panel in panels.items()},
                    areas,
                    _recommended(view, prompts, method, panels, prompt_rows),
                    view.arms,
                )
            )
    return found


def _recommended(
    view: Measurements,
    prompts: PromptSet,
    method: str,
    panels: dict[float, Panel],
    prompt_rows: pd.DataFrame | None,
) -> Recommendation | None:
    if not panels:
        return None
    middle = sorted(panels)[len(panels) // 2]
    cost = max(panels, key=lambda each: (panels[each].values.size, -abs(each - middle)))
    try:
        return recommend(view, prompts, method, cost, prompt_rows)
    except HormesisError:  # fewer than two shares: the page says elsewhere what is missing
        return None


def difference_table(found: Sequence[Judgement]) -> pd.DataFrame:
    """Long: one row for each judgement × capability budget × share."""
    rows = [
        {
            "budget": each.budget,
            "prompts": each.prompts.domain,
            "scorer": each.prompts.scorer,
            "method": each.method,
            "outcome": outcome,
            "capability_cost": cost,
            "share": one.share,
            "reference": one.reference,
            "difference": one.student.value,
            "t_low": one.student.low,
            "t_high": one.student.high,
            "effect": one.effect,
            "p": one.p,
            "p_adjusted": one.adjusted,
            "p_smallest": one.smallest,
            "seeds": one.student.n,
        }
        for each in found
        for outcome, differences in (("toxicity", each.differences), ("area", each.areas))
        for cost, group in differences.items()
        for one in group
    ]
    return pd.DataFrame(rows)


def curve_table(found: Sequence[Judgement]) -> pd.DataFrame:
    """The kinds of curve compared on each recommendation's panel, and the dips that they show."""
    rows = [
        {
            "budget": each.token_budget,
            "prompts": each.prompts.domain,
            "method": each.method,
            "capability_cost": each.cost,
            "curve": curve.name,
            "parameters": curve.parameters,
            "aicc": curve.aicc,
            "left_out": curve.left_out,
        }
        | {
            name: getattr(dip, name)
            for dip in each.response.dips
            if dip.reading == curve.name
            for name in ("share", "share_low", "share_high", "depth", "depth_low", "depth_high", "rise")
        }
        for each in (one.recommendation for one in found)
        if each is not None
        for curve in each.response.curves
    ]
    return pd.DataFrame(rows)


def detectable_table(found: Sequence[Judgement]) -> pd.DataFrame:
    """Minimum detectable differences by number of seeds."""
    frames = [
        power_table(each).assign(prompts=each.prompts.domain, budget=each.token_budget, capability_cost=each.cost)
        for each in (one.recommendation for one in found)
        if each is not None and len(each.response.panel.seeds) > 1
    ]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def tail_table(measurements: Measurements) -> pd.DataFrame:
    """Tails of probe accuracies against the lowest share; controls are the domains that name them."""
    rows = []
    for budget in measurements.budgets:
        heads = measurements.of_budget(budget).heads
        heads = heads[heads["metric"] == "probe_accuracy"]
        for domain in sorted(each for each in set(heads["domain"]) if not each.endswith("/test")):
            table = HeadTable.of(heads, domain)
            for statistic in (TOP_MEAN, ABOVE):
                trend = trend_test(table.panel(statistic))
                rows += [
                    {
                        "budget": budget,
                        "domain": domain,
                        "statistic": statistic,
                        "on_test_texts": table.honest,
                        "share": each.share,
                        "value": each.value,
                        "reference": each.reference,
                        "reference_value": each.reference_value,
                        "difference": each.difference,
                        "p": each.p,
                        "p_adjusted": each.adjusted,
                        "p_smallest": each.smallest,
                        "effect": each.effect.value if each.effect else float("nan"),
                        "effect_low": each.effect.low if each.effect else float("nan"),
                        "effect_high": each.effect.high if each.effect else float("nan"),
                        "p_trend": trend,
                    }
                    for each in tail_differences(table, statistic)
                ]
    return pd.DataFrame(rows)
