"""How many dimensions the directions of a bank fill.

With the singular values σ of the K × d matrix of unit directions and p_i = σ_i / Σσ, the *effective rank* is
exp(−Σ p_i ln p_i) (Roy and Vetterli 2007, EUSIPCO, definition 1). The *participation ratio* is (Σλ)² / Σλ² with λ = σ²
(Gao et al. 2017, doi 10.1101/214262). Both are K for orthogonal directions and 1 for parallel ones. Both need the
matrix of cosines alone, whose eigenvalues are λ.

One-against-rest directions of a bank sum to nearly nothing, so a bank of K − 1 concepts fills K − 2 dimensions at most.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def effective_rank(cosines: NDArray[np.float64]) -> float:
    """exp of the entropy of the singular values.

    :param cosines: [K, K], of unit directions.
    """
    singular = np.sqrt(np.linalg.eigvalsh(cosines).clip(min=0))
    weights = singular[singular > 1e-9 * singular.max()] / singular.sum()
    return float(np.exp(-(weights * np.log(weights)).sum()))


def participation_ratio(cosines: NDArray[np.float64]) -> float:
    """(Σλ)² / Σλ², which is K² / Σ_ij c_ij².

    :param cosines: [K, K], of unit directions.
    """
    return float(np.trace(cosines) ** 2 / (cosines**2).sum())
