"""From activations to one raw direction a concept: the mean difference, or Fisher's linear discriminant.

Mean difference: δ_k = Σ_c a_kc m_c with the class means m_c and the concept's contrast a_k (arXiv 2310.06824, section
4, "mass-mean"). Fisher's discriminant (1936, Annals of Eugenics 7): Σ_w⁻¹ δ_k, where Σ_w is the covariance within the
classes of the fit rows, shrunk towards a multiple of the identity (Ledoit and Wolf 2004, doi
10.1016/S0047-259X(03)00096-4), for there are often fewer texts than features.

Both are a linear map T of the mean difference, T = I or Σ_w⁻¹, so that all that follows is about mean differences of
mapped rows. Cosines do not change under rotations of the stream; those of the discriminant's directions do not change
under any rescaling of the rows as a whole, but do under a rescaling of single features.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hormesis.representation.geometry.config import Estimator
from hormesis.representation.geometry.rows import ConceptRows
from hormesis.reprs import short_repr


@short_repr
@dataclass(frozen=True, eq=False)
class ClassMeans:
    """What the fit rows say of each class, after the estimator's map."""

    means: NDArray[np.float64]
    """[C, width]."""
    errors: NDArray[np.float64]
    """[C], the expected squared length of the error of each mean: tr(S_c) / n_c."""
    counts: NDArray[np.int64]
    """[C], fit rows of each class."""


def estimator_map(features: NDArray[np.float64], rows: ConceptRows, estimator: Estimator) -> NDArray[np.float64] | None:
    """T: [width, width], symmetric; None for the identity.

    :param features: [N, width].
    """
    if estimator == "mean-difference":
        return None
    from sklearn.covariance import ledoit_wolf

    codes, within = rows.codes[rows.fit], features[rows.fit].copy()
    for code in range(rows.classes):
        within[codes == code] -= within[codes == code].mean(0)
    covariance, _ = ledoit_wolf(within, assume_centered=True)
    inverse: NDArray[np.float64] = np.linalg.inv(covariance)
    return (inverse + inverse.T) / 2


def class_means(mapped: NDArray[np.float64], rows: ConceptRows) -> ClassMeans:
    """Means and their errors over the fit rows.

    :param mapped: [N, width], features after :func:`estimator_map`.
    """
    means, errors, counts = [], [], []
    for code in range(rows.classes):
        of_class = mapped[rows.fit & (rows.codes == code)]
        means.append(of_class.mean(0))
        errors.append(of_class.var(0, ddof=1).sum() / len(of_class))
        counts.append(len(of_class))
    return ClassMeans(np.stack(means), np.array(errors), np.array(counts, dtype=np.int64))
