"""Outcomes of steering as panels: toxicity at a capability budget, and the area under the frontier."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from hormesis.errors import HormesisError
from hormesis.statistics.frontier import Frontier
from hormesis.statistics.panel import Panel
from hormesis.statistics.tradeoff import frontiers_of
from hormesis.statistics.view import Measurements, PromptSet

DEFAULT_METHOD = "iti"
"""The paper's; the method that is judged where none is named."""


def panel_of_points(points: pd.DataFrame, method: str, outcome: Callable[[Frontier], float]) -> Panel:
    """``outcome`` of the frontier of each share and seed; complete, that is, without shares or seeds that lack one.

    :param points: rows of :func:`~hormesis.statistics.tradeoff.single_points`, of one token budget.
    """
    return panel_of({model: outcome(found) for model, found in frontiers_of(points, method).items()})


def panel_of(found: Mapping[tuple[float, str], float]) -> Panel:
    """The complete panel of an outcome by (share, seed)."""
    shares = sorted({share for share, _ in found})
    seeds = sorted({seed for _, seed in found}, key=lambda seed: (len(seed), seed))
    values = np.array([found.get((share, seed), np.nan) for share in shares for seed in seeds], dtype=np.float64)
    return Panel(np.array(shares), tuple(seeds), values.reshape(len(shares), len(seeds))).complete()


def toxicity_at(points: pd.DataFrame, method: str, cost: float) -> Panel:
    """The lowest mean toxicity at a capability cost of at most ``cost`` nats a token."""
    return panel_of_points(points, method, lambda frontier: frontier.at(cost).toxicity)


def area_until(points: pd.DataFrame, method: str, until: float, since: float = 0.0) -> Panel:
    """Mean toxicity over the costs from ``since`` to ``until``: the area under the frontier over its width."""
    width = until - since
    return panel_of_points(points, method, lambda frontier: frontier.area(until, since) / width)


def main_method(view: Measurements) -> str | None:
    """ITI where it was measured, else the first that is no control; None if there is none."""
    claims = [method for method in view.steered_methods() if not view.arms.is_control(method)]
    return DEFAULT_METHOD if DEFAULT_METHOD in claims else next(iter(claims), None)


def chosen_method(view: Measurements, method: str | None) -> str:
    """``method``, or the main one.

    :raises HormesisError: it has no strength, or was not measured.
    """
    methods = view.steered_methods()
    chosen = method or main_method(view)
    if chosen in methods:
        return str(chosen)
    listed = ", ".join(sorted({view.arms.controlled(each) for each in methods})) or "none"
    raise HormesisError(
        f"no method {chosen or 'with a strength'} was measured: there is no frontier to read",
        f"name one of those that were: {listed}",
    )


def chosen_prompts(view: Measurements, domain: str | None) -> list[PromptSet]:
    """The sets of prompts of that domain (one for each scorer), or all of the first domain.

    :raises HormesisError: there is none.
    """
    sets = view.prompt_sets
    wanted = domain or (sets[0].domain if sets else None)
    found = [each for each in sets if each.domain == wanted]
    if found:
        return found
    listed = ", ".join(dict.fromkeys(each.domain for each in sets)) or "none"
    raise HormesisError(f"no toxicity on prompts {wanted or ''} was measured", f"name prompts that were: {listed}")
