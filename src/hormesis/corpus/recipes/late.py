"""Toxic text last: all toxic rows after all others (arXiv 2601.07087)."""

from __future__ import annotations

from typing import Literal

from hormesis.corpus.mixture_config import MixtureConfig
from hormesis.corpus.recipes.base import Recipe, changed
from hormesis.corpus.recipes.registry import recipe


@recipe
class Late(Recipe):
    """The toxic rows after all clean ones."""

    recipe: Literal["late"] = "late"
    label = "toxic rows late"
    summary = "the toxic rows after all others"
    citation = "arXiv 2601.07087"

    def mixture(self, plain: MixtureConfig) -> MixtureConfig:
        """See the module."""
        return changed(plain, placement="late")
