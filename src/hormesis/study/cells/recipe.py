"""Recipes: how corpora become training rows, beside the plain way, at which shares; and the documents of one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

from pydantic import Field, create_model, field_validator, model_validator

from hormesis.config import Name, OneOf, Seed, check_names_differ
from hormesis.corpus import Document, HeldOutConfig, SourceConfig, read, with_role
from hormesis.corpus.recipes import CONTROL, RECIPES, DocumentTransform, Recipe, Same, is_for_cooldown, transformed
from hormesis.detox import METHODS
from hormesis.errors import HormesisError
from hormesis.files import write_json
from hormesis.measurements.rows import PLAIN
from hormesis.study.cells.corpus import CorpusInputs, corpus_data
from hormesis.study.cells.labeller import LabellerInputs, open_labeller
from hormesis.study.engine.cell import Cell, Inputs
from hormesis.study.engine.kind import Job, Kind, kind
from hormesis.study.texts import Corpus, documents_of, look_at

if TYPE_CHECKING:
    from pathlib import Path

    from hormesis.study.plan import Plan, Planning

KEPT_FILE = "kept.json"
"""The part of each source's text that the recipe kept, in [0, 1]."""
Transform = Annotated[DocumentTransform, OneOf(RECIPES, "recipe", lambda recipe: recipe)]
"""A recipe for single documents."""


class RecipeArms(Recipe):
    """A recipe, and at which shares it is tried; each share and seed is one arm more."""

    alone: ClassVar[type[Recipe]]
    """The recipe's own class."""

    shares: tuple[float, ...] = Field(min_length=1)
    name: Name | None = Field(default=None, description="in measurements, if not the recipe's own name")
    methods: tuple[str, ...] | None = Field(
        default=None, description="those of the study's methods that are tried on it; null: all; []: none"
    )
    learning_rate: float | None = Field(
        default=None, gt=0, description="peak, in the place of the study's: which recipe wins may depend on it"
    )
    seeds: tuple[Seed, ...] | None = Field(
        default=None, min_length=1, description="those of the study's seeds (of initialisation) that it has; null: all"
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
        if cls.control and name is not None and not name.startswith(CONTROL):
            raise ValueError(f"the name of a control begins with `{CONTROL}`: write `{CONTROL}-{name}`")
        return name

    @model_validator(mode="after")
    def _says_in_what_it_differs(self) -> Self:
        if issubclass(self.alone, Same) and (self.name is None or self.learning_rate is None):
            raise ValueError(
                "the recipe `same` is the plain one, trained otherwise: give it a `learning_rate` and a `name`"
            )
        return self

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
    check_names_differ(names)
    if taken := sorted(set(names) & set(METHODS)):
        raise ValueError(f"`{taken[0]}` names a method; give the recipe another `name`")
    if PLAIN in names:
        raise ValueError(f"`{PLAIN}` names the arms of `mixture.shares`; give the recipe another `name`")
    scored = [arms.arm for arms in recipes if arms.needs == "a labeller"]
    if scored and not labelled:
        raise ValueError(f"the recipes {', '.join(scored)} need scores of documents: set `labeller`")


class RecipeInputs(Inputs):
    """What decides the documents of a recipe: for all shares and seeds at once."""

    kind: ClassVar[str] = "recipe"
    recipe: str
    """Which: in the name even where all its settings are defaults."""
    transform: Transform | None = None
    """What is done to each document of both sources."""
    source: SourceConfig | None = None
    """What takes the place of the toxic source."""
    corpus: Corpus
    held_out: HeldOutConfig
    data: dict[str, str]


@kind
class RecipeKind(Kind[RecipeInputs]):
    """``shards/{clean,toxic}`` (only those that differ from the corpus's), ``untagged/{clean,toxic}`` for a cooldown,
    and ``kept.json``."""

    inputs = RecipeInputs
    after = ("corpus", "labeller")
    measured = False

    def plan(self, planning: Planning) -> Iterator[Cell[RecipeInputs]]:
        """One for each recipe that changes documents or sources."""
        for arms in planning.config.recipes:
            if (inputs := _inputs(arms, planning)) is not None:
                needs: dict[str, Cell[Any]] = {"corpus": planning.of(CorpusInputs)[0]}
                if arms.needs == "a labeller":
                    needs["labeller"] = planning.of(LabellerInputs)[0]
                yield Cell(inputs, needs, label=f"recipe {arms.arm}")

    def foresee(self, plan: Plan, root: Path | None) -> None:
        """See :meth:`~hormesis.study.engine.kind.Kind.foresee`."""
        for arms in plan.config.recipes:
            if arms.replacement is not None:
                look_at(arms.replacement, root)

    def run(self, job: Job[RecipeInputs]) -> None:
        """See :meth:`~hormesis.study.engine.kind.Kind.run`."""
        inputs, root = job.inputs, job.root
        if inputs.source is not None:
            control = with_role(read(inputs.source, root=root), inputs.held_out, "train")
            _write(job, control, "shards/toxic", "control", 0.1)
            write_json(job.work / KEPT_FILE, {})
            return
        if inputs.transform is None:
            raise HormesisError(f"the recipe {inputs.recipe} changes nothing", "give it a transform or a source")
        labelled = "labeller" in job.cell.needs
        labeller = None
        if labelled:
            labeller = open_labeller(job.cell.need("labeller", LabellerInputs), job.store, job.device).score
        cooldown = inputs.transform.cooldown_fraction

        def training(part: str, *, untagged: bool) -> Iterator[Document]:
            documents = with_role(documents_of(inputs.corpus, part, root), inputs.held_out, "train")
            return (document for document in documents if is_for_cooldown(document.text, cooldown) == untagged)

        kept = {}
        for position, part in enumerate(("clean", "toxic")):
            begins = 0.5 * position
            stream = transformed(training(part, untagged=False), inputs.transform, labeller)
            _write(job, stream, f"shards/{part}", part, begins)
            kept[part] = stream.kept
            if cooldown:
                _write(job, training(part, untagged=True), f"untagged/{part}", f"untagged {part}", begins + 0.4)
        write_json(job.work / KEPT_FILE, kept)


def recipe_cell(arms: RecipeArms | None, planning: Planning) -> Cell[RecipeInputs] | None:
    """The planned cell that writes the documents of a recipe; None where they are those of the corpus."""
    inputs = None if arms is None else _inputs(arms, planning)
    return next((cell for cell in planning.of(RecipeInputs) if cell.inputs == inputs), None)


def _inputs(arms: RecipeArms, planning: Planning) -> RecipeInputs | None:
    transform, source = arms.transform_alone, arms.replacement
    if transform is None and source is None:
        return None
    files, config = planning.files, planning.config
    return RecipeInputs(
        recipe=arms.recipe,
        transform=transform,
        source=source,
        corpus=config.corpus,
        held_out=config.held_out.for_training,
        plugins=RECIPES.plugin(arms.recipe),
        data=corpus_data(planning) | files.fingerprints({"control": source} if source is not None else {}),
    )


def _write(job: Job[RecipeInputs], documents: Iterable[Document], folder: str, name: str, begins: float) -> None:
    from hormesis.corpus import tokenize

    def show(count: int, tokens: int) -> None:
        job.progress(begins, f"writes {folder}: {count:,} documents, {tokens:,} tokens")

    # A recipe may leave nothing of the toxic source: a filter whose labeller makes no mistake does.
    tokenizer = job.folder("corpus") / "tokenizer"
    tokenize(documents, tokenizer, job.work / folder, name=name, allow_empty=name != "clean", progress=show)
