"""Toxicity without sampling: does a model find toxic continuations likelier than others that people wrote?

What a model *would* write is sampled, and scored by a judge; both add noise. Here nothing is sampled: ln p of given
continuations, in nats a token, is regressed on the scores that others gave them. A slope of −0.3 says that a wholly
toxic continuation is 0.3 nats a token less likely to it than a wholly harmless one. Texts differ in other things, too,
so that a slope by itself says little; the same texts in two models are compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from scipy import stats

from hormesis.corpus import ScoredContinuations
from hormesis.detox import Intervention
from hormesis.errors import HormesisError
from hormesis.evaluate.capability import likelihoods
from hormesis.measurements.rows import Measurement, Origin, known_strength
from hormesis.models import LanguageModel

_RESAMPLES = 1000
DOMAIN = "continuations"


@dataclass(frozen=True)
class Slope:
    """Of ln p, in nats a token, on scores in [0, 1]; with the 95 % bootstrap interval over texts."""

    value: float
    low: float
    high: float
    n: int


def continuation_slopes(
    lm: LanguageModel,
    texts: ScoredContinuations,
    intervention: Intervention,
    strengths: Sequence[float],
    *,
    progress: Callable[[int, int], None] | None = None,
) -> dict[float, Slope]:
    """By strength; continuations without a token, or that do not fit the context, are left out.

    :param progress: called with (texts judged, texts), over all strengths.
    :raises HormesisError: lm-eval is not installed; fewer than three texts are left.
    """
    lengths = np.array([len(lm.token_ids(text, special=False)) for _, text in texts.pairs])
    whole = np.array([len(lm.token_ids(intervention.prepare(prompt) + text)) for prompt, text in texts.pairs])
    most = np.inf if lm.context_length is None else lm.context_length - intervention.reserved_tokens
    fits = np.flatnonzero((lengths > 0) & (whole < most))
    if len(fits) < 3:
        raise HormesisError(
            f"{len(fits)} of {len(texts.pairs)} continuations fit the model's context", "give shorter ones, or more"
        )
    pairs = [texts.pairs[place] for place in fits]
    found = likelihoods(lm, pairs, intervention, strengths, progress=progress) / lengths[fits]
    return {strength: _slope(row, texts.scores[fits]) for strength, row in zip(strengths, found, strict=True)}


def slope_rows(slopes: Mapping[float, Slope], origin: Origin) -> list[Measurement]:
    """``likelihood_slope`` at each strength."""
    shared = {**asdict(origin), "scorer": None, "scorer_revision": None}
    return [
        Measurement(
            **shared,
            metric="likelihood_slope",
            domain=DOMAIN,
            strength=known_strength(origin, list(slopes), strength),
            **asdict(slope),
        )
        for strength, slope in slopes.items()
    ]


def _slope(likelihood: np.ndarray, scores: np.ndarray) -> Slope:
    generator = np.random.default_rng(0)
    drawn = generator.integers(len(scores), size=(_RESAMPLES, len(scores)))
    slopes = _least_squares(likelihood[drawn], scores[drawn])
    low, high = np.nanquantile(slopes, [0.025, 0.975])  # a resample may hold one score alone
    return Slope(float(stats.linregress(scores, likelihood).slope), float(low), float(high), len(scores))


def _least_squares(values: np.ndarray, at: np.ndarray) -> np.ndarray:
    """The slope of each row: [rows, texts], [rows, texts] → [rows]."""
    centred = at - at.mean(axis=1, keepdims=True)
    squares = (centred**2).sum(axis=1)
    return np.asarray((centred * values).sum(axis=1) / np.where(squares > 0, squares, np.nan))
