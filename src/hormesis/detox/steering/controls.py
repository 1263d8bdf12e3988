"""Controls: what is left of an intervention without the knowledge that it claims.

A random direction at the same heads has the same norm, α σ with σ of the intervention that it controls. A control at
other heads is pushed by the same rule, α of those heads' own standard deviations: σ differs widely between the
heads of one model, and the norm of one head breaks a quieter one. So compare these at equal *cost*, not at equal
strength.
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
    """Mass-mean directions at other heads, drawn at random.

    Where the intervention holds more than half of all heads, the draw has to take some of its own.
    """
    found = reference.directions
    sites = [(layer, head) for layer in range(found.layers) for head in range(found.heads_per_layer)]
    drawn = [sites[index] for index in np.random.default_rng(seed).permutation(len(sites))]
    drawn.sort(key=lambda site: site in found.heads)  # stable: heads of its own come last
    directions = mass_mean_directions(activations, labels, split, drawn[: len(found.heads)])
    return InferenceTimeIntervention(directions, "iti-random-heads")


def shuffled_labels(
    reference: InferenceTimeIntervention,
    activations: HeadActivations,
    labels: NDArray[np.bool_],
    split: GroupSplit,
    *,
    seed: int,
    regularisation: float = 1.0,
) -> InferenceTimeIntervention:
    """The whole method (probes, choice of heads, mass-mean directions) on labels shuffled within each part."""
    random = np.random.default_rng(seed)
    shuffled = np.array(labels, dtype=bool)
    for rows in (split.fit, split.validation, split.test):
        shuffled[rows] = random.permutation(shuffled[rows])
    count = len(reference.directions.heads)
    heads = fit_probes(activations, shuffled, split, regularisation=regularisation).top(count)
    directions = mass_mean_directions(activations, shuffled, split, heads)
    return InferenceTimeIntervention(directions, "iti-shuffled-labels")
