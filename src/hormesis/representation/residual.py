"""Directions in the residual stream from toxic to non-toxic: one vector, found at one layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from hormesis.errors import HormesisError
from hormesis.files import Json
from hormesis.models.architecture import Architecture
from hormesis.representation.capture import ResidualActivations
from hormesis.representation.directions import POINTS_TO
from hormesis.representation.probes import HeadProbes, fit_probes
from hormesis.representation.split import GroupSplit
from hormesis.reprs import short_repr


@short_repr
@dataclass(frozen=True, eq=False)
class ResidualDirection:
    """A unit vector θ of the residual stream that points **from toxic to non-toxic**, and the length of a step on it.

    :raises HormesisError: a vector that is not of unit length, a scale that is not finite, a layer out of range.
    """

    layer: int
    """The layer after which it was found."""
    vector: Tensor
    """[width], float32, unit length."""
    scale: float
    """The length of strength 1, in units of the activations: what it measures is the kind's own affair."""
    kind: str
    """``"mean-difference"``, ``"principal"`` or ``"random"``."""
    layers: int
    """Layers of the model that it belongs to."""
    architecture: Architecture | None = None
    """The model's module names."""
    split: GroupSplit | None = None
    """The split whose fit rows it was estimated on."""

    def __post_init__(self) -> None:
        length = float(torch.linalg.vector_norm(self.vector))
        if self.vector.ndim != 1 or not abs(length - 1) <= 1e-4 or not np.isfinite(self.scale):
            raise HormesisError(
                f"a residual direction {tuple(self.vector.shape)} of length {length:.3g} and scale {self.scale:.3g}"
                " is no unit vector with a finite scale",
                "choose another layer: at this one toxic and non-toxic texts look alike",
            )
        if not 0 <= self.layer < self.layers:
            raise HormesisError(
                f"layer {self.layer} of a model with {self.layers} layers", f"choose one of 0 … {self.layers - 1}"
            )

    @property
    def width(self) -> int:
        """The number of features of the stream."""
        return len(self.vector)

    def settings(self) -> dict[str, Json]:
        """Everything that is not an array, as JSON."""
        return {
            "layer": self.layer,
            "scale": self.scale,
            "kind": self.kind,
            "points_to": POINTS_TO,
            "layers": self.layers,
            "architecture": self.architecture.to_json() if self.architecture else None,
        }

    def tensors(self) -> dict[str, Tensor]:
        """The arrays, the split among them."""
        return {"vector": self.vector} | (self.split.tensors() if self.split else {})

    @classmethod
    def from_artefact(cls, settings: Mapping[str, Json], tensors: Mapping[str, Tensor]) -> ResidualDirection:
        """What :meth:`settings` and :meth:`tensors` describe.

        :raises KeyError, TypeError, ValueError: something is missing, of another type, or points elsewhere.
        """
        if settings["points_to"] != POINTS_TO:
            raise ValueError(f"it points to {settings['points_to']!r}, not to {POINTS_TO!r}")
        return cls(
            int(cast(int, settings["layer"])),
            tensors["vector"],
            float(cast(float, settings["scale"])),
            str(settings["kind"]),
            int(cast(int, settings["layers"])),
            Architecture.from_json(settings["architecture"]),
            GroupSplit.from_tensors(tensors) if "split.fit" in tensors else None,
        )


def probe_layers(residual: ResidualActivations, labels: NDArray[np.bool_], split: GroupSplit) -> HeadProbes:
    """One logistic probe a layer on the residual stream: :func:`fit_probes` with each layer as one wide head.

    ``probes.top(1)[0][0]`` is the layer of highest validation accuracy.
    """
    return fit_probes(residual.as_heads(), labels, split)


def mean_difference(
    residual: ResidualActivations, labels: NDArray[np.bool_], split: GroupSplit, layer: int
) -> ResidualDirection:
    """mean(h | non-toxic) − mean(h | toxic) over the fit rows; the scale is its length (arXiv 2312.06681, eq. 1).

    :param labels: [texts], True is toxic.
    :raises HormesisError: a class is missing among the fit rows, or the means coincide.
    """
    fit, toxic = _fit_rows(residual, labels, split, layer)
    difference = fit[~toxic].mean(0) - fit[toxic].mean(0)
    length = torch.linalg.vector_norm(difference)
    _differ(float(length), fit, layer)
    return _direction(difference, float(length), "mean-difference", residual, split, layer)


def principal_direction(
    residual: ResidualActivations, labels: NDArray[np.bool_], split: GroupSplit, layer: int, *, seed: int = 0
) -> ResidualDirection:
    """First principal component of differences between random (non-toxic, toxic) pairs (arXiv 2310.01405, §3.1).

    The differences are not centred, for their mean is what is looked for. The labels give the sign. The scale is the
    standard deviation of the fit rows along it.

    :raises HormesisError: a class is missing among the fit rows, or the paired rows are equal.
    """
    fit, toxic = _fit_rows(residual, labels, split, layer)
    random = np.random.default_rng(seed)
    pairs = int(min(toxic.sum(), (~toxic).sum()))
    clean_rows, toxic_rows = (
        torch.from_numpy(random.permutation(np.flatnonzero(members.numpy()))[:pairs]) for members in (~toxic, toxic)
    )
    differences = fit[clean_rows] - fit[toxic_rows]
    _differ(float(differences.abs().max()), fit, layer)
    vector = torch.linalg.svd(differences, full_matrices=False).Vh[0]
    if float(vector @ differences.mean(0)) < 0:
        vector = -vector
    return _direction(vector, float((fit @ vector).std(correction=0)), "principal", residual, split, layer)


def _fit_rows(
    residual: ResidualActivations, labels: NDArray[np.bool_], split: GroupSplit, layer: int
) -> tuple[Tensor, Tensor]:
    """float64 [fit rows, width], and which of them are toxic."""
    split.check(len(residual))
    if not 0 <= layer < residual.layers:
        raise HormesisError(f"layer {layer} of a model with {residual.layers} layers", "count layers from 0")
    toxic = torch.from_numpy(np.asarray(labels, dtype=bool)[split.fit])
    if bool(toxic.all()) or not bool(toxic.any()):
        raise HormesisError(
            f"all {len(toxic)} fit rows are of one class",
            "give labelled texts of both kinds in every group, or another split seed",
        )
    return residual.values[torch.from_numpy(split.fit), layer].double(), toxic


def _differ(difference: float, fit: Tensor, layer: int) -> None:
    """:raises HormesisError: a difference is nothing but rounding: it has no direction."""
    if not difference > 1e-12 * float(fit.abs().max()):
        raise HormesisError(
            f"toxic and non-toxic texts look alike at layer {layer}: there is no direction between them",
            "choose another layer, or check the labels",
        )


def _direction(
    raw: Tensor, scale: float, kind: str, residual: ResidualActivations, split: GroupSplit, layer: int
) -> ResidualDirection:
    vector = (raw / torch.linalg.vector_norm(raw)).float()
    return ResidualDirection(layer, vector, scale, kind, residual.layers, residual.architecture, split)
