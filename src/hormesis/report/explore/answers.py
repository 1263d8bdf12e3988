"""The answers behind the controls, as columns of plain numbers and words."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from hormesis.files import Json
from hormesis.report.explore.verdict import in_short, verdict
from hormesis.statistics import Analysis
from hormesis.statistics.answers import Answer, answers
from hormesis.statistics.arms import Arms

_DIGITS = 5


def key(budget: str, domain: str, scored_by: str, definition: str, method: str) -> str:
    """Where an answer is found: the state of the page's controls."""
    return "|".join((budget, domain, scored_by, definition, method))


def answers_of(analysis: Analysis) -> Json:
    """By :func:`key`: one object an answer.

    ``costs`` [steps], ``shares`` [shares] (indices into the page's), ``mean``, ``half`` (of the 95 % t interval) and
    ``strength`` [steps][shares], ``seeds`` [steps][shares][seeds] and ``labels`` of them; of methods that are no
    controls also ``least`` (index of the share, or -1), ``may`` (of those that may be best) and ``words`` [steps].
    """
    shares = analysis.measurements.shares
    found: dict[str, Json] = {}
    for answer in answers(analysis.measurements, analysis.costs):
        name = key(
            answer.budget, answer.prompts.domain, answer.prompts.scored_by, answer.definition.label, answer.method
        )
        found[name] = _answer(answer, [shares.index(share) for share in answer.shares], analysis.measurements.arms)
    return found


def _answer(answer: Answer, places: list[int], arms: Arms) -> Json:
    asked: dict[str, Json] = {
        "costs": [float(in_short(float(cost))) for cost in answer.costs],
        "shares": places,
        "labels": list(answer.seeds),
        "mean": numbers(answer.means),
        "half": numbers(answer.halves),
        "strength": numbers(answer.strengths),
        "seeds": numbers(answer.toxicity),
    }
    if any(choice is not None for choice in answer.choices):
        chosen = [choice and choice.panel.shares[choice.candidates].tolist() for choice in answer.choices]
        asked |= {
            "least": [-1 if c is None else places[answer.shares.index(c.share)] for c in answer.choices],
            "may": [[places[answer.shares.index(share)] for share in each or ()] for each in chosen],
            "words": [verdict(answer, step, arms) for step in range(len(answer.costs))],
        }
    return asked


def numbers(values: np.ndarray | Iterable[float]) -> Json:
    """Nested lists of five significant digits; None for what is unknown."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim > 1:
        return [numbers(row) for row in array]
    return [number(float(value)) for value in array]


def number(value: float) -> float | None:
    """Five significant digits; None where it is not finite."""
    return float(f"{value:.{_DIGITS}g}") if math.isfinite(value) else None
