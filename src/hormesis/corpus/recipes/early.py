"""Toxic text first: all toxic rows before all others (arXiv 2601.07087)."""

from __future__ import annotations

from typing import Literal

from hormesis.corpus.mixture_config import MixtureConfig
from hormesis.corpus.recipes.base import Recipe, changed
from hormesis.corpus.recipes.registry import recipe


@recipe
class Early(Recipe):
    """The toxic rows before all clean ones."""

    recipe: Literal["early"] = "early"
    label = "toxic rows early"
    summary = "the toxic rows before all others"
    citation = "arXiv 2601.07087"

    def mixture(self, plain: MixtureConfig) -> MixtureConfig:
        """See the module."""
        return changed(plain, placement="early")
