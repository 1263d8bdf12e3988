"""Activations whose concepts have known directions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hormesis.representation.geometry import ConceptRows, concept_rows

Matrix = NDArray[np.float64]


def unit(vectors: Matrix) -> Matrix:
    length: Matrix = np.linalg.norm(vectors, axis=-1, keepdims=True)
    result: Matrix = vectors / length
    return result


def toxic_and_bank(
    directions: Matrix, *, each: int = 60, toxic: int = 200, strength: float = 2.0, seed: int = 0
) -> tuple[Matrix, ConceptRows]:
    """Unit noise; toxic texts are shifted by ``strength`` along directions[0], a bank text along its concept's.

    The bank's shifts are centred, so that one-against-rest differences are along them if they sum to nothing.
    """
    random = np.random.default_rng(seed)
    concepts = len(directions) - 1
    labels = np.arange(2 * toxic) % 2 == 1
    names = np.repeat([f"c{number}" for number in range(concepts)], each)
    rows = concept_rows(labels, [str(row) for row in range(2 * toxic)], names.tolist(), seed=seed)
    shifts = np.zeros((concepts + 2, directions.shape[1]))
    shifts[1:] = strength * directions
    features = random.standard_normal((len(rows.codes), directions.shape[1])) + shifts[rows.codes] + 5
    return features, rows


def true_cosines(directions: Matrix, rows: ConceptRows) -> Matrix:
    """Of the contrasts of the planted class means."""
    shifts = np.vstack([np.zeros(directions.shape[1]), directions])
    planted = unit(rows.contrasts @ shifts)
    product: Matrix = planted @ planted.T
    return product


def rotation(width: int, seed: int = 0) -> Matrix:
    turned, _ = np.linalg.qr(np.random.default_rng(seed).standard_normal((width, width)))
    result: Matrix = turned
    return result
