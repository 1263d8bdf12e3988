"""Does the sign of a share depend on how one asks? Every method, definition of cost, scorer and set of prompts."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from hormesis.statistics.outcomes import panel_of
from hormesis.statistics.paired import paired_differences
from hormesis.statistics.tradeoff import frontiers_of, single_points
from hormesis.statistics.view import Measurements


def sign_grid(measurements: Measurements, capability_budgets: Sequence[float]) -> pd.DataFrame:
    """Toxicity of each share less that of the lowest, at equal cost, seed by seed, however it may be asked.

    A share that does not reach a cost, or whose unsteered model is already beyond it, has no row.

    :param capability_budgets: nats a token, above what each definition of cost takes for 0.
    :return: long: ``budget``, ``method``, ``control`` (bool), ``cost_definition``, ``capability_cost``, ``prompts``,
        ``scorer``, ``share``, ``reference``, ``difference``, ``low``, ``high`` (95 % t over seeds), ``seeds`` and
        ``sign`` (-1 where the interval lies below 0, 1 above, else 0).
    """
    rows = []
    for budget in measurements.budgets:
        view = measurements.of_budget(budget)
        for prompts in view.prompt_sets:
            for definition in view.cost_definitions:
                points = single_points(view, prompts, definition)
                for method in view.steered_methods():
                    frontiers = frontiers_of(points, method)
                    for cost in capability_budgets:
                        panel = panel_of({model: found.at(cost).toxicity for model, found in frontiers.items()})
                        for each in paired_differences(panel):
                            interval = each.student
                            rows.append(
                                {
                                    "budget": budget,
                                    "method": method,
                                    "control": view.arms.is_control(method),
                                    "cost_definition": definition.label,
                                    "capability_cost": cost,
                                    "prompts": prompts.domain,
                                    "scorer": prompts.scorer,
                                    "share": each.share,
                                    "reference": each.reference,
                                    "difference": interval.value,
                                    "low": interval.low,
                                    "high": interval.high,
                                    "seeds": interval.n,
                                    "sign": int(interval.low > 0) - int(interval.high < 0),
                                }
                            )
    return pd.DataFrame(rows)
