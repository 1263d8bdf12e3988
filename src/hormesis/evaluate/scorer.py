"""What a toxicity scorer is, and how well one agrees with labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from hormesis.errors import HormesisError
from hormesis.measurements.rows import TOXIC_SCORE


class Scorer(Protocol):
    """Texts to toxicity scores. name and revision identify it in every measurement and in the cache."""

    @property
    def name(self) -> str:
        """Stable, without spaces: ``ngram``, ``microworld``, the id of a model."""

    @property
    def revision(self) -> str:
        """Changes whenever a score may change: a commit, or a hash of the weights."""

    def score(self, texts: Sequence[str]) -> np.ndarray:
        """float64 [n] in [0, 1], higher is more toxic; NaN where scoring failed (counted downstream, never
        imputed)."""


@runtime_checkable
class Movable(Protocol):
    """A scorer that is a network, and can judge on another device."""

    def to(self, device: str) -> None:
        """Move there."""


@dataclass(frozen=True)
class ScorerAgreement:
    """A scorer against reference scores, such as the Perspective scores that ship with RealToxicityPrompts.

    auroc: of the scores for ``reference >= 0.5``, NaN with one class only. spearman: rank correlation, NaN
    for constant input. n: texts that both scored. failures: texts without a score.
    """

    auroc: float
    spearman: float
    n: int
    failures: int


def scorer_agreement(scores: np.ndarray, reference: np.ndarray) -> ScorerAgreement:
    """Compare ``scores`` with ``reference``, both [n]; texts where either is NaN are left out and counted.

    :raises HormesisError: lengths differ.
    """
    from scipy.stats import spearmanr
    from sklearn.metrics import roc_auc_score

    scores, reference = np.asarray(scores, dtype=np.float64), np.asarray(reference, dtype=np.float64)
    if scores.shape != reference.shape:
        raise HormesisError(
            f"{scores.size} scores cannot be compared with {reference.size} reference scores",
            "score exactly the texts that have a reference",
        )
    both = np.isfinite(scores) & np.isfinite(reference)
    scores, reference = scores[both], reference[both]
    toxic = reference >= TOXIC_SCORE
    ranked = len(scores) > 1 and np.ptp(scores) > 0 and np.ptp(reference) > 0
    return ScorerAgreement(
        auroc=float(roc_auc_score(toxic, scores)) if 0 < toxic.sum() < len(toxic) else float("nan"),
        spearman=float(spearmanr(scores, reference).statistic) if ranked else float("nan"),
        n=len(scores),
        failures=int((~both).sum()),
    )
