"""Is it toxicity, or another register? A non-toxic source in the place of the toxic one, at the same share."""

from __future__ import annotations

from typing import Literal

from hormesis.corpus.documents import SourceConfig
from hormesis.corpus.recipes.base import Recipe
from hormesis.corpus.recipes.registry import recipe


@recipe
class Control(Recipe):
    """Another source in the place of the toxic one."""

    recipe: Literal["control"] = "control"
    source: SourceConfig
    label = "non-toxic source in its place (control)"
    summary = "another source in the place of the toxic one, at the same share"
    needs = "a source"
    citation = "control"
    control = True

    @property
    def replacement(self) -> SourceConfig:
        """``source``."""
        return self.source
