"""From scores of texts to AUROC and balanced accuracy, overall and by target group.

*AUROC*: the probability that a toxic text scores above another, ties counted half; the standard error is that of
DeLong et al. (1988, doi 10.2307/2531595), from the structural components V₁₀ and V₀₁, computed by mid-ranks (Sun and
Xu 2014, doi 10.1109/LSP.2014.2337313). *Balanced accuracy*: the mean of the shares of toxic and of other texts that
are judged right at a score of 0; its interval combines the two Wilson intervals (the square-and-add method of
Newcombe 1998, doi 10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from scipy.stats import binomtest, norm, rankdata

from hormesis.measurements.detection_table import DetectionTable
from hormesis.measurements.rows import Measurement, Origin, known_strength

_WIDE = float(norm.ppf(0.975))


@dataclass(frozen=True)
class Area:
    """value, low, high: a figure in [0, 1] with its 95 % interval; the interval is None where it cannot be
    estimated."""

    value: float
    low: float | None
    high: float | None


def area_under_roc(scores: np.ndarray, toxic: np.ndarray) -> Area:
    """AUROC with DeLong's interval, cut to [0, 1]; NaN without both classes, no interval where all pairs are parted.

    :param scores: [texts]; higher says toxic. toxic: [texts] bool.
    """
    positive, negative = scores[toxic], scores[~toxic]
    many, others = len(positive), len(negative)
    if not many or not others:
        return Area(math.nan, None, None)
    ranks = rankdata(scores)
    above = (ranks[toxic] - rankdata(positive)) / others  # V10: for each toxic text, the share of others below it
    below = 1 - (ranks[~toxic] - rankdata(negative)) / many  # V01
    value = float(above.mean())
    if min(many, others) < 2:
        return Area(value, None, None)
    error = math.sqrt(above.var(ddof=1) / many + below.var(ddof=1) / others)
    if error == 0:
        return Area(value, None, None)
    return Area(value, max(0.0, value - _WIDE * error), min(1.0, value + _WIDE * error))


def balanced_accuracy(scores: np.ndarray, toxic: np.ndarray) -> Area:
    """Mean of sensitivity and specificity at a score of 0; NaN without both classes."""
    shares = []
    for right in (scores[toxic] > 0, scores[~toxic] <= 0):
        if not len(right):
            return Area(math.nan, None, None)
        interval = binomtest(int(right.sum()), len(right)).proportion_ci(method="wilson")
        shares.append((float(right.mean()), float(interval.low), float(interval.high)))
    value = sum(share for share, _, _ in shares) / 2
    low = value - math.hypot(*(share - low for share, low, _ in shares)) / 2
    high = value + math.hypot(*(high - share for share, _, high in shares)) / 2
    return Area(value, max(0.0, low), min(1.0, high))


def detection_measurements(table: DetectionTable, origin: Origin) -> list[Measurement]:
    """``zero_shot_auroc``, ``zero_shot_balanced_accuracy`` and the same of ``linear_probe``, for each strength, overall
    and for each target group with texts of both kinds (``toxigen-detection/GROUP``); n is the number of texts."""
    strengths = table.frame["strength"].unique().tolist()
    unscored = {**asdict(origin), "scorer": None, "scorer_revision": None}
    rows = []
    for _, part in table.frame.groupby(["detector", "strength"], sort=True):
        detector, strength = str(part["detector"].iloc[0]), float(part["strength"].iloc[0])
        for domain, chosen in _splits(part):
            scores, toxic = chosen["score"].to_numpy(np.float64), chosen["toxic"].to_numpy(dtype=bool)
            figures = {"auroc": area_under_roc(scores, toxic), "balanced_accuracy": balanced_accuracy(scores, toxic)}
            for name, found in figures.items():
                if math.isnan(found.value):
                    continue
                rows.append(
                    Measurement(
                        **unscored,
                        metric=f"{detector}_{name}",
                        domain=domain,
                        value=found.value,
                        n=len(scores),
                        low=found.low,
                        high=found.high,
                        strength=known_strength(origin, strengths, strength),
                    )
                )
    return rows


def _splits(frame: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    for domain, rows in frame.groupby("domain", sort=True):
        yield str(domain), rows
        for group, chosen in rows.groupby("group", sort=True):
            yield f"{domain}/{group}", chosen
