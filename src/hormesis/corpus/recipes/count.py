"""Share or count? The same number of toxic tokens at every share, so in more clean ones the smaller the share."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hormesis.corpus.mixture_config import MixtureConfig
from hormesis.corpus.recipes.base import Recipe, changed
from hormesis.corpus.recipes.registry import recipe


@recipe
class Count(Recipe):
    """A constant number of toxic tokens at every share."""

    recipe: Literal["count"] = "count"
    toxic_tokens: int = Field(gt=0)
    label = "constant toxic count"
    summary = "the same number of toxic tokens in more clean ones, the smaller the share"
    citation = "control"

    def mixture(self, plain: MixtureConfig) -> MixtureConfig:
        """See the module."""
        return changed(plain, budget="toxic", tokens=self.toxic_tokens)
