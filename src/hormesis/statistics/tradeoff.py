"""Points of the trade-off: the capability cost and the toxicity of one model under one intervention, side by
side.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

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


def model_points(view: Measurements, prompts: PromptSet, cost: CostDefinition | None = None) -> pd.DataFrame:
    """The points of single models, or over all seeds (``seed`` is then ``pooled``) where these are all there is."""
    points = single_points(view, prompts, cost)
    return points if len(points) else pooled_points(view, prompts, cost).assign(seed="pooled")


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
    return _through(_columns(points))


def frontiers_of(points: pd.DataFrame, method: str) -> dict[tuple[float, str], Frontier]:
    """The frontier of each (share, seed) under ``method``, sorted.

    :param points: of :func:`single_points`, of one token budget.
    """
    chosen = points[points["curve"] == method]
    columns = _columns(chosen)
    models: dict[tuple[float, str], list[int]] = {}
    for place, model in enumerate(zip(chosen["share"].tolist(), chosen["seed"].tolist(), strict=True)):
        models.setdefault(model, []).append(place)
    return {model: _through(columns[models[model]]) for model in sorted(models)}


def _columns(points: pd.DataFrame) -> NDArray[np.float64]:
    """[points, (cost, value, strength, number of heads)]."""
    return points[["cost", "value", "strength", "curve_heads"]].to_numpy(dtype=np.float64, na_value=np.nan)


def _through(columns: NDArray[np.float64]) -> Frontier:
    heads = np.nan_to_num(columns[:, 3], nan=np.inf)
    curves = (columns[heads == count, :3] for count in np.unique(heads))
    return Frontier.union(Frontier.through(*curve.T) for curve in curves)
