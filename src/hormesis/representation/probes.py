"""One linear probe a head: how well it tells toxic from non-toxic texts, and on which rows that was measured."""

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
from hormesis.representation.auroc import auroc
from hormesis.representation.capture import HeadActivations
from hormesis.representation.logistic import logistic_regressions
from hormesis.representation.split import PARTS, GroupSplit
from hormesis.reprs import short_repr

STEM = "probes"
ARRAYS = ("weights", "intercepts", "accuracy", "auroc", "test_accuracy", "test_auroc")
CHUNK_BYTES = 4 * 2**20  # of float64 features at a time: what caches hold, and memory is bounded


@short_repr
@dataclass(frozen=True, eq=False)
class HeadProbes:
    """Logistic probes of all heads; a positive score w·z + b says toxic."""

    weights: Tensor
    """w: [layers, heads, head_width], float32."""
    intercepts: Tensor
    """b: [layers, heads], float32."""
    accuracy: Tensor
    """[layers, heads], float32, on validation: heads are ranked by it."""
    auroc: Tensor
    """[layers, heads], float32, on validation."""
    test_accuracy: Tensor
    """[layers, heads], float32, on test; NaN where test is empty. Choose nothing by it."""
    test_auroc: Tensor
    """[layers, heads], float32, on test; NaN where test is empty."""
    split: GroupSplit
    """The rows behind all of these."""
    regularisation: float = 1.0
    """C of the fit."""

    def top(self, count: int) -> tuple[tuple[int, int], ...]:
        """The ``count`` heads of highest validation accuracy, best first; ties by (layer, head).

        :raises HormesisError: there are fewer heads.
        """
        layers, heads = self.accuracy.shape
        if not 1 <= count <= layers * heads:
            raise HormesisError(
                f"{count} heads asked for, and the model has {layers * heads}",
                f"choose between 1 and {layers * heads} heads",
            )
        order = torch.sort(self.accuracy.flatten(), descending=True, stable=True).indices[:count]
        return tuple((int(index) // heads, int(index) % heads) for index in order)

    def save(self, folder: Path) -> None:
        """Write the probes and their split to ``folder`` as safetensors and JSON, whole or not at all."""
        arrays = {name: cast(Tensor, getattr(self, name)) for name in ARRAYS}
        settings: dict[str, Json] = {"regularisation": self.regularisation, "positive": "toxic"}
        write_artefact(folder, STEM, settings, arrays | self.split.tensors())

    @classmethod
    def load(cls, folder: Path) -> HeadProbes:
        """Read what :meth:`save` wrote.

        :raises HormesisError: nothing there, or a damaged file.
        """
        settings, tensors = read_artefact(folder, STEM)
        with damage_explained(folder):
            return cls(
                **{name: tensors[name] for name in ARRAYS},
                split=GroupSplit.from_tensors(tensors),
                regularisation=float(cast(float, settings["regularisation"])),
            )


def fit_probes(
    activations: HeadActivations, labels: NDArray[np.bool_], split: GroupSplit, *, regularisation: float = 1.0
) -> HeadProbes:
    """Fit all heads' probes on the fit rows and measure them on validation and test.

    The objective is that of ``sklearn.linear_model.LogisticRegression(C=regularisation)``; heads are taken in chunks,
    so that memory stays bounded.

    :param labels: [texts], True is toxic.
    :raises HormesisError: labels and activations differ in length, a part lacks a class.
    """
    labels = np.asarray(labels, dtype=bool)
    if len(labels) != len(activations):
        raise HormesisError(
            f"{len(labels)} labels for the activations of {len(activations)} texts",
            "give one label for each text",
        )
    split.check(len(labels))
    for name in PARTS:
        part = labels[split.part(name)]
        if (name != "test" or len(part)) and (part.all() or not part.any()):
            raise HormesisError(
                f"the {name} rows ({len(part)}) are all of one class",
                "give labelled texts of both kinds in every group, or another split seed",
            )
    shape = (activations.layers, activations.heads)
    sites = activations.layers * activations.heads
    values = activations.values.flatten(1, 2)
    rows = {name: torch.from_numpy(split.part(name)) for name in PARTS}
    chunk = max(1, CHUNK_BYTES // (8 * max(1, len(split.fit)) * (activations.head_width + 1)))
    weights = torch.empty(sites, activations.head_width, dtype=torch.float64)
    intercepts = torch.empty(sites, dtype=torch.float64)
    measured = {(name, measure): torch.full((sites,), torch.nan) for name in PARTS for measure in ("accuracy", "auroc")}
    for start in range(0, sites, chunk):
        some = slice(start, min(start + chunk, sites))
        features = values[:, some][rows["fit"]].transpose(0, 1).double()
        weights[some], intercepts[some] = logistic_regressions(
            features, torch.from_numpy(labels[split.fit]), regularisation=regularisation
        )
        for name in ("validation", "test"):
            if len(rows[name]):
                scores = torch.einsum("nsd,sd->ns", values[:, some][rows[name]].double(), weights[some])
                scores += intercepts[some]
                truth = labels[split.part(name)]
                measured[name, "accuracy"][some] = _accuracy(scores.numpy(), truth)
                measured[name, "auroc"][some] = torch.from_numpy(auroc(scores.numpy(), truth)).float()
    return HeadProbes(
        weights.float().view(*shape, -1),
        intercepts.float().view(shape),
        measured["validation", "accuracy"].view(shape),
        measured["validation", "auroc"].view(shape),
        measured["test", "accuracy"].view(shape),
        measured["test", "auroc"].view(shape),
        split,
        regularisation,
    )


def _accuracy(scores: NDArray[np.float64], truth: NDArray[np.bool_]) -> Tensor:
    return torch.from_numpy(((scores > 0) == truth[:, None]).mean(0)).float()
