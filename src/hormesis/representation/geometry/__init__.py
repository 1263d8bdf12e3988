"""Geometry of concepts: how the directions of many concepts lie to each other at one site of a model.

*Rows* (:class:`ConceptRows`) say which texts show which concept: toxic against non-toxic texts of one data set, and
the concepts of a bank, each against the rest. A *bank* (:class:`ConceptBank`) is one unit direction a concept.
*Measures* ask how much directions overlap (``overlap``), how many dimensions they fill (``dimensions``), how well one
separates its texts (``separability``), how many it takes to erase a concept (``erasure``), whether it carries over to
other data (``transfer``), how much noise it survives (``fragility``) and which tokens it promotes (``lens``).
*Baselines* stand beside each: directions drawn at random, or of the activations' own covariance, shuffled labels, the
Welch bound.

:func:`survey` does all of it at one site and gives :class:`Finding` values: a number, its n, its interval;
:func:`survey_model` at every site of a model.
"""

from __future__ import annotations

from hormesis.representation.geometry.bank import ConceptBank, fit_bank
from hormesis.representation.geometry.baselines import (
    Chance,
    OverlapChance,
    covariance_eigenvalues,
    drawn_chance,
    random_entanglement,
    shuffled_chance,
)
from hormesis.representation.geometry.dimensions import effective_rank, participation_ratio
from hormesis.representation.geometry.entanglement import (
    RandomBaseline,
    entanglements,
    random_baseline,
    spread_baseline,
    welch_bound,
)
from hormesis.representation.geometry.erasure import Erasure, erasure
from hormesis.representation.geometry.estimators import ClassMeans, Estimator, class_means, estimator_map
from hormesis.representation.geometry.fragility import Fragility, activation_scale, fragility
from hormesis.representation.geometry.lens import LensReading, logit_lens
from hormesis.representation.geometry.model import ModelSurvey, SurveyConfig, joined, survey_model
from hormesis.representation.geometry.overlap import (
    CorrectedOverlap,
    Overlap,
    corrected_gram,
    cosines,
    overlap,
    overlaps,
    raw_gram,
    split_half_cosines,
)
from hormesis.representation.geometry.rows import BASELINES, FRACTIONS, TOXICITY, ConceptRows, concept_rows
from hormesis.representation.geometry.separability import Separability, chance_area, separability
from hormesis.representation.geometry.survey import Finding, Place, Site, sites_of, survey
from hormesis.representation.geometry.transfer import LabelledFeatures, Transfer, transfers

__all__ = [
    "BASELINES",
    "FRACTIONS",
    "TOXICITY",
    "Chance",
    "ClassMeans",
    "ConceptBank",
    "ConceptRows",
    "CorrectedOverlap",
    "Erasure",
    "Estimator",
    "Finding",
    "Fragility",
    "LabelledFeatures",
    "LensReading",
    "ModelSurvey",
    "Overlap",
    "OverlapChance",
    "Place",
    "RandomBaseline",
    "Separability",
    "Site",
    "SurveyConfig",
    "Transfer",
    "activation_scale",
    "chance_area",
    "class_means",
    "concept_rows",
    "corrected_gram",
    "cosines",
    "covariance_eigenvalues",
    "drawn_chance",
    "effective_rank",
    "entanglements",
    "erasure",
    "estimator_map",
    "fit_bank",
    "fragility",
    "joined",
    "logit_lens",
    "overlap",
    "overlaps",
    "participation_ratio",
    "random_baseline",
    "random_entanglement",
    "raw_gram",
    "separability",
    "shuffled_chance",
    "sites_of",
    "split_half_cosines",
    "spread_baseline",
    "survey",
    "survey_model",
    "transfers",
    "welch_bound",
]
