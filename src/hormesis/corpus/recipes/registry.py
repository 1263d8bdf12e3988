"""All recipes by name."""

from __future__ import annotations

from typing import TypedDict, TypeVar

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


CONTROL = "control"
"""What the name of an arm begins with whose recipe is there to be compared with; a study is held to it."""


class RecipeColumns(TypedDict):
    """What measurement rows say of their recipe beside its name."""

    recipe_label: str | None
    recipe_control: bool


def recipe_columns(arm: str) -> RecipeColumns:
    """What rows of a recipe carry, so that figures and tables need not know it.

    :param arm: the recipe's own name, or what a study calls it.
    """
    label = RECIPES[arm].label if arm in RECIPES else None
    return {"recipe_label": label, "recipe_control": arm.startswith(CONTROL)}
