"""What a user writes about recipes: how corpora become training rows, beside the plain way, and at which shares."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any, ClassVar

from pydantic import Field, create_model, field_validator

from hormesis.config import OneOf
from hormesis.corpus.recipes import RECIPES, DocumentTransform, Recipe
from hormesis.detox import METHODS
from hormesis.evaluate.measurement import PLAIN

Transform = Annotated[DocumentTransform, OneOf(RECIPES, "recipe", lambda recipe: recipe)]
"""A recipe for single documents."""


class RecipeArms(Recipe):
    """A recipe, and at which shares it is tried; each share and seed is one arm more."""

    alone: ClassVar[type[Recipe]]
    """The recipe's own class."""

    shares: tuple[float, ...] = Field(min_length=1)
    name: str | None = Field(
        default=None, pattern=r"^[A-Za-z0-9_.-]+$", description="in measurements, if not the recipe's own name"
    )
    methods: tuple[str, ...] | None = Field(
        default=None, description="those of the study's methods that are tried on it; null: all; []: none"
    )

    @field_validator("shares")
    @classmethod
    def _distinct(cls, shares: tuple[float, ...]) -> tuple[float, ...]:
        if len(set(shares)) != len(shares):
            raise ValueError("a share is listed twice")
        return tuple(sorted(shares))

    @field_validator("name")
    @classmethod
    def _says_that_it_is_a_control(cls, name: str | None) -> str | None:
        if cls.control and name is not None and not name.startswith("control"):
            raise ValueError(f"the name of a control begins with `control`: write `control-{name}`")
        return name

    @property
    def arm(self) -> str:
        """The recipe as measurements name it."""
        return self.name or self.recipe

    @property
    def transform_alone(self) -> DocumentTransform | None:
        """The recipe for documents, without its shares; None where it leaves documents as they are."""
        if not issubclass(self.alone, DocumentTransform):
            return None
        return self.alone.model_validate(self.model_dump(exclude=_OF_ARMS))


_OF_ARMS = set(RecipeArms.model_fields) - set(Recipe.model_fields)


@cache
def arms_of(recipe: type[Recipe]) -> type[RecipeArms]:
    """``recipe`` with the fields of its arms beside its own."""
    bases: Any = (recipe, RecipeArms)
    arms: type[RecipeArms] = create_model(f"{recipe.__name__}Arms", __base__=bases, __doc__=recipe.__doc__)
    arms.alone = recipe
    return arms


StudyRecipe = Annotated[RecipeArms, OneOf(RECIPES, "recipe", arms_of)]


def check_recipes(recipes: Sequence[RecipeArms], methods: Sequence[str], *, labelled: bool) -> None:
    """Check what holds among the recipes of a study.

    :param methods: the names of the study's methods.
    :param labelled: whether the study has a labeller.
    :raises ValueError: two of one name, the plain one's name, a method that the study has not, or recipes that need
        scores without a labeller.
    """
    for arms in recipes:
        if unknown := sorted(set(arms.methods or ()) - set(methods)):
            raise ValueError(
                f"the recipe {arms.arm} asks for the method {unknown[0]}, which the study does not list; it "
                f"lists: {', '.join(methods)}"
            )
    names = [arms.arm for arms in recipes]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"the recipe {repeated[0]} is listed twice; give one of them another `name`")
    if taken := sorted(set(names) & set(METHODS)):
        raise ValueError(f"`{taken[0]}` names a method; give the recipe another `name`")
    if PLAIN in names:
        raise ValueError(f"`{PLAIN}` names the arms of `mixture.shares`; give the recipe another `name`")
    scored = [arms.arm for arms in recipes if arms.needs == "a labeller"]
    if scored and not labelled:
        raise ValueError(f"the recipes {', '.join(scored)} need scores of documents: set `labeller`")
