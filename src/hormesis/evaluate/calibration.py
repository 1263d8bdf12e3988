"""Strength that can be compared: the strength of any intervention at which its cost on clean text meets a target.

Strength 8 of one method says nothing about strength 8 of another. A cost can be compared: cross-entropy in nats a token
above the unsteered model's (``ce_cost``), or the 95th percentile over documents of KL(steered ‖ base) in nats a token
(``kl_p95``), which a few ruined documents move and an average hides. Costs are measured for several strengths in one
pass; each round looks closer between the last strength that is within the target and the first that is not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from hormesis.detox import Intervention
from hormesis.errors import HormesisError
from hormesis.evaluate.cost import language_model_cost
from hormesis.measurements import DocumentTable
from hormesis.models import LanguageModel
from hormesis.reprs import short_repr

Cost = Literal["ce_cost", "kl_p95"]

_A_ROUND = 6
"""Strengths measured in one pass."""
_FARTHEST = 2.0**16
"""How far from the first strength, up or down, the search goes before it gives up: a factor."""


@short_repr
@dataclass(frozen=True)
class Calibration:
    """The largest strength found whose cost is within the target, and every cost that was measured on the way."""

    strength: float
    cost: float
    """At ``strength``, in nats a token; at most ``target``."""
    target: float
    measure: Cost
    curve: tuple[tuple[float, float], ...]
    """(strength, cost), by strength; 0 costs 0."""
    documents: int
    """How many documents the cost is over."""


def calibrate(
    lm: LanguageModel,
    texts: Sequence[str],
    intervention: Intervention,
    *,
    target: float,
    measure: Cost = "ce_cost",
    start: float = 1.0,
    largest: float | None = None,
    tolerance: float = 0.02,
    progress: Callable[[float, float], None] | None = None,
) -> Calibration:
    """Find the strength at which ``intervention`` costs ``target`` on ``texts``.

    The cost is taken to cross the target once on the way up from 0; what is returned was measured, not extrapolated.

    :param texts: clean text that nothing is evaluated on.
    :param target: nats a token, above 0.
    :param start: a strength to begin with, of the order that the method is used at.
    :param largest: no strength beyond this makes sense (1 for an ablation); the result may then cost less.
    :param tolerance: the search ends when the bracket is this narrow, relative to its upper end.
    :param progress: called with each (strength, cost) measured.
    :raises HormesisError: a target that is not positive, or an intervention that never costs so much.
    """
    if not target > 0:
        raise HormesisError(f"a target cost of {target} cannot be met", "give nats a token above 0, e.g. 0.1")
    curve: dict[float, float] = {0.0: 0.0}

    def measured(strengths: Sequence[float]) -> None:
        new = sorted(strength for strength in strengths if strength not in curve)
        for strength, cost in _costs_of(lm, texts, intervention, new, measure).items():
            curve[strength] = cost
            if progress is not None:
                progress(strength, cost)

    def bracket() -> tuple[float, float | None]:
        """The last strength within the target before the first beyond it, and that one."""
        within = 0.0
        for strength in sorted(curve):
            if curve[strength] > target:
                return within, strength
            within = strength
        return within, None

    limit = largest if largest is not None else _FARTHEST * start
    measured([min(limit, start * 2.0**power) for power in range(-3, 3)])
    low, high = bracket()
    while high is None and low < limit:
        measured([min(limit, low * 2.0**power) for power in range(1, _A_ROUND + 1)])
        low, high = bracket()
    if high is None and largest is None:
        raise HormesisError(
            f"{intervention.name} costs {curve[low]:.3g} at strength {low:g}, and never {target:g} nats a token",
            "lower the target; a method without a strength (prompting) cannot be calibrated",
        )
    while high is not None and high - low > tolerance * high and high > start / _FARTHEST:
        measured(np.linspace(low, high, _A_ROUND + 2)[1:-1].tolist())
        low, high = bracket()
    if low == 0:
        raise HormesisError(
            f"{intervention.name} costs more than {target:g} nats a token at every strength measured,"
            f" down to {min(strength for strength in curve if strength):.2g}",
            "raise the target; a method without a strength (prompting) cannot be calibrated",
        )
    return Calibration(low, curve[low], target, measure, tuple(sorted(curve.items())), len(texts))


def _costs_of(
    lm: LanguageModel,
    texts: Sequence[str],
    intervention: Intervention,
    strengths: Sequence[float],
    measure: Cost,
) -> dict[float, float]:
    """Strength → cost; infinite from the first strength on at which the model breaks."""
    try:
        table = language_model_cost(lm, texts, intervention, strengths, domain="calibration")
        return costs(table, measure)
    except HormesisError as error:
        if "not finite" not in error.problem:
            raise
    if len(strengths) == 1:
        return {strengths[0]: math.inf}
    half = len(strengths) // 2  # ascending: look for the place by halves
    found = _costs_of(lm, texts, intervention, strengths[:half], measure)
    if any(math.isinf(cost) for cost in found.values()):
        return found | dict.fromkeys(strengths[half:], math.inf)
    return found | _costs_of(lm, texts, intervention, strengths[half:], measure)


def costs(table: DocumentTable, measure: Cost) -> dict[float, float]:
    """Strength → cost in nats a token, of a table of one domain."""
    frame = table.frame[table.frame["tokens"] > 0]
    found = {}
    for strength, rows in frame.groupby("strength"):
        if measure == "ce_cost":
            cost = (rows["nll"].sum() - rows["base_nll"].sum()) / rows["tokens"].sum()
        else:
            cost = np.quantile(rows["kl"] / rows["tokens"], 0.95)
        found[float(str(strength))] = float(cost)
    return found
