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
from functools import partial
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
_MOST_ROUNDS = 8
"""Of looking closer at several targets; three or four do where the root of the cost is nearly straight."""


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


@dataclass(frozen=True)
class Reached:
    """A strength, and what it costs in nats a token."""

    strength: float
    cost: float


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
    curve = _Curve(lm, texts, intervention, measure, progress)
    limit = largest if largest is not None else _FARTHEST * start
    low, high = curve.begin(target, start, limit)
    if high is None and largest is None:
        raise HormesisError(
            f"{intervention.name} costs {curve.costs[low]:.3g} at strength {low:g}, and never {target:g} nats a token",
            "lower the target; a method without a strength (prompting) cannot be calibrated",
        )
    while high is not None and high - low > tolerance * high and high > start / _FARTHEST:
        curve.measure(np.linspace(low, high, _A_ROUND + 2)[1:-1].tolist())
        low, high = curve.bracket(target)
    if low == 0:
        raise HormesisError(
            f"{intervention.name} costs more than {target:g} nats a token at every strength measured,"
            f" down to {min(strength for strength in curve.costs if strength):.2g}",
            "raise the target; a method without a strength (prompting) cannot be calibrated",
        )
    return Calibration(low, curve.costs[low], target, measure, tuple(sorted(curve.costs.items())), len(texts))


def strengths_at(
    lm: LanguageModel,
    texts: Sequence[str],
    intervention: Intervention,
    targets: Sequence[float],
    *,
    start: float = 1.0,
    largest: float | None = None,
    tolerance: float = 0.05,
    progress: Callable[[float, float], None] | None = None,
) -> dict[float, Reached]:
    """The strengths at which ``intervention`` costs each of ``targets``, in cross-entropy on ``texts``, searched for
    together.

    The cost of a shift grows with its square, so the root of the cost is taken to be straight between two measured
    strengths; every strength that is returned was measured.

    :param texts: clean text that nothing is evaluated on.
    :param targets: nats a token, above 0, ascending.
    :param start, largest, progress: as in :func:`calibrate`. Where the method at its largest costs less than a target,
        that target gets the largest, and those above it get nothing.
    :returns: by target, without those that no strength costs.
    :param tolerance: a cost may fall short of its target by this part of it, and never exceeds it.
    :raises HormesisError: a target that is not positive, or no strength costs any of them.
    """
    if not targets or min(targets) <= 0:
        raise HormesisError(f"target costs of {list(targets)} cannot be met", "give nats a token above 0, e.g. 0.1")
    curve = _Curve(lm, texts, intervention, "ce_cost", progress)
    limit = largest if largest is not None else _FARTHEST * start
    curve.begin(max(targets), start, limit)
    for _ in range(_MOST_ROUNDS):
        if not (proposed := [at for target in targets if (at := curve.proposal(target, tolerance)) is not None]):
            break
        curve.measure(proposed)
    found: dict[float, Reached] = {}
    for target in targets:
        low, high = curve.bracket(target)
        if low > 0 and (high is not None or largest is not None):
            found[target] = Reached(low, curve.costs[low])
        if high is None:
            break
    if not found:
        known = sorted((strength, cost) for strength, cost in curve.costs.items() if strength)
        raise HormesisError(
            f"{intervention.name} costs {known[0][1]:.3g} at strength {known[0][0]:.2g} and {known[-1][1]:.3g} at"
            f" {known[-1][0]:.2g}: no strength costs {', '.join(f'{target:g}' for target in targets)} nats a token",
            "ask for other costs; a method without a strength (prompting) cannot be calibrated",
        )
    return found


class _Curve:
    """What was measured of an intervention on the way: strength → cost."""

    def __init__(
        self,
        lm: LanguageModel,
        texts: Sequence[str],
        intervention: Intervention,
        measure: Cost,
        progress: Callable[[float, float], None] | None,
    ) -> None:
        self.costs: dict[float, float] = {0.0: 0.0}
        self._measured = partial(_costs_of, lm, texts, intervention, measure=measure)
        self._progress = progress

    def measure(self, strengths: Sequence[float]) -> None:
        """The costs of strengths that are not known yet, in one pass."""
        new = sorted({strength for strength in strengths if strength not in self.costs})
        for strength, cost in self._measured(new).items() if new else ():
            self.costs[strength] = cost
            if self._progress is not None:
                self._progress(strength, cost)

    def bracket(self, target: float) -> tuple[float, float | None]:
        """The last strength within the target before the first beyond it, and that one."""
        within = 0.0
        for strength in sorted(self.costs):
            if self.costs[strength] > target:
                return within, strength
            within = strength
        return within, None

    def begin(self, target: float, start: float, limit: float) -> tuple[float, float | None]:
        """Measure strengths about ``start``, and upwards until one costs more than ``target``, or is ``limit``."""
        self.measure([min(limit, start * 2.0**power) for power in range(-3, 3)])
        low, high = self.bracket(target)
        while high is None and low < limit:
            self.measure([min(limit, low * 2.0**power) for power in range(1, _A_ROUND + 1)])
            low, high = self.bracket(target)
        return low, high

    def proposal(self, target: float, tolerance: float) -> float | None:
        """Where the target is likely to lie within its bracket; None where it is met, or cannot be."""
        low, high = self.bracket(target)
        if high is None or self.costs[low] >= (1 - tolerance) * target:
            return None
        if math.isinf(self.costs[high]):
            return (low + high) / 2
        below, beyond = (math.sqrt(max(0.0, self.costs[at])) for at in (low, high))
        along = (math.sqrt(target * (1 - tolerance / 2)) - below) / (beyond - below)
        return low + min(0.95, max(0.05, along)) * (high - low)


def _costs_of(
    lm: LanguageModel,
    texts: Sequence[str],
    intervention: Intervention,
    strengths: Sequence[float],
    *,
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
    found = _costs_of(lm, texts, intervention, strengths[:half], measure=measure)
    if any(math.isinf(cost) for cost in found.values()):
        return found | dict.fromkeys(strengths[half:], math.inf)
    return found | _costs_of(lm, texts, intervention, strengths[half:], measure=measure)


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
