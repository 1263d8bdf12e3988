"""From tables of answers to measurements: of one model, or pooled over the seeds of a share.

The interval of one model is Wilson's (1927, doi 10.1080/01621459.1927.10502953), over questions. Over several seeds
it is the crossed bootstrap of :mod:`hormesis.measurements.ratio_bootstrap`, as for prompts: the models answer the same
questions.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from hormesis.errors import HormesisError
from hormesis.measurements.answer_table import AnswerTable
from hormesis.measurements.ratio_bootstrap import bootstrap
from hormesis.measurements.rows import Measurement, Origin, known_strength

_METRICS = {"accuracy": "right", "accuracy_normalised": "right_normalised"}
_KEYS = ["domain", "item", "strength"]


def answer_measurements(
    tables: Sequence[AnswerTable], origin: Origin, *, resamples: int = 2000, seed: int = 0
) -> list[Measurement]:
    """``accuracy``, ``accuracy_normalised`` (by length, where lm-eval counts so) and ``chance`` for each task and
    strength, and for each part of a task (``blimp/syntax``, ``mmlu/anatomy``); n is the number of questions, over all
    seeds.

    ``chance`` is the expected accuracy of a blind guess, the mean of 1 / choices; it has no interval.

    :param tables: one for each seed, over the same questions and strengths.
    :raises HormesisError: the tables are none, or over different questions or strengths.
    """
    if not tables:
        raise HormesisError("there is no table of answers to summarise", "run the evaluation first")
    frames = [table.frame.sort_values(_KEYS, ignore_index=True) for table in tables]
    if any(not frame[_KEYS].equals(frames[0][_KEYS]) for frame in frames) or frames[0].duplicated(_KEYS).any():
        raise HormesisError(
            "the tables of answers are not over the same questions and strengths, each once",
            "pool models that were asked the same questions at the same strengths",
        )
    strengths = sorted(frames[0]["strength"].unique())
    unscored = {**asdict(origin), "scorer": None, "scorer_revision": None}
    rows = []
    for domain, members in _splits(frames[0]):
        for strength in strengths:
            here = members & (frames[0]["strength"] == strength).to_numpy()
            where = {**unscored, "domain": domain, "strength": known_strength(origin, strengths, float(strength))}
            for metric, column in _METRICS.items():
                answers = np.stack([frame.loc[here, column].to_numpy(np.float64) for frame in frames])
                if not np.isnan(answers).all():
                    value, low, high, n = _measured(answers, resamples, seed)
                    rows.append(Measurement(**where, metric=metric, value=value, n=n, low=low, high=high))
            chance = 1 / frames[0].loc[here, "choices"].to_numpy(np.float64)
            n = len(chance) * len(frames)
            rows.append(Measurement(**where, metric="chance", value=float(chance.mean()), n=n))
    return rows


def _splits(frame: pd.DataFrame) -> Iterator[tuple[str, np.ndarray]]:
    """Names and rows (bool) of each task and of its parts."""
    for domain, rows in frame.groupby("domain", sort=True):
        yield str(domain), (frame["domain"] == domain).to_numpy(dtype=bool)
        for part in sorted(set(rows["part"]) - {""}):
            yield f"{domain}/{part}", ((frame["domain"] == domain) & (frame["part"] == part)).to_numpy(dtype=bool)


def _measured(answers: np.ndarray, resamples: int, seed: int) -> tuple[float, float | None, float | None, int]:
    """Value, interval and n of answers [seeds, questions], 1 where right, NaN where not asked so."""
    asked = np.isfinite(answers)
    n, right = int(asked.sum()), float(np.nansum(answers))
    if len(answers) == 1:
        interval = binomtest(round(right), n).proportion_ci(method="wilson")
        return right / n, float(interval.low), float(interval.high), n
    found = bootstrap(np.nan_to_num(answers)[None], asked[None].astype(np.float64), resamples=resamples, seed=seed)
    low, high = float(found.low[0]), float(found.high[0])
    bounded = math.isfinite(low)
    return float(found.value[0]), low if bounded else None, high if bounded else None, n
