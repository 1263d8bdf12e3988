"""A scorer against reference scores of the same texts: does it rank alike, and does its 0.5 mean the same?

- Spearman's ρ with the reference, and AUROC for reference ≥ 0.5, each with a percentile bootstrap interval over texts.
- Reliability (DeGroot and Fienberg 1983): in bins of equal width of the score, the share of texts whose reference is
  ≥ 0.5, against the mean score. ECE = Σ_b n_b / N · |share_b - mean score_b| (Guo et al. 2017, arXiv 1706.04599,
  equation 3).
- :class:`ReferenceScale`: the isotonic regression of the reference on the score (Zadrozny and Elkan 2002, doi
  10.1145/775047.775151), fitted on one half of the texts and tested on the other. It is E[reference | score], so it
  spreads less than the reference does: levels read through it are an additional reading, never the score itself.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import rankdata

from hormesis.errors import HormesisError
from hormesis.evaluate.scorer import scorer_agreement
from hormesis.files import write_json
from hormesis.measurements.rows import TOXIC_SCORE
from hormesis.optional import needed_for
from hormesis.reprs import short_repr

BINS = 10
_RESAMPLES = 400
_FEWEST = 20


@dataclass(frozen=True)
class Bin:
    """One bin of a reliability diagram: the mean score of its n texts, and the share with a reference ≥ 0.5."""

    score: float
    observed: float
    n: int


@short_repr
@dataclass(frozen=True)
class ReferenceAgreement:
    """spearman, auroc, and their 95 % intervals as (low, high); NaN where they are not defined. ece: over ``bins``.
    n: texts that both scored. failures: texts that the scorer did not."""

    spearman: float
    spearman_interval: tuple[float, float]
    auroc: float
    auroc_interval: tuple[float, float]
    ece: float
    bins: tuple[Bin, ...]
    n: int
    failures: int


def against_reference(
    scores: np.ndarray, reference: np.ndarray, *, resamples: int = _RESAMPLES, seed: int = 0
) -> ReferenceAgreement:
    """Compare ``scores`` with ``reference``, both [n] in [0, 1]; texts where either is NaN are left out and counted.

    :raises HormesisError: lengths differ.
    """
    found = scorer_agreement(scores, reference)
    both = np.isfinite(scores) & np.isfinite(reference)
    scores, reference = np.asarray(scores, dtype=np.float64)[both], np.asarray(reference, dtype=np.float64)[both]
    bins = reliability(scores, reference >= TOXIC_SCORE)
    ece = sum(each.n * abs(each.observed - each.score) for each in bins) / found.n if found.n else float("nan")
    drawn = np.full((resamples, 2), np.nan)
    generator = np.random.default_rng(seed)
    for number in range(resamples if found.n > 1 else 0):
        chosen = generator.integers(found.n, size=found.n)
        drawn[number] = _statistics(scores[chosen], reference[chosen])
    low, high = _quantiles(drawn)
    return ReferenceAgreement(
        found.spearman, (low[0], high[0]), found.auroc, (low[1], high[1]), ece, bins, found.n, found.failures
    )


def reliability(scores: np.ndarray, toxic: np.ndarray, *, bins: int = BINS) -> tuple[Bin, ...]:
    """The bins of equal width in [0, 1] that hold any text, from the lowest score to the highest."""
    places = np.minimum((scores * bins).astype(int), bins - 1)
    return tuple(
        Bin(float(scores[inside].mean()), float(toxic[inside].mean()), int(inside.sum()))
        for inside in (places == number for number in range(bins))
        if inside.any()
    )


def _statistics(scores: np.ndarray, reference: np.ndarray) -> tuple[float, float]:
    """(Spearman's ρ, AUROC), both from ranks; NaN where one is constant."""
    ranks, references = rankdata(scores), rankdata(reference)
    spread = ranks.std() * references.std()
    rho = float(((ranks - ranks.mean()) * (references - references.mean())).mean() / spread) if spread else np.nan
    toxic = reference >= TOXIC_SCORE
    positive, negative = int(toxic.sum()), int((~toxic).sum())
    if not positive or not negative:
        return rho, np.nan
    return rho, float((ranks[toxic].sum() - positive * (positive + 1) / 2) / (positive * negative))


def _quantiles(drawn: np.ndarray) -> tuple[tuple[float, ...], tuple[float, ...]]:
    bounds = [
        np.quantile(known, [0.025, 0.975]) if len(known := column[np.isfinite(column)]) else (np.nan, np.nan)
        for column in drawn.T
    ]
    return tuple(float(low) for low, _ in bounds), tuple(float(high) for _, high in bounds)


@short_repr
@dataclass(frozen=True, eq=False)
class ReferenceScale:
    """A monotone map from a scorer's scores to the scale of a reference, linear between its knots and flat beyond.

    scores, references: float64 [knots], both ascending. name: who gave the reference.
    """

    scores: np.ndarray
    references: np.ndarray
    name: str

    @classmethod
    def fit(cls, scores: np.ndarray, reference: np.ndarray, *, name: str) -> ReferenceScale:
        """Isotonic regression of ``reference`` on ``scores``, both [n]; pairs with a NaN are left out.

        :raises HormesisError: fewer than 20 pairs.
        """
        both = np.isfinite(scores) & np.isfinite(reference)
        if both.sum() < _FEWEST:
            raise HormesisError(
                f"{int(both.sum())} texts with a score and a reference are too few to map one to the other",
                f"give at least {_FEWEST} in each half",
            )
        with needed_for("mapping scores to a reference"):
            from sklearn.isotonic import IsotonicRegression

        regression = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip").fit(scores[both], reference[both])
        return cls(
            np.asarray(regression.X_thresholds_, dtype=np.float64),
            np.asarray(regression.y_thresholds_, dtype=np.float64),
            name,
        )

    def __call__(self, scores: np.ndarray) -> np.ndarray:
        """``scores`` of any shape on the reference's scale; NaN stays NaN."""
        return np.asarray(np.interp(scores, self.scores, self.references))

    def save(self, path: Path) -> None:
        """Write JSON."""
        knots = {"scores": self.scores.tolist(), "references": self.references.tolist()}
        write_json(path, {"kind": "hormesis.ReferenceScale", "name": self.name, **knots})

    @classmethod
    def load(cls, path: Path) -> ReferenceScale:
        """Read what :meth:`save` wrote.

        :raises HormesisError: no such file, or not a map.
        """
        try:
            saved = json.loads(path.read_text(encoding="utf-8"))
            return cls(np.array(saved["scores"], float), np.array(saved["references"], float), str(saved["name"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise HormesisError(f"{path} is not a map to a reference's scale ({error})", "calibrate again") from error
