"""The methods by name: how each is made from what is known of a model, and how it is loaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from hormesis.detox.ablation import DirectionalAblation, random_ablation
from hormesis.detox.controls import random_direction, random_heads, shuffled_labels
from hormesis.detox.evidence import Evidence
from hormesis.detox.gated import GatedIntervention
from hormesis.detox.intervention import Intervention
from hormesis.detox.iti import InferenceTimeIntervention
from hormesis.detox.leace import ConceptErasure, fit_leace
from hormesis.detox.prompting import Prompting, few_shot
from hormesis.detox.residual import ResidualAddition, random_residual
from hormesis.detox.storage import read_intervention
from hormesis.detox.unsteered import Unsteered

Need = Literal["nothing", "labelled texts", "pairs"]


@dataclass(frozen=True)
class Method:
    """One way to detoxify a trained model."""

    name: str
    """As in measurements."""
    summary: str
    """What it does, in a line."""
    source: str
    """Where it comes from."""
    needs: Need
    """What it is fitted on."""
    fit: Callable[[Evidence], Intervention]
    """Make it for a model."""
    load: Callable[[Path], Intervention]
    """Read it back."""
    strengths: tuple[float, ...] = ()
    """Strengths to begin with, weak to strong; empty where strength has no meaning, so that one measurement says
    all."""
    control: bool = False
    """Whether it is there to be compared with: it claims nothing."""

    @property
    def uses_strength(self) -> bool:
        """Whether its strength means anything."""
        return bool(self.strengths)


def _random_heads(known: Evidence) -> Intervention:
    return random_heads(known.iti, known.activations, known.labels, known.probes.split, seed=known.seed)


def _shuffled_labels(known: Evidence) -> Intervention:
    return shuffled_labels(
        known.iti,
        known.activations,
        known.labels,
        known.probes.split,
        seed=known.seed,
        regularisation=known.probes.regularisation,
    )


_PAPER = "Li et al. 2025, arXiv 2505.04741"
_ITI = "Li et al. 2023, arXiv 2306.03341"
_CAA = "Rimsky et al. 2023, arXiv 2312.06681"
_ABLATION = "Arditi et al. 2024, arXiv 2406.11717"
_ITI_STRENGTHS = (4.0, 8.0, 12.0, 24.0)
_SHIFTS = (0.5, 1.0, 2.0, 4.0)
_FRACTIONS = (0.25, 0.5, 0.75, 1.0)

METHODS: Mapping[str, Method] = MappingProxyType(
    {
        method.name: method
        for method in (
            Method("base", "the model itself", "", "nothing", lambda _: Unsteered(), Unsteered.load),
            Method(
                "prompting", "a prefix that asks for decency", _PAPER, "nothing", lambda _: Prompting(), Prompting.load
            ),
            Method(
                "few-shot",
                "civil texts before the prompt",
                "Brown et al. 2020, arXiv 2005.14165",
                "labelled texts",
                lambda known: few_shot(known.civil_examples, seed=known.seed),
                Prompting.load,
            ),
            Method(
                "iti",
                "shift of the most telling heads from toxic to non-toxic",
                _ITI,
                "labelled texts",
                lambda known: known.iti,
                InferenceTimeIntervention.load,
                _ITI_STRENGTHS,
            ),
            Method(
                "gated",
                "ITI where a head's probe fires, and nowhere else",
                f"{_ITI}; Lee et al. 2024, arXiv 2409.05907",
                "labelled texts",
                lambda known: GatedIntervention.of(known.iti.directions, known.probes),
                GatedIntervention.load,
                _ITI_STRENGTHS,
            ),
            Method(
                "caa",
                "shift of the residual stream by differences of means",
                _CAA,
                "labelled texts",
                lambda known: ResidualAddition(known.mean_difference),
                ResidualAddition.load,
                _SHIFTS,
            ),
            Method(
                "pca",
                "shift of the residual stream along the first principal component of differences",
                "Zou et al. 2023, arXiv 2310.01405",
                "labelled texts",
                lambda known: ResidualAddition(known.principal, "pca"),
                ResidualAddition.load,
                _SHIFTS,
            ),
            Method(
                "ablation",
                "removal of the difference of means from all that is written to the residual stream",
                _ABLATION,
                "labelled texts",
                lambda known: DirectionalAblation(known.mean_difference),
                DirectionalAblation.load,
                _FRACTIONS,
            ),
            Method(
                "leace",
                "least-squares erasure of the concept from the attention's output",
                "Belrose et al. 2023, arXiv 2306.03819",
                "labelled texts",
                lambda known: fit_leace(known.activations, known.labels, known.probes.split),
                ConceptErasure.load,
                _FRACTIONS,
            ),
            Method(
                "iti-random-direction",
                "ITI's heads and norms, random directions",
                _ITI,
                "labelled texts",
                lambda known: random_direction(known.iti, seed=known.seed),
                InferenceTimeIntervention.load,
                _ITI_STRENGTHS,
                control=True,
            ),
            Method(
                "iti-random-heads",
                "ITI of equal norm at heads drawn at random",
                _ITI,
                "labelled texts",
                _random_heads,
                InferenceTimeIntervention.load,
                _ITI_STRENGTHS,
                control=True,
            ),
            Method(
                "iti-shuffled-labels",
                "ITI of equal norm from shuffled labels",
                _ITI,
                "labelled texts",
                _shuffled_labels,
                InferenceTimeIntervention.load,
                _ITI_STRENGTHS,
                control=True,
            ),
            Method(
                "caa-random-direction",
                "CAA's layer and norm, a random direction",
                _CAA,
                "labelled texts",
                lambda known: random_residual(ResidualAddition(known.mean_difference), seed=known.seed),
                ResidualAddition.load,
                _SHIFTS,
                control=True,
            ),
            Method(
                "ablation-random-direction",
                "removal of a random direction",
                _ABLATION,
                "labelled texts",
                lambda known: random_ablation(DirectionalAblation(known.mean_difference), seed=known.seed),
                DirectionalAblation.load,
                _FRACTIONS,
                control=True,
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
