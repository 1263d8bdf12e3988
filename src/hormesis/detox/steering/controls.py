"""Controls of equal norm: what a push of the same size does without the knowledge that the intervention claims.

Each has the heads' σ of the intervention that it controls, so that α σ, the norm of its displacement at each of K
heads, is the same; only where it points, which heads it pushes, or what the labels meant, differs.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hormesis.detox.steering.iti import InferenceTimeIntervention
from hormesis.representation import (
    GroupSplit,
    HeadActivations,
    fit_probes,
    mass_mean_directions,
)
from hormesis.representation.directions import random_vectors


def random_direction(reference: InferenceTimeIntervention, *, seed: int) -> InferenceTimeIntervention:
    """The same heads and norms, uniformly random directions."""
    found = reference.directions
    vectors = random_vectors(len(found.heads), found.head_width, seed).float()
    return InferenceTimeIntervention(replace(found, vectors=vectors, kind="random"), "iti-random-direction")


def random_heads(
    reference: InferenceTimeIntervention,
    activations: HeadActivations,
    labels: NDArray[np.bool_],
    split: GroupSplit,
    *,
    seed: int,
) -> InferenceTimeIntervention:
    """Mass-mean directions with the same norms at other heads, drawn at random.

    Where the intervention holds more than half of all heads, the draw has to take some of its own.
    """
    found = reference.directions
    sites = [(layer, head) for layer in range(found.layers) for head in range(found.heads_per_layer)]
    drawn = [sites[index] for index in np.random.default_rng(seed).permutation(len(sites))]
    drawn.sort(key=lambda site: site in found.heads)  # stable: heads of its own come last
    directions = mass_mean_directions(activations, labels, split, drawn[: len(found.heads)])
    return InferenceTimeIntervention(replace(directions, scales=found.scales), "iti-random-heads")


def shuffled_labels(
    reference: InferenceTimeIntervention,
    activations: HeadActivations,
    labels: NDArray[np.bool_],
    split: GroupSplit,
    *,
    seed: int,
    regularisation: float = 1.0,
) -> InferenceTimeIntervention:
    """The whole method (probes, choice of heads, mass-mean directions) on labels shuffled within each part, same
    norms."""
    random = np.random.default_rng(seed)
    shuffled = np.array(labels, dtype=bool)
    for rows in (split.fit, split.validation, split.test):
        shuffled[rows] = random.permutation(shuffled[rows])
    found = reference.directions
    heads = fit_probes(activations, shuffled, split, regularisation=regularisation).top(len(found.heads))
    directions = mass_mean_directions(activations, shuffled, split, heads)
    return InferenceTimeIntervention(replace(directions, scales=found.scales), "iti-shuffled-labels")
