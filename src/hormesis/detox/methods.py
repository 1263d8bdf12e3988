"""The methods by name: how each is made from what is known of a model, and how it is loaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hormesis.detox.controls import random_direction, random_heads, shuffled_labels
from hormesis.detox.intervention import Intervention
from hormesis.detox.iti import InferenceTimeIntervention
from hormesis.detox.prompting import Prompting
from hormesis.detox.storage import read_intervention
from hormesis.detox.unsteered import Unsteered
from hormesis.representation import (
    Directions,
    HeadActivations,
    HeadProbes,
    mass_mean_directions,
    probe_weight_directions,
    random_directions,
)

DirectionKind = Literal["mass-mean", "probe-weight", "random"]


@dataclass(frozen=True, eq=False)
class Evidence:
    """What methods are made from: everything that was found out about the concept in one model."""

    activations: HeadActivations
    """z of every head at the last token of each labelled text."""
    labels: NDArray[np.bool_]
    """[texts], True is toxic."""
    probes: HeadProbes
    """One a head, with the split."""
    heads: int
    """How many heads are edited: K."""
    seed: int = 0
    """Of the controls' draws."""
    direction: DirectionKind = "mass-mean"
    """Which direction ITI takes."""

    @cached_property
    def iti(self) -> InferenceTimeIntervention:
        """ITI at the K best heads, which its controls refer to."""
        return InferenceTimeIntervention(self._directions())

    def _directions(self) -> Directions:
        best = self.probes.top(self.heads)
        if self.direction == "probe-weight":
            return probe_weight_directions(self.activations, self.probes, best)
        if self.direction == "random":
            return random_directions(self.activations, self.probes.split, best, seed=self.seed)
        return mass_mean_directions(self.activations, self.labels, self.probes.split, best)


@dataclass(frozen=True)
class Method:
    """One way to detoxify."""

    name: str
    """As in measurements."""
    summary: str
    """What it does, in a line."""
    source: str
    """Where it comes from."""
    fit: Callable[[Evidence], Intervention]
    """Make it for a model."""
    load: Callable[[Path], Intervention]
    """Read it back."""
    uses_strength: bool = True
    """False where strength has no meaning, so that one measurement says all."""


def _random_heads(evidence: Evidence) -> Intervention:
    known = evidence
    return random_heads(known.iti, known.activations, known.labels, known.probes.split, seed=known.seed)


def _shuffled_labels(evidence: Evidence) -> Intervention:
    known = evidence
    return shuffled_labels(
        known.iti,
        known.activations,
        known.labels,
        known.probes.split,
        seed=known.seed,
        regularisation=known.probes.regularisation,
    )


_ITI_SOURCE = "Li et al. 2023, arXiv 2306.03341"
_CONTROL = "control of equal norm"

METHODS: Mapping[str, Method] = MappingProxyType(
    {
        method.name: method
        for method in (
            Method("base", "the model itself", "", lambda _: Unsteered(), Unsteered.load, uses_strength=False),
            Method(
                "prompting",
                "a prefix that asks for decency",
                "arXiv 2505.04741",
                lambda _: Prompting(),
                Prompting.load,
                uses_strength=False,
            ),
            Method(
                "iti",
                "shift of the most telling heads from toxic to non-toxic",
                _ITI_SOURCE,
                lambda evidence: evidence.iti,
                InferenceTimeIntervention.load,
            ),
            Method(
                "iti-random-direction",
                "ITI's heads, random directions",
                _CONTROL,
                lambda evidence: random_direction(evidence.iti, seed=evidence.seed),
                InferenceTimeIntervention.load,
            ),
            Method(
                "iti-random-heads",
                "ITI at heads drawn at random",
                _CONTROL,
                _random_heads,
                InferenceTimeIntervention.load,
            ),
            Method(
                "iti-shuffled-labels",
                "ITI from shuffled labels",
                _CONTROL,
                _shuffled_labels,
                InferenceTimeIntervention.load,
            ),
        )
    }
)
"""Every method, by name."""


def load_intervention(folder: Path) -> Intervention:
    """Read the intervention that any method saved in ``folder``.

    :raises HormesisError: nothing there, an unknown method, or a damaged file.
    """
    return METHODS[read_intervention(folder, tuple(METHODS)).name].load(folder)
