"""What a user writes about recipes: how corpora become training rows, beside the plain way, and at which shares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, field_validator

from hormesis.corpus import MixtureConfig, SourceConfig
from hormesis.corpus.recipes import Filter, Inst, Mask, Meda, Tags
from hormesis.detox import METHODS
from hormesis.evaluate.measurement import PLAIN

Transform = Annotated[Meda | Inst | Tags | Filter | Mask, Field(discriminator="recipe")]
"""A recipe for single documents, which needs a labeller's scores."""


class RecipeArms(BaseModel):
    """At which shares a recipe is tried; each share and seed is one arm more."""

    model_config = ConfigDict(extra="forbid", frozen=True)

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


class MedaArms(Meda, RecipeArms):
    """The toxicity score, as a number, before each document."""


class InstArms(Inst, RecipeArms):
    """A sentence that says toxic or non-toxic before each document."""


class TagsArms(Tags, RecipeArms):
    """A good or a bad tag before each document; perhaps none at the end of training."""


class FilterArms(Filter, RecipeArms):
    """Toxic documents are left out. The share is that of the corpus before the filter; see
    :attr:`hormesis.corpus.MixtureConfig.toxic_kept`."""


class MaskArms(Mask, RecipeArms):
    """Toxic documents or sentences are read and not learned."""


class PlacementArms(RecipeArms):
    """The toxic rows before all clean ones, or after them."""

    recipe: Literal["early", "late"]


class ControlArms(RecipeArms):
    """Another, non-toxic source in the place of the toxic one: is it toxicity, or another register?"""

    recipe: Literal["control"]
    source: SourceConfig
    name: str | None = Field(
        default=None, pattern=r"^control[A-Za-z0-9_.-]*$", description="in measurements; it begins with `control`"
    )


class CountArms(RecipeArms):
    """A constant number of toxic tokens at every share, so in more clean ones the smaller the share: share or count?"""

    recipe: Literal["count"]
    toxic_tokens: int = Field(gt=0)


StudyRecipe = Annotated[
    MedaArms | InstArms | TagsArms | FilterArms | MaskArms | PlacementArms | ControlArms | CountArms,
    Field(discriminator="recipe"),
]

_TRANSFORM: TypeAdapter[Meda | Inst | Tags | Filter | Mask] = TypeAdapter(Transform)


def arm_name(arms: StudyRecipe) -> str:
    """The recipe as measurements name it."""
    return arms.name or arms.recipe


def transform_of(arms: StudyRecipe) -> Meda | Inst | Tags | Filter | Mask | None:
    """The recipe for documents alone, without its shares; None where it leaves documents as they are."""
    if isinstance(arms, PlacementArms | ControlArms | CountArms):
        return None
    return _TRANSFORM.validate_python(arms.model_dump(exclude=set(RecipeArms.model_fields)))


def mixture_of(arms: StudyRecipe, plain: MixtureConfig) -> MixtureConfig:
    """The mixture of an arm.

    :param plain: that of the plain arm of the same share.
    :raises HormesisError: there is no such mixture, such as a constant number of toxic tokens at share 0.
    """
    own: dict[str, str | int] = {}
    if isinstance(arms, PlacementArms):
        own = {"placement": arms.recipe}
    elif isinstance(arms, CountArms):
        own = {"budget": "toxic", "tokens": arms.toxic_tokens}
    return MixtureConfig.model_validate(plain.model_dump() | own)


def check_recipes(recipes: Sequence[StudyRecipe], methods: Sequence[str], *, labelled: bool) -> None:
    """Check what holds among the recipes of a study.

    :param methods: the names of the study's methods.
    :param labelled: whether the study has a labeller.
    :raises ValueError: two of one name, the plain one's name, a method that the study has not, or recipes that need
        scores without a labeller.
    """
    for arms in recipes:
        if unknown := sorted(set(arms.methods or ()) - set(methods)):
            raise ValueError(
                f"the recipe {arm_name(arms)} asks for the method {unknown[0]}, which the study does not list; it "
                f"lists: {', '.join(methods)}"
            )
    names = [arm_name(arms) for arms in recipes]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"the recipe {repeated[0]} is listed twice; give one of them another `name`")
    if taken := sorted(set(names) & set(METHODS)):
        raise ValueError(f"`{taken[0]}` names a method; give the recipe another `name`")
    if PLAIN in names:
        raise ValueError(f"`{PLAIN}` names the arms of `mixture.shares`; give the recipe another `name`")
    scored = [arm_name(arms) for arms in recipes if transform_of(arms) is not None]
    if scored and not labelled:
        raise ValueError(f"the recipes {', '.join(scored)} need scores of documents: set `labeller`")
