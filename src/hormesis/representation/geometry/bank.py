"""A bank of concepts: one unit direction each, at one site of one model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from hormesis.errors import HormesisError
from hormesis.files import Json
from hormesis.representation.artefact import damage_explained, read_artefact, write_artefact
from hormesis.representation.geometry.config import Estimator
from hormesis.representation.geometry.direction_overlap import split_half_cosines
from hormesis.representation.geometry.estimators import class_means, estimator_map
from hormesis.representation.geometry.rows import ConceptRows
from hormesis.reprs import short_repr

STEM = "bank"
POINTS_TO = "concept"


@short_repr
@dataclass(frozen=True, eq=False)
class ConceptBank:
    """Unit directions v_k, each pointing **towards its concept**: v · x is greater where the concept is present.

    (Directions of :mod:`hormesis.representation.directions`, which steer, point from toxic to non-toxic.)

    :raises HormesisError: shapes that do not fit, or vectors that are not of unit length.
    """

    concepts: tuple[str, ...]
    """K names, ``toxicity`` first."""
    vectors: Tensor
    """[K, width], float32, unit length."""
    split_half: Tensor
    """[K], float32: the mean cosine of directions from two halves of the fit texts. Below about 0.5 a direction is
    mostly noise, and looks orthogonal to others for that reason alone."""
    site: str
    """``3``: the residual stream after layer 3; ``3.heads``: all heads of layer 3 side by side; ``3.1``: head 1."""
    estimator: Estimator

    def __post_init__(self) -> None:
        count = len(self.concepts)
        lengths = torch.linalg.vector_norm(self.vectors, dim=-1)
        if self.vectors.ndim != 2 or len(self.vectors) != count or self.split_half.shape != (count,):
            raise HormesisError(
                f"a bank of {count} concepts has vectors {tuple(self.vectors.shape)}", "fit it with fit_bank"
            )
        if not bool((lengths - 1).abs().le(1e-4).all()):
            raise HormesisError(
                f"the bank at site {self.site} holds directions that are not of unit length",
                "leave out concepts whose texts the model does not tell from the others",
            )

    def scores(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """v_k · x: [rows, K], for features [rows, width] of the same site."""
        projected: NDArray[np.float64] = features @ self.vectors.double().numpy().T
        return projected

    @property
    def cosines(self) -> NDArray[np.float64]:
        """[K, K], as found, with the noise's share in them."""
        vectors = self.vectors.double().numpy()
        product: NDArray[np.float64] = vectors @ vectors.T
        return product

    def save(self, folder: Path) -> None:
        """Write the bank to ``folder`` as safetensors and JSON, whole or not at all."""
        settings: dict[str, Json] = {
            "concepts": list(self.concepts),
            "site": self.site,
            "estimator": self.estimator,
            "points_to": POINTS_TO,
        }
        write_artefact(folder, STEM, settings, {"vectors": self.vectors, "split_half": self.split_half})

    @classmethod
    def load(cls, folder: Path) -> ConceptBank:
        """Read what :meth:`save` wrote.

        :raises HormesisError: nothing there, a damaged file, or directions that point elsewhere.
        """
        settings, tensors = read_artefact(folder, STEM)
        with damage_explained(folder):
            if settings["points_to"] != POINTS_TO:
                raise ValueError(f"it points to {settings['points_to']!r}, not to the {POINTS_TO}")
            return cls(
                tuple(map(str, cast("list[str]", settings["concepts"]))),
                tensors["vectors"],
                tensors["split_half"],
                str(settings["site"]),
                cast(Estimator, settings["estimator"]),
            )


def fit_bank(
    features: NDArray[np.float64], rows: ConceptRows, site: str, estimator: Estimator = "mean-difference", seed: int = 0
) -> tuple[ConceptBank, NDArray[np.float64]]:
    """(the bank, the rows as its estimator maps them: what the measures of overlap take).

    :param features: [N, width], activations of all texts at the site.
    :param seed: of the random halves.
    :raises HormesisError: a direction of length 0.
    """
    transform = estimator_map(features, rows, estimator)
    mapped = features if transform is None else features @ transform
    raw = rows.contrasts @ class_means(mapped, rows).means
    lengths = np.linalg.norm(raw, axis=1, keepdims=True)
    if not (lengths > 0).all():
        dead = [name for name, length in zip(rows.concepts, lengths, strict=True) if not length > 0]
        raise HormesisError(
            f"at site {site} the model makes no difference between texts of {', '.join(dead)} and others",
            "leave out these concepts, or this layer",
        )
    halves = split_half_cosines(mapped, rows, seed=seed)
    vectors, split_half = torch.from_numpy(raw / lengths).float(), torch.from_numpy(halves).float()
    return ConceptBank(rows.concepts, vectors, split_half, site, estimator), mapped
