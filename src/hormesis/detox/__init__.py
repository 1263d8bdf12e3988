"""The detox room: ways to make a trained model less toxic, behind one protocol.

An :class:`Intervention` is applied for a while: within ``with intervention.apply(model, strength):`` every forward pass
is steered; outside, the model is untouched. Positive strength detoxifies, 0 is the model itself, and strength may
differ from row to row of a batch, unless weights change. Methods are values: they are made from what the representation
room found (:class:`Evidence`), saved, loaded and compared; ITI, CAA and ablation ship with controls that say
how much of their effect an equal push that knows nothing would have had. There are four kinds:

- *prompts* (:class:`Prompting`): other words before the text;
- *hooks* (:class:`HookedIntervention`: ITI, gated, CAA, PCA, ablation, LEACE): other activations at chosen modules;
- *contrasts* (:mod:`~hormesis.detox.contrasts.contrast`: self-debiasing, DExperts): other logits, from a second stream;
- *weights* (:class:`WeightDelta`: SFT, DPO): other weights, by as much of a fine-tuning as the strength says.
"""

from __future__ import annotations

from hormesis.detox.contrasts.dexperts import DExperts
from hormesis.detox.contrasts.self_debiasing import SelfDebiasing
from hormesis.detox.evidence import Evidence, Learner
from hormesis.detox.intervention import Intervention
from hormesis.detox.methods import METHODS, Method, load_intervention
from hormesis.detox.pairs import PairConfig, PreferencePair, ranked_pairs, read_pairs
from hormesis.detox.prompting import Prompting, few_shot
from hormesis.detox.steering.ablation import DirectionalAblation
from hormesis.detox.steering.controls import random_direction, random_heads, shuffled_labels
from hormesis.detox.steering.gated import GatedIntervention
from hormesis.detox.steering.hooked import HookedIntervention
from hormesis.detox.steering.iti import InferenceTimeIntervention
from hormesis.detox.steering.leace import ConceptErasure, fit_leace
from hormesis.detox.steering.residual import ResidualAddition
from hormesis.detox.unsteered import Unsteered
from hormesis.detox.weights.delta import WeightDelta
from hormesis.detox.weights.dpo import PreferenceConfig, preference_optimisation
from hormesis.detox.weights.sft import SupervisedConfig, supervised_fine_tuning

__all__ = [
    "METHODS",
    "ConceptErasure",
    "DExperts",
    "DirectionalAblation",
    "Evidence",
    "GatedIntervention",
    "HookedIntervention",
    "InferenceTimeIntervention",
    "Intervention",
    "Learner",
    "Method",
    "PairConfig",
    "PreferenceConfig",
    "PreferencePair",
    "Prompting",
    "ResidualAddition",
    "SelfDebiasing",
    "SupervisedConfig",
    "Unsteered",
    "WeightDelta",
    "few_shot",
    "fit_leace",
    "load_intervention",
    "preference_optimisation",
    "random_direction",
    "random_heads",
    "ranked_pairs",
    "read_pairs",
    "shuffled_labels",
    "supervised_fine_tuning",
]
