"""What a user writes: the study's YAML, typed. Unknown keys are errors that name the nearest key."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from hormesis.config import Config, Name, Named
from hormesis.corpus import HeldOutConfig, MixtureConfig
from hormesis.corpus.mixture_config import Placement
from hormesis.detox import FromOwnSamples
from hormesis.errors import HormesisError
from hormesis.evaluate.scorers import FittedScorerKind
from hormesis.pretrain import TrainingConfig
from hormesis.study.arms import Seeds
from hormesis.study.cells.check import ChecksSection
from hormesis.study.cells.corpus import TokenizerSection
from hormesis.study.cells.evaluate import EvaluationSection
from hormesis.study.cells.geometry import GeometrySection
from hormesis.study.cells.recipe import StudyRecipe, check_recipes
from hormesis.study.cells.scorer import ScorerSection
from hormesis.study.cells.tamper import TamperingSection
from hormesis.study.invalid import explained, read_yaml
from hormesis.study.methods import StudyMethod, check_methods
from hormesis.study.texts import AnyConcept, Concept, CorpusConcept, FileCorpus, MicroworldCorpus

PACKAGED = ("microworld",)
"""Studies that come with the package; ``hormesis study run microworld`` names one of them."""


class MixtureSection(Config):
    """The shares to compare; the other fields are those of :class:`hormesis.corpus.MixtureConfig`."""

    shares: tuple[float, ...] = Field(min_length=1)
    budget: Literal["additive", "total", "toxic"] = "additive"
    tokens: int = Field(gt=0)
    of: Literal["total", "clean"] = "total"
    allow_repetition: bool = False
    placement: Placement = "uniform"

    @field_validator("shares")
    @classmethod
    def _distinct(cls, shares: tuple[float, ...]) -> tuple[float, ...]:
        if len(set(shares)) != len(shares):
            raise ValueError("a share is listed twice")
        return tuple(sorted(shares))

    @model_validator(mode="after")
    def _each_is_legal(self) -> MixtureSection:
        for share in self.shares:
            self.at(share)
        return self

    def at(self, share: float) -> MixtureConfig:
        """The mixture of one share."""
        return MixtureConfig(share=share, **self.model_dump(exclude={"shares"}))


class ExecutionSection(Config):
    """How cells share this machine. Does not enter any cell's name."""

    workers: int | None = Field(default=None, ge=1, description="processes; default: one for each core")
    threads: int | None = Field(default=None, ge=1, description="threads of each; default: cores / workers")
    device: str = Field(
        default="auto",
        pattern=r"^(auto|cpu|cuda|cuda:\d+)$",
        description="that models are trained and measured on: auto (GPUs where there are some), cpu, cuda, cuda:N",
    )
    gpus_per_cell: float = Field(
        default=1.0, gt=0, le=1, description="share of a GPU, and of its memory, that a cell has; 0.25: four on one"
    )


class StudyConfig(Config):
    """A whole study. See ``hormesis study init`` for a commented example."""

    name: Name
    description: str = ""
    corpus: Annotated[FileCorpus | MicroworldCorpus, Field(discriminator="source")]
    held_out: HeldOutConfig = HeldOutConfig()
    tokenizer: TokenizerSection
    mixture: MixtureSection
    training: TrainingConfig
    seeds: tuple[Seeds, ...] = Field(min_length=1)
    concept: Concept
    """What probes read, and methods are fitted on that name none of ``concepts``."""
    concepts: Named[AnyConcept] = Field(default_factory=dict, description="more of them, for methods that name one")
    methods: tuple[StudyMethod, ...] = ()
    recipes: tuple[StudyRecipe, ...] = ()
    labeller: ScorerSection | None = None
    geometry: GeometrySection | None = None
    evaluation: EvaluationSection
    checks: ChecksSection | None = Field(
        default=None, description="what counts as contamination; null: the defaults for files, none for the microworld"
    )
    tampering: TamperingSection | None = None
    execution: ExecutionSection = ExecutionSection()

    @model_validator(mode="after")
    def _the_parts_fit(self) -> StudyConfig:
        sources = [self.concept.source, *(prompts.source for prompts in self.evaluation.prompts.values())]
        sources += [self.geometry.bank.source] if self.geometry else []
        sources += [method.prompts.source for method in self.methods if isinstance(method, FromOwnSamples)]
        scorers = self.evaluation.all_scorers
        of_microworld = "microworld" in sources or any(scorer.needs_microworld for scorer in scorers)
        if self.corpus.source != "microworld" and of_microworld:
            raise ValueError("concept, prompts and scorer from the microworld need `corpus: {source: microworld}`")
        if any(isinstance(scorer, FittedScorerKind) for scorer in scorers) and self.held_out.scorer <= 0:
            raise ValueError("a scorer is fitted here on rows set aside for it: set `held_out.scorer`, e.g. 0.1")
        if self.held_out.evaluate <= 0:
            raise ValueError("cross-entropy needs rows set aside for it: set `held_out.evaluate`, e.g. 0.02")
        check_methods(self.methods, set(self.concepts), calibration=self.held_out.calibration)
        if any(isinstance(each, CorpusConcept) for each in self.concepts.values()) and self.held_out.concept <= 0:
            raise ValueError("a concept of the corpus needs rows set aside for it: set `held_out.concept`, e.g. 0.05")
        if len(set(self.seeds)) != len(self.seeds):
            raise ValueError("the same seeds are listed twice")
        if self.tampering is not None:
            self.tampering.check(self.methods)
        return self

    @model_validator(mode="after")
    def _the_recipes_fit(self) -> StudyConfig:
        check_recipes(self.recipes, [method.arm for method in self.methods], labelled=self.labeller is not None)
        for arms in self.recipes:
            for share in arms.shares:
                arms.mixture(self.mixture.at(share))
        if self.labeller is None:
            if ranked := [method.arm for method in self.methods if isinstance(method, FromOwnSamples)]:
                raise ValueError(f"{ranked[0]} learns from what a scorer ranks that evaluates nothing: set `labeller`")
            return self
        if isinstance(self.labeller, FittedScorerKind) and self.held_out.labeller <= 0:
            raise ValueError("the labeller is fitted on rows set aside for it: set `held_out.labeller`, e.g. 0.1")
        if self.labeller.needs_microworld and self.corpus.source != "microworld":
            raise ValueError("a labeller from the microworld needs `corpus: {source: microworld}`")
        if any(self.labeller.is_same_model(scorer) for scorer in self.evaluation.all_scorers):
            raise ValueError("the labeller is a scorer that evaluates; it must not judge what its labels made")
        return self


def load_study(study: str | Path) -> StudyConfig:
    """Read and check a study.

    :param study: the path of a YAML file, or the name of a packaged study (:data:`PACKAGED`).
    :raises HormesisError: no such file or study, not YAML, an unknown key (the nearest is named), a bad value.
    """
    return parse_study(study_text(study), where=str(study))


def study_text(study: str | Path) -> str:
    """The YAML of a study file or packaged study, unread.

    :raises HormesisError: there is none of that name.
    """
    path = Path(study)
    if path.is_file():
        try:
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise HormesisError(
                f"{study} is not UTF-8 (byte {error.start}: {error.reason})", "save it as UTF-8 in your editor"
            ) from error
    elif str(study) in PACKAGED:
        text = (resources.files("hormesis.study") / "packaged" / f"{study}.yaml").read_text(encoding="utf-8")
    else:
        raise HormesisError(
            f"no study at {study}",
            f"give the path of a YAML file, or a packaged study ({', '.join(PACKAGED)});"
            " `hormesis study init my.yaml` writes a commented one",
        )
    return text


def parse_study(text: str, *, where: str) -> StudyConfig:
    """Check a study's YAML ``text``; ``where`` names it in errors (as :func:`load_study`)."""
    try:
        values = read_yaml(text, where)
        return StudyConfig.model_validate(values)
    except ValidationError as error:
        raise explained(error, where, StudyConfig.model_json_schema()) from error
    except (yaml.YAMLError, ValueError) as error:  # a ValueError is of what looks like a date or number, and is none
        raise HormesisError(f"{where} is not YAML: {error}", "correct the line that is named, or quote it") from error
    except RecursionError as error:
        raise HormesisError(f"{where} is nested too deeply, or holds itself", "write it as the template is") from error
