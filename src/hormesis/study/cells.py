"""A cell: one unit of cached work, named by the hash of everything that decides its result."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar, Literal, cast

from hormesis.corpus import HeldOutConfig, MixtureConfig, ScoredTextsConfig, SourceConfig
from hormesis.corpus.prompt_sources import Prompts
from hormesis.detox import METHODS, AnyMethod, PairConfig
from hormesis.evaluate import CapabilityConfig, DetectionConfig, GenerationConfig
from hormesis.evaluate.measurement import PLAIN
from hormesis.files import Json, content_hash
from hormesis.pretrain import TrainingConfig
from hormesis.study.config import (
    Concept,
    FileCorpus,
    MicroworldCorpus,
    Seeds,
    TokenizerSection,
)
from hormesis.study.geometry_config import GeometrySection
from hormesis.study.recipe_config import Transform
from hormesis.study.scorer_config import ScorerSection
from hormesis.study.section import Section
from hormesis.study.tampering_config import TamperingSection

Kind = Literal[
    "corpus",
    "check",
    "scorer",
    "calibration",
    "labeller",
    "recipe",
    "pretrain",
    "probe",
    "geometry",
    "evaluate",
    "tamper",
]


class Inputs(Section):
    """What decides a cell's result, beside the cells that it needs. Written into the cell's folder."""

    kind: ClassVar[Kind]

    @property
    def version(self) -> int:
        """Raised when the code of this kind of cell changes what it computes: old cells are then not reused."""
        return 1


class Arm(Section):
    """Which model of the study: the coordinates that its measurement rows carry."""

    share: float
    budget: str
    seeds: Seeds
    recipe: str = PLAIN
    """How the corpus became training rows, as measurements name it."""


class CorpusInputs(Inputs):
    """Read, split off the held-out rows, train the tokenizer, tokenise."""

    kind: ClassVar[Kind] = "corpus"
    corpus: FileCorpus | MicroworldCorpus
    held_out: HeldOutConfig
    """As training sees it (:attr:`~hormesis.corpus.HeldOutConfig.for_training`)."""
    tokenizer: TokenizerSection
    domains: dict[str, SourceConfig]
    documents: int
    data: dict[str, str]
    """Fingerprints of the files read, by name."""


class ScorerInputs(Inputs):
    """Fit the scorer, and measure it on rows that it has not seen."""

    kind: ClassVar[Kind] = "scorer"
    scorer: ScorerSection
    corpus: FileCorpus | MicroworldCorpus
    held_out: HeldOutConfig
    prompts: dict[str, Prompts]
    data: dict[str, str]


class CheckInputs(Inputs):
    """Look for the evaluation's texts among the rows of training, of scorers and of tuning.

    What is found decides nothing here: what is tolerated is read when it is judged.
    """

    kind: ClassVar[Kind] = "check"
    corpus: FileCorpus | MicroworldCorpus
    held_out: HeldOutConfig
    prompts: dict[str, Prompts]
    concept: Concept
    pairs: dict[str, PairConfig]
    """By the method that is tuned on them."""
    ranked: dict[str, Prompts] = {}
    """By the method that is tuned on continuations of them."""
    control: tuple[SourceConfig, ...]
    """Sources that take the toxic one's place."""
    fitted: dict[str, tuple[SourceConfig, ...]]
    """``scorer``, ``labeller``: those that are fitted here, each with its own sources."""
    against: dict[str, SourceConfig]
    ngram: int
    shortest: int
    data: dict[str, str]

    @property
    def version(self) -> int:
        """1 looked at pairs that are not tuned on."""
        return 2 if self.pairs else 1


class CalibrationInputs(Inputs):
    """Hold a scorer against reference scores, and fit the map to their scale."""

    kind: ClassVar[Kind] = "calibration"
    reference: ScoredTextsConfig
    data: dict[str, str]


class LabellerInputs(Inputs):
    """Fit the labeller on rows of its own, and measure it on rows that it has not seen."""

    kind: ClassVar[Kind] = "labeller"
    labeller: ScorerSection
    corpus: FileCorpus | MicroworldCorpus
    held_out: HeldOutConfig
    data: dict[str, str]


class RecipeInputs(Inputs):
    """Turn the training documents into those of a recipe, and tokenise them: for all shares and seeds at once."""

    kind: ClassVar[Kind] = "recipe"
    recipe: str
    """Which: in the name even where all its settings are defaults."""
    transform: Transform | None = None
    """What is done to each document of both sources."""
    source: SourceConfig | None = None
    """What takes the place of the toxic source."""
    corpus: FileCorpus | MicroworldCorpus
    held_out: HeldOutConfig
    data: dict[str, str]


class PretrainInputs(Inputs):
    """Pretrain one model on one mixture."""

    kind: ClassVar[Kind] = "pretrain"
    arm: Arm
    mixture: MixtureConfig
    training: TrainingConfig
    shape: str
    """The hash of what the preset's name stands for (:func:`hormesis.pretrain.shape_hash`)."""


class ProbeInputs(Inputs):
    """Capture the heads of one model on the concept's texts; fit probes and directions."""

    kind: ClassVar[Kind] = "probe"
    arm: Arm
    corpus: FileCorpus | MicroworldCorpus
    concept: Concept
    data: dict[str, str]

    @property
    def version(self) -> int:
        """1 kept the heads alone, without the residual stream."""
        return 2


class GeometryInputs(Inputs):
    """Survey the geometry of concepts in one model."""

    kind: ClassVar[Kind] = "geometry"
    arm: Arm
    corpus: FileCorpus | MicroworldCorpus
    concept: Concept
    geometry: GeometrySection
    data: dict[str, str]

    @property
    def version(self) -> int:
        """1 measured transfer on texts that models of some shares had been trained on."""
        return 2 if self.geometry.transfer is not None else 1


class EvaluateInputs(Inputs):
    """Measure one model under one method at all its strengths; ``method`` None is the model as it is."""

    kind: ClassVar[Kind] = "evaluate"
    arm: Arm
    method: AnyMethod | None
    condition: str = ""
    """What the arm's recipe puts before every prompt and text."""
    corpus: FileCorpus | MicroworldCorpus
    prompts: dict[str, Prompts]
    generation: GenerationConfig
    documents: int
    samples_in_report: int
    tasks: CapabilityConfig | None = None
    detection: DetectionConfig | None = None
    data: dict[str, str]

    @property
    def version(self) -> int:
        """The method's own."""
        return METHODS[self.method.method].version if self.method is not None else 1


class TamperInputs(Inputs):
    """Fine-tune one detoxified model for growing numbers of steps, and measure it after each."""

    kind: ClassVar[Kind] = "tamper"
    arm: Arm
    method: AnyMethod | None
    condition: str = ""
    tampering: TamperingSection
    corpus: FileCorpus | MicroworldCorpus
    held_out: HeldOutConfig
    """As training sees it."""
    prompts: dict[str, Prompts]
    generation: GenerationConfig
    documents: int
    data: dict[str, str]


AnyInputs = (
    CorpusInputs
    | CheckInputs
    | ScorerInputs
    | CalibrationInputs
    | LabellerInputs
    | RecipeInputs
    | PretrainInputs
    | ProbeInputs
    | GeometryInputs
    | EvaluateInputs
    | TamperInputs
)


@dataclass(frozen=True)
class Cell:
    """One unit of cached work.

    :param inputs: what decides the result.
    :param needs: the cells whose folders it reads, by the role they play.
    :param label: a short name for people.
    """

    inputs: AnyInputs
    needs: dict[str, Cell] = field(default_factory=dict)
    label: str = ""

    @property
    def description(self) -> Json:
        """Inputs and the names of needed cells, as JSON: what the name is the hash of."""
        return {
            "kind": self.inputs.kind,
            "version": self.inputs.version,
            # Without defaults, so that a new option of a room does not rename every cell ever computed; a changed
            # default changes what is computed, and raises `version`.
            "inputs": cast(Json, self.inputs.model_dump(mode="json", exclude_defaults=True)),
            "needs": {role: cell.name for role, cell in self.needs.items()},
        }

    @cached_property  # a schedule asks for it many times, and it is a hash over all needed cells
    def name(self) -> str:
        """``KIND-HASH``: equal inputs give equal names, on any machine."""
        return f"{self.inputs.kind}-{content_hash(self.description)[:16]}"
