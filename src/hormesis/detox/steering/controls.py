"""Controls: what is left of an intervention without the knowledge that it claims.

A random direction at the same heads has the same norm, α σ with σ of the intervention that it controls. A control at
other heads is pushed by the same rule, α of those heads' own standard deviations: σ differs widely between the
heads of one model, and the norm of one head breaks a quieter one. So compare these at equal *cost*, not at equal
strength.
"""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from hormesis.detox.steering.iti import InferenceTimeIntervention
from hormesis.representation import (
    DirectionKind,
    GroupSplit,
    HeadActivations,
    HeadProbes,
    fit_probes,
    supervised_directions,
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
    probes: HeadProbes,
    *,
    seed: int,
) -> InferenceTimeIntervention:
    """Directions of the reference's kind at other heads, drawn at random.

    Where the intervention holds more than half of all heads, the draw has to take some of its own.
    """
    found = reference.directions
    sites = [(layer, head) for layer in range(found.layers) for head in range(found.heads_per_layer)]
    drawn = [sites[index] for index in np.random.default_rng(seed).permutation(len(sites))]
    drawn.sort(key=lambda site: site in found.heads)  # stable: heads of its own come last
    kind = cast(DirectionKind, found.kind)
    directions = supervised_directions(kind, activations, labels, probes, drawn[: len(found.heads)])
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
    """The whole method (probes, choice of heads, directions of its kind) on labels shuffled within each part."""
    random = np.random.default_rng(seed)
    shuffled = np.array(labels, dtype=bool)
    for rows in (split.fit, split.validation, split.test):
        shuffled[rows] = random.permutation(shuffled[rows])
    found = reference.directions
    probes = fit_probes(activations, shuffled, split, regularisation=regularisation)
    kind, heads = cast(DirectionKind, found.kind), probes.top(len(found.heads))
    directions = supervised_directions(kind, activations, shuffled, probes, heads)
    return InferenceTimeIntervention(directions, "iti-shuffled-labels")
