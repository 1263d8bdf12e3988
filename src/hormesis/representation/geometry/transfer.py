"""Whether a concept's direction is the same in two data sets: found in one, tested in the other, and the reverse.

AUROC of v_A · x on held-out texts of B, where v_A is the mean difference of A's fit texts (arXiv 2310.06824, section
5, does so for truth). Beside it stand the AUROCs within each data set, which are what transfer could at best be, and
those of directions drawn from the covariance of the activations, which are chance.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hormesis.errors import HormesisError
from hormesis.representation.geometry.baselines import Chance
from hormesis.representation.geometry.config import Estimator
from hormesis.representation.geometry.estimators import class_means, estimator_map
from hormesis.representation.geometry.rows import ConceptRows
from hormesis.representation.geometry.separation import Separability, chance_area, separability


@dataclass(frozen=True, eq=False)
class LabelledFeatures:
    """Activations of one data set at one site."""

    name: str
    values: NDArray[np.float64]
    """[texts, width]."""
    labels: NDArray[np.bool_]
    """[texts], True is toxic."""
    fit: NDArray[np.bool_]
    """[texts], those that directions are fitted on."""

    def __post_init__(self) -> None:
        for part in (self.fit, ~self.fit):
            toxic = self.labels[part]
            if min(int(toxic.sum()), int((~toxic).sum())) < 2:
                raise HormesisError(
                    f"a part of the data set {self.name} has fewer than two toxic or two other texts",
                    "give more texts of both kinds",
                )

    def direction(self, estimator: Estimator) -> NDArray[np.float64]:
        """[width], towards toxic texts, from the fit texts."""
        rows = ConceptRows((self.name,), self.labels.astype(np.int64), np.array([[-1.0, 1.0]]), self.fit)
        transform = estimator_map(self.values, rows, estimator)
        mapped = self.values if transform is None else self.values @ transform
        raw: NDArray[np.float64] = (rows.contrasts @ class_means(mapped, rows).means)[0]
        return raw


@dataclass(frozen=True)
class Transfer:
    """A direction of ``source`` on the held-out texts of ``target``; ``chance`` is that of drawn directions."""

    source: str
    target: str
    found: Separability
    chance: Chance


def transfers(
    one: LabelledFeatures, other: LabelledFeatures, estimator: Estimator = "mean-difference", *, seed: int = 0
) -> Iterator[Transfer]:
    """All four pairs of data sets, those within one included."""
    for source in (one, other):
        direction = source.direction(estimator)
        for target in (one, other):
            values, truth = target.values[~target.fit], target.labels[~target.fit]
            found = separability(values @ direction, truth)
            chance = Chance.of(chance_area(values, truth, source.values[source.fit], seed=seed))
            yield Transfer(source.name, target.name, found, chance)
