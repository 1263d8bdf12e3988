"""Directions in head space from toxic to non-toxic, with the spread of the activations along them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from hormesis.errors import HormesisError
from hormesis.files import Json
from hormesis.models.architecture import Architecture
from hormesis.representation.capture import HeadActivations
from hormesis.representation.probes import HeadProbes
from hormesis.representation.split import GroupSplit
from hormesis.reprs import short_repr

DirectionKind = Literal["mass-mean", "probe-weight"]
Site = tuple[int, int]
"""(layer, head)."""

POINTS_TO = "non-toxic"


@short_repr
@dataclass(frozen=True, eq=False)
class Directions:
    """Unit vectors θ at K heads, each pointing **from toxic to non-toxic**: adding σ θ detoxifies.

    :raises HormesisError: shapes that do not fit, vectors that are not of unit length, a head twice or out of range.
    """

    heads: tuple[Site, ...]
    """(layer, head) of each vector; K of them."""
    vectors: Tensor
    """[K, head_width], float32, unit length."""
    scales: Tensor
    """[K], float32: σ = standard deviation (ddof 0) of θ·z over the fit rows; of random directions, the σ of those that
    they are compared with, so that both push equally hard."""
    kind: str
    """``"mass-mean"``, ``"probe-weight"`` or ``"random"``."""
    layers: int
    """Layers of the model they belong to."""
    heads_per_layer: int
    """Heads of one layer of that model."""
    architecture: Architecture | None = None
    """The model's module names."""
    split: GroupSplit | None = None
    """The split whose fit rows they were estimated on."""

    def __post_init__(self) -> None:
        count = len(self.heads)
        if self.vectors.ndim != 2 or len(self.vectors) != count or self.scales.shape != (count,):
            raise HormesisError(
                f"directions of {count} heads have vectors {tuple(self.vectors.shape)}"
                f" and scales {tuple(self.scales.shape)}",
                "give one vector [head_width] and one scale for each head",
            )
        outside = [
            site for site in self.heads if not (0 <= site[0] < self.layers and 0 <= site[1] < self.heads_per_layer)
        ]
        if outside or len(set(self.heads)) != count:
            raise HormesisError(
                f"heads {outside or list(self.heads)} are out of range or given twice"
                f" ({self.layers} layers × {self.heads_per_layer} heads)",
                "name each (layer, head) once, counting from 0",
            )
        if not torch.isfinite(self.scales).all() or not bool(
            (torch.linalg.vector_norm(self.vectors, dim=1) - 1).abs().le(1e-4).all()
        ):
            raise HormesisError(
                "directions are not unit vectors with finite scales",
                "drop heads whose activations do not vary between toxic and non-toxic texts",
            )

    @property
    def head_width(self) -> int:
        """The number of features of a head."""
        return int(self.vectors.shape[1])

    def settings(self) -> dict[str, Json]:
        """Everything that is not an array, as JSON."""
        return {
            "heads": [list(site) for site in self.heads],
            "kind": self.kind,
            "points_to": POINTS_TO,
            "layers": self.layers,
            "heads_per_layer": self.heads_per_layer,
            "architecture": self.architecture.to_json() if self.architecture else None,
        }

    def tensors(self) -> dict[str, Tensor]:
        """The arrays, the split among them."""
        arrays = {"vectors": self.vectors, "scales": self.scales}
        return arrays | (self.split.tensors() if self.split else {})

    @classmethod
    def from_artefact(cls, settings: Mapping[str, Json], tensors: Mapping[str, Tensor]) -> Directions:
        """The directions that :meth:`settings` and :meth:`tensors` describe.

        :raises HormesisError: they point elsewhere than to non-toxic.
        :raises KeyError, TypeError, ValueError: something is missing or of another type.
        """
        if settings["points_to"] != POINTS_TO:
            raise HormesisError(
                f"these directions point to {settings['points_to']!r}, not to {POINTS_TO!r}",
                "negate the vectors and say so in the file, or fit the directions here",
            )
        heads = cast("list[list[int]]", settings["heads"])
        return cls(
            tuple((int(layer), int(head)) for layer, head in heads),
            tensors["vectors"],
            tensors["scales"],
            str(settings["kind"]),
            int(cast(int, settings["layers"])),
            int(cast(int, settings["heads_per_layer"])),
            Architecture.from_json(settings["architecture"]),
            GroupSplit.from_tensors(tensors) if "split.fit" in tensors else None,
        )


def mass_mean_directions(
    activations: HeadActivations, labels: NDArray[np.bool_], split: GroupSplit, heads: Sequence[Site]
) -> Directions:
    """θ ∝ mean(z | non-toxic) − mean(z | toxic), on the fit rows (Li et al. 2023, arXiv 2306.03341, section 3.2).

    :param labels: [texts], True is toxic.
    :raises HormesisError: a class is missing among the fit rows, or its means coincide.
    """
    fit = _fit_rows(activations, split, heads)
    toxic = torch.from_numpy(_fit_labels(labels, split))
    difference = fit[~toxic].mean(0) - fit[toxic].mean(0)
    return _directions(difference, fit, heads, "mass-mean", activations, split)


def probe_weight_directions(activations: HeadActivations, probes: HeadProbes, heads: Sequence[Site]) -> Directions:
    """θ ∝ − the probe's weight (a probe's score rises with toxicity), on the probes' own split."""
    index = torch.tensor(heads, dtype=torch.long).reshape(-1, 2)
    weights = probes.weights[index[:, 0], index[:, 1]].double()
    fit = _fit_rows(activations, probes.split, heads)
    return _directions(-weights, fit, heads, "probe-weight", activations, probes.split)


def supervised_directions(
    kind: DirectionKind,
    activations: HeadActivations,
    labels: NDArray[np.bool_],
    probes: HeadProbes,
    heads: Sequence[Site],
) -> Directions:
    """Directions of one kind on the probes' split; ``labels`` are those that the probes were fitted on."""
    if kind == "probe-weight":
        return probe_weight_directions(activations, probes, heads)
    return mass_mean_directions(activations, labels, probes.split, heads)


def random_vectors(count: int, width: int, seed: int) -> Tensor:
    """[count, width] float64 unit vectors, uniform on the sphere."""
    drawn = torch.from_numpy(np.random.default_rng(seed).standard_normal((count, width)))
    unit: Tensor = drawn / torch.linalg.vector_norm(drawn, dim=1, keepdim=True)
    return unit


def _fit_rows(activations: HeadActivations, split: GroupSplit, heads: Sequence[Site]) -> Tensor:
    """[fit rows, K, head_width], float64: only the chosen heads are copied."""
    split.check(len(activations))
    rows = torch.from_numpy(split.fit)
    columns = [activations.values[rows, layer, head] for layer, head in heads]
    if not columns:
        raise HormesisError("no head is chosen", "choose at least one head, e.g. probes.top(30)")
    return torch.stack(columns, dim=1).double()


def _fit_labels(labels: NDArray[np.bool_], split: GroupSplit) -> NDArray[np.bool_]:
    fit = np.asarray(labels, dtype=bool)[split.fit]
    if fit.all() or not fit.any():
        raise HormesisError(
            f"all {len(fit)} fit rows are {'toxic' if fit.any() else 'non-toxic'}",
            "give labelled texts of both kinds in every group, or another split seed",
        )
    return fit


def _directions(
    raw: Tensor,
    fit: Tensor,
    heads: Sequence[Site],
    kind: str,
    activations: HeadActivations,
    split: GroupSplit,
) -> Directions:
    norms = torch.linalg.vector_norm(raw, dim=1, keepdim=True)
    sizes = fit.abs().amax((0, 2)).clamp(min=torch.finfo(torch.float32).tiny)
    nothing = norms[:, 0] * (1 / sizes if kind == "mass-mean" else sizes) <= 1e-12  # no more than rounding
    if bool(nothing.any()):
        dead = [site for site, zero in zip(heads, nothing, strict=True) if zero]
        raise HormesisError(
            f"the {kind} direction of heads {dead} is zero: they do not tell toxic from non-toxic texts",
            "choose fewer heads",
        )
    vectors = raw / norms
    scales = torch.einsum("nkd,kd->nk", fit, vectors).std(0, correction=0)
    return Directions(
        tuple((int(layer), int(head)) for layer, head in heads),
        vectors.float(),
        scales.float(),
        kind,
        activations.layers,
        activations.heads,
        activations.architecture,
        split,
    )
