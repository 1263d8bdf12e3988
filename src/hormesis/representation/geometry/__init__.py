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

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
