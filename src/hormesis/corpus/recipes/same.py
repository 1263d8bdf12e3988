"""The same text once more, for an arm that differs in how it is trained: a study gives it another learning rate."""

from __future__ import annotations

from typing import Literal

from hormesis.corpus.recipes.base import Recipe
from hormesis.corpus.recipes.registry import recipe


@recipe
class Same(Recipe):
    """Documents, sources and mixture as they are."""

    recipe: Literal["same"] = "same"
    label = "same text, trained otherwise"
    summary = "the corpus as it is, trained otherwise (another learning rate)"
    citation = "arXiv 2512.24503"
