"""Points of the trade-off: the capability cost and the toxicity of one model under one intervention, side by
side.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from hormesis.statistics.arms import Arms
from hormesis.statistics.cost import CostDefinition
from hormesis.statistics.frontier import Frontier
from hormesis.statistics.view import Measurements, PromptSet, of_prompts

_SAME = ["budget", "share", "method", "strength", "heads"]


def single_points(view: Measurements, prompts: PromptSet, cost: CostDefinition | None = None) -> pd.DataFrame:
    """The points of single models; worked out once.

    :param cost: None: the view's (ΔCE on its capability domain).
    """
    return _points(view, prompts, cost, pooled=False)


def pooled_points(view: Measurements, prompts: PromptSet, cost: CostDefinition | None = None) -> pd.DataFrame:
    """The points over all seeds; worked out once."""
    return _points(view, prompts, cost, pooled=True)


def _points(view: Measurements, prompts: PromptSet, cost: CostDefinition | None, *, pooled: bool) -> pd.DataFrame:
    cost = view.cost if cost is None else cost
    if (prompts, cost, pooled) not in view.points:
        rows = view.pooled if pooled else view.seeds
        view.points[prompts, cost, pooled] = _trade_off(rows, prompts, cost, view.arms)
    return view.points[prompts, cost, pooled]


def _trade_off(rows: pd.DataFrame, prompts: PromptSet, definition: CostDefinition, arms: Arms) -> pd.DataFrame:
    """The points of all curves.

    :param rows: ``seeds`` or ``pooled`` of :class:`Measurements`; with the column ``seed``, points are single
        models'.
    :return: the toxicity rows that have a cost, with ``cost`` (nats a token) and the curve each belongs
        to: ``curve`` (a method; empty for methods without a strength) and ``curve_heads``. The unsteered
        model of a curve's recipe begins it (the plain one, whose cost is 0, or such as ``mask`` for
        ``mask + iti``), so it is repeated.
    """
    toxicity = of_prompts(rows, prompts, "toxicity_mean")
    same = [*_SAME, "seed"] if "seed" in rows else _SAME
    points = toxicity.merge(definition.of(rows), on=same, how="left")
    if not definition.absolute:
        points.loc[points["method"] == "base", "cost"] = 0.0
    points = points[points["cost"].notna()]
    has_strength = points["strength"].notna()
    points = points.assign(curve=points["method"].where(has_strength, ""), curve_heads=points["heads"])
    steered = points[points["method"] != "base"]
    model = ["budget", "share", *(["seed"] if "seed" in rows else [])]
    begun = steered.loc[steered["curve"] != "", [*model, "curve", "curve_heads"]].drop_duplicates()
    begun = begun.assign(method=begun["curve"].map(arms.unsteered).astype(object))
    starts = points.drop(columns=["curve", "curve_heads"]).merge(begun, on=[*model, "method"])
    starts["strength"] = 0.0
    starts = starts[~_measured_at_zero(starts, steered, model)]
    frames = [frame for frame in (starts, steered) if len(frame)]
    return pd.concat(frames, ignore_index=True) if frames else steered


def _measured_at_zero(starts: pd.DataFrame, steered: pd.DataFrame, model: list[str]) -> np.ndarray:
    """Which curves were measured at strength 0 themselves and need no other beginning."""
    own = steered.loc[steered["strength"] == 0, [*model, "curve", "curve_heads"]].drop_duplicates()
    return (
        starts[[*model, "curve", "curve_heads"]].merge(own, how="left", indicator=True)["_merge"].eq("both").to_numpy()
    )


def frontier_of(points: pd.DataFrame) -> Frontier:
    """The frontier of one model and method: over strengths, and over numbers of heads if several were edited.

    :param points: of :func:`single_points` or :func:`pooled_points`, with one ``curve``, one share and one seed.
    """
    return Frontier.union(
        Frontier.through(curve["cost"].to_list(), curve["value"].to_list(), curve["strength"].to_list())
        for _, curve in points.groupby("curve_heads", dropna=False)
    )
