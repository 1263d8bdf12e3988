"""LEACE: the least change of head activations after which no linear probe can tell toxic from non-toxic texts.

Belrose et al. 2023 (arXiv 2306.03819, theorem 4.3): z ← z − α W⁺ P W (z − μ), with W = Σ_zz^(−1/2) the whitening of the
activations, P the projection on the column space of W Σ_zy, and μ their mean, all over the fit rows. For one binary
label, Σ_zy is the difference of the class means up to a factor, so that the change has rank one: z ← z − α a bᵀ (z − μ)
with a = W⁺ u and b = W u for the unit vector u ∝ W Σ_zy. α = 1 erases. It acts at the input of the attention output
projection of whole layers (all heads together) and is affine: it composes into the projection's weight and bias, and
bakes exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from hormesis.detox.steering.bake import as_weight, bake_parameters, bias_of, matrix_of, one_strength
from hormesis.detox.steering.edits import Edit
from hormesis.detox.steering.hooked import HookedIntervention
from hormesis.detox.storage import read_intervention, write_intervention
from hormesis.errors import HormesisError
from hormesis.files import Json
from hormesis.representation import Architecture, GroupSplit, HeadActivations, ModelLayout
from hormesis.representation.artefact import damage_explained
from hormesis.reprs import short_repr

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

_RANK_TOLERANCE = 1e-6  # of the largest eigenvalue: what is below counts as no variance at all
_GAP_TOLERANCE = 1e-4
"""Of a feature's standard deviation: how far apart the class means of erased rows may lie, which the theorem says are
equal."""


def erase(hidden: Tensor, strengths: Tensor, into: Tensor, along: Tensor, offset: Tensor) -> Tensor:
    """z − strength · (bᵀz − bᵀμ) a, with a = ``into`` and b = ``along`` [width], bᵀμ = ``offset`` []."""
    amount = torch.matmul(hidden, along).unsqueeze(-1) - offset
    return torch.addcmul(hidden, strengths * amount, into, value=-1)


@short_repr
@dataclass(frozen=True, eq=False)
class ConceptErasure(HookedIntervention):
    """A rank-one erasure at the attention of some layers.

    :raises HormesisError: shapes that do not fit each other.
    """

    layers_erased: tuple[int, ...]
    """Which layers; K of them."""
    into: Tensor
    """a: [K, heads · head_width], float32."""
    along: Tensor
    """b: [K, heads · head_width], float32."""
    offsets: Tensor
    """bᵀμ: [K], float32."""
    layers: int
    """Layers of the model it belongs to."""
    module_names: Architecture | None = None
    """The model's module names."""
    name = "leace"

    def __post_init__(self) -> None:
        count = len(self.layers_erased)
        fits = self.into.ndim == 2 and self.into.shape == self.along.shape and self.offsets.shape == (count,)
        if not fits or count == 0 or len(self.into) != count:
            raise HormesisError(
                f"an erasure of {count} layers has vectors {tuple(self.into.shape)} and {tuple(self.along.shape)}",
                "fit it with fit_leace",
            )

    @property
    def architecture(self) -> Architecture | None:
        """The module names of the model that it was fitted on."""
        return self.module_names

    @property
    def made_for(self) -> tuple[int, ...]:
        """Layers and attention width of that model."""
        return (self.layers, self.into.shape[1])

    def shape_of(self, layout: ModelLayout) -> tuple[int, ...]:
        """Layers and attention width."""
        return (layout.layers, layout.heads * layout.head_width)

    def edits(self, layout: ModelLayout) -> Sequence[Edit]:
        """The erasure at the input of the output projection of each erased layer."""
        vectors = zip(self.into, self.along, self.offsets, strict=True)
        return [
            Edit(layout.output_projections[layer], "input", erase, tensors, exact=True)
            for layer, tensors in zip(self.layers_erased, vectors, strict=True)
        ]

    def bake(
        self,
        model: PreTrainedModel,
        strength: float,
        folder: Path,
        *,
        tokenizer: PreTrainedTokenizerBase | None = None,
    ) -> Path:
        """W ← W (I − α a bᵀ), bias ← bias + α (bᵀμ) W a; see :func:`bake_parameters`, also for what it refuses."""
        layout, strength = self.layout(model), one_strength(strength)
        parameters: dict[str, Tensor] = {}
        for k, layer in enumerate(self.layers_erased):
            name, module = layout.architecture.projection.format(layer=layer), layout.output_projections[layer]
            matrix = matrix_of(module, name)
            moved = matrix @ self.into[k].to(matrix)
            erased = matrix - strength * torch.outer(moved, self.along[k].to(matrix))
            bias = bias_of(module, matrix) + strength * float(self.offsets[k]) * moved
            parameters[f"{name}.weight"] = weight = as_weight(module, erased)
            parameters[f"{name}.bias"] = bias.to(weight.dtype)
        return bake_parameters(model, parameters, self, strength, folder, tokenizer=tokenizer)

    def save(self, folder: Path) -> None:
        """Write the erasure to ``folder``."""
        settings: dict[str, Json] = {
            "layers_erased": list(self.layers_erased),
            "layers": self.layers,
            "architecture": self.module_names.to_json() if self.module_names else None,
        }
        tensors = {"into": self.into, "along": self.along, "offsets": self.offsets}
        write_intervention(folder, self, settings, tensors)

    @classmethod
    def load(cls, folder: Path) -> ConceptErasure:
        """Read what :meth:`save` wrote.

        :raises HormesisError: no such artefact there, or a damaged one.
        """
        stored = read_intervention(folder, cls)
        with damage_explained(folder):
            return cls(
                tuple(cast("list[int]", stored.settings["layers_erased"])),
                stored.tensors["into"],
                stored.tensors["along"],
                stored.tensors["offsets"],
                int(cast(int, stored.settings["layers"])),
                Architecture.from_json(stored.settings["architecture"]),
            )


def fit_leace(
    activations: HeadActivations,
    labels: NDArray[np.bool_],
    split: GroupSplit,
    layers: Sequence[int] | None = None,
) -> ConceptErasure:
    """Fit the erasure of ``layers`` (all of them by default) on the fit rows, one layer in memory at a time.

    :param labels: [texts], True is toxic.
    The theorem is checked on the fit rows. Where their classes have the same means already, nothing is changed.

    :raises HormesisError: a class is missing among the fit rows; activations that are not finite; an erasure that
        leaves a difference between the class means.
    """
    split.check(len(activations))
    toxic = torch.from_numpy(np.asarray(labels, dtype=bool)[split.fit])
    if bool(toxic.all()) or not bool(toxic.any()):
        raise HormesisError(
            f"all {len(toxic)} fit rows are of one class",
            "give labelled texts of both kinds in every group, or another split seed",
        )
    chosen = tuple(range(activations.layers)) if layers is None else tuple(layers)
    rows = torch.from_numpy(split.fit)
    fitted = [_erasure(activations.values[rows, layer].flatten(1).double(), toxic) for layer in chosen]
    into, along, offsets = (torch.stack(parts).float() for parts in zip(*fitted, strict=True))
    return ConceptErasure(chosen, into, along, offsets, activations.layers, activations.architecture)


def _erasure(rows: Tensor, toxic: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """a, b [width] and bᵀμ []: the rank-one eraser of one layer.

    Directions of little variance are noise of the arithmetic, or features of a small scale. As the first is usual, it
    is tried first; where classes still differ after it, every feature is brought to the same scale: the eraser of
    scaled rows, scaled back, is that of the rows, for a bᵀ = δ (Σ⁺δ)ᵀ / δᵀΣ⁺δ with δ = Σ_zy does not depend on it.
    """
    mean, spread = rows.mean(0), rows.std(0, correction=0)
    if not bool(torch.isfinite(spread).all()):
        raise HormesisError("activations to erase from are not finite", "load the model in float32 or bfloat16")
    varies = spread > torch.finfo(torch.float32).eps * mean.abs()  # else it is constant up to rounding
    scales, gap = torch.where(varies, spread, 1.0), rows[toxic].mean(0) - rows[~toxic].mean(0)
    left = gap[varies] / spread[varies]
    if not left.numel() or float(left.abs().max()) <= torch.finfo(torch.float32).eps:
        return torch.zeros_like(mean), torch.zeros_like(mean), mean.new_zeros(())
    for scale, tolerance in ((torch.ones_like(spread), _RANK_TOLERANCE), (scales, _RANK_TOLERANCE**2)):
        into, along = _rank_one((rows - mean) / scale * varies, toxic, tolerance)
        into, along = into * scale, along / scale
        left = ((gap - into * (along @ gap)) / scales)[varies]
        if bool(torch.isfinite(left).all()) and float(left.abs().max()) <= _GAP_TOLERANCE:
            return into, along, along @ mean
    raise HormesisError(
        f"after the erasure a feature's class means lie {float(left.abs().max()):.2g} of its standard deviation apart:"
        " the activations are too badly scaled for double precision",
        "leave that layer out, or load the model in float32",
    )


def _rank_one(centred: Tensor, toxic: Tensor, tolerance: float) -> tuple[Tensor, Tensor]:
    """a and b [width] from centred rows; directions below ``tolerance`` of the largest variance are left out."""
    values, vectors = torch.linalg.eigh(centred.T @ centred / len(centred))
    kept = values > tolerance * values[-1]
    values, vectors = values[kept], vectors[:, kept]
    label = toxic.double() - toxic.double().mean()
    covariance = centred.T @ label / len(centred)
    whitened = vectors.T @ covariance / values.sqrt()
    unit = whitened / torch.linalg.vector_norm(whitened)
    return vectors @ (unit * values.sqrt()), vectors @ (unit / values.sqrt())
