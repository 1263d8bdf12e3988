"""All recipes by name."""

from __future__ import annotations

from typing import TypeVar

from hormesis.config import tag_of
from hormesis.corpus.recipes.base import Recipe
from hormesis.registry import Registry

RECIPES: Registry[type[Recipe]] = Registry("recipe", "hormesis.corpus.recipes", "hormesis.recipes")
"""As in the ``recipes`` of a study's YAML."""

R = TypeVar("R", bound=type[Recipe])


def recipe(kind: R) -> R:
    """Add a recipe. In a script, a notebook, or a package whose entry point of the group ``hormesis.recipes`` names the
    module::

        @recipe
        class Shuffled(DocumentTransform):
            \"\"\"The words of each document in another order.\"\"\"

            recipe: Literal["shuffled"] = "shuffled"
            seed: int = 0
            label, summary, needs, citation = "shuffled", "words in another order", "nothing", "control"

            def transform(self, document: Document, scores: Sequence[float]) -> Document:
                words = document.text.split()
                random.Random(f"{self.seed} {document.text}").shuffle(words)
                return Document(" ".join(words), document.source)

    A study writes it with its fields, and at which shares: ``{recipe: shuffled, seed: 3, shares: [0, 0.25]}``. What is
    no change of single documents is a :class:`~hormesis.corpus.recipes.Recipe` that overrides another of its methods.
    """
    RECIPES.register(tag_of(kind, "recipe"), kind)
    return kind
