"""Recipes for documents: what is done to a corpus before a model is trained on it.

::

    Document ─┐
              ├─► DocumentTransform ─► Document (other text, spans without loss) or nothing ─► tokenize
    scores ───┘          └─► condition: the text that is put before a prompt at inference

A :class:`DocumentTransform` sees one document and how toxic it is; it knows neither the other documents nor the
model. Scores in [0, 1] come from a callable that the caller gives, a *labeller*: never the scorer that evaluates.
:func:`transformed` applies one to a stream in bounded memory. What is put before a document counts as tokens of the
budget, like the document. What a recipe does to the *order* of rows, or to the source that they come from, is the
mixture's (``placement``, ``cooldown``, ``budget: toxic``, another source). :data:`RECIPES` lists all of them.
"""

from __future__ import annotations

from hormesis.corpus.recipes.filter import Filter
from hormesis.corpus.recipes.inst import Inst
from hormesis.corpus.recipes.listing import RECIPES, RecipeEntry
from hormesis.corpus.recipes.mask import Mask
from hormesis.corpus.recipes.meda import Meda
from hormesis.corpus.recipes.tags import Tags, is_for_cooldown
from hormesis.corpus.recipes.transform import DocumentTransform
from hormesis.corpus.recipes.transformed import Labeller, TransformedDocuments, transformed

__all__ = [
    "RECIPES",
    "DocumentTransform",
    "Filter",
    "Inst",
    "Labeller",
    "Mask",
    "Meda",
    "RecipeEntry",
    "Tags",
    "TransformedDocuments",
    "is_for_cooldown",
    "transformed",
]
