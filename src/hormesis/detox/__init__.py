"""The detox room: ways to make a trained model less toxic, behind one protocol.

An :class:`Intervention` is applied for a while: within ``with intervention.apply(model, strength):`` every forward pass
is steered; outside, the model is untouched. Positive strength detoxifies, 0 is the model itself, and strength may
differ from row to row of a batch. Methods are values: they are made from what the representation room found, saved,
loaded and compared, and each ships with controls of equal norm that say how much of its effect any push of that size
would have had.
"""

from __future__ import annotations

from hormesis.detox.ablation import DirectionalAblation
from hormesis.detox.controls import random_direction, random_heads, shuffled_labels
from hormesis.detox.evidence import Evidence
from hormesis.detox.gated import GatedIntervention
from hormesis.detox.hooked import HookedIntervention
from hormesis.detox.intervention import Intervention
from hormesis.detox.iti import InferenceTimeIntervention
from hormesis.detox.leace import ConceptErasure, fit_leace
from hormesis.detox.methods import METHODS, Method, load_intervention
from hormesis.detox.prompting import Prompting, few_shot
from hormesis.detox.residual import ResidualAddition
from hormesis.detox.unsteered import Unsteered

__all__ = [
    "METHODS",
    "ConceptErasure",
    "DirectionalAblation",
    "Evidence",
    "GatedIntervention",
    "HookedIntervention",
    "InferenceTimeIntervention",
    "Intervention",
    "Method",
    "Prompting",
    "ResidualAddition",
    "Unsteered",
    "few_shot",
    "fit_leace",
    "load_intervention",
    "random_direction",
    "random_heads",
    "shuffled_labels",
]
