"""Survey the geometry of concepts in one model: how the direction of toxicity lies among those of others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from hormesis.config import Config
from hormesis.corpus import (
    ConceptBankConfig,
    ConceptTexts,
    HeldOutConfig,
    LabelledTexts,
    Microworld,
    SourceConfig,
    read,
    read_concept_bank,
    role_of,
)
from hormesis.corpus.rows import RowsConfig, read_rows
from hormesis.errors import HormesisError
from hormesis.files import write_file
from hormesis.measurements import Measurement
from hormesis.pretrain import layers_and_heads
from hormesis.representation.geometry import Estimator, Place, SurveyConfig
from hormesis.study.arms import Arm
from hormesis.study.cells.corpus import CorpusInputs
from hormesis.study.cells.pretrain import PretrainInputs, open_folder
from hormesis.study.cells.probe import concept_data
from hormesis.study.engine.cell import Cell, Inputs
from hormesis.study.engine.cost import UNKNOWN_COUNT
from hormesis.study.engine.kind import Job, Kind, kind
from hormesis.study.rows import LENSES_FILE, origin_of, write_rows
from hormesis.study.texts import Concept, Corpus, concept_of, look_at, world_of

if TYPE_CHECKING:
    from hormesis.representation.geometry import ModelSurvey
    from hormesis.study.engine.cost import CellEstimate, Pricing
    from hormesis.study.plan import Plan, PlannedArm, Planning


class FileBank(ConceptBankConfig):
    """Texts of many concepts from a file: the values of the column ``concept``."""

    source: Literal["file"] = "file"


class MicroworldBank(Config):
    """The topics of the microworld, each with as many hostile as civil texts; drawn apart from its concept's."""

    source: Literal["microworld"]
    minimum: int = Field(default=60, ge=6)


class TransferSection(Config):
    """A second data set of toxic texts and others of the same register, for transfer."""

    toxic: SourceConfig
    nontoxic: SourceConfig
    limit: int | None = Field(default=1000, ge=10)
    """Texts of each, drawn by their hash from those that no model was trained on; None: all."""


class GeometrySection(Config):
    """Measure how the toxicity direction of every model lies among those of other concepts."""

    bank: Annotated[FileBank | MicroworldBank, Field(discriminator="source")]
    place: Place = "residual"
    layers: tuple[int, ...] | None = None
    estimator: Estimator = "mean-difference"
    lens: bool = True
    transfer: TransferSection | None = None

    @property
    def survey(self) -> SurveyConfig:
        """As the representation room takes it: the same split for every model, so that they are compared on the same
        texts."""
        return SurveyConfig(place=self.place, layers=self.layers, estimator=self.estimator, lens=self.lens)


class GeometryInputs(Inputs):
    """What decides a survey."""

    kind: ClassVar[str] = "geometry"
    arm: Arm
    corpus: Corpus
    concept: Concept
    geometry: GeometrySection
    data: dict[str, str]

    @property
    def version(self) -> int:
        """1 measured transfer on texts that models of some shares had been trained on."""
        return 2 if self.geometry.transfer is not None else 1


@kind
class GeometryKind(Kind[GeometryInputs]):
    """Findings as measurements, the banks as artefacts in ``bank/SITE``, and ``lenses.jsonl``; of the snapshots that
    were kept in training the measurements alone."""

    inputs = GeometryInputs
    after = ("probe",)

    def plan_arm(self, planning: Planning, arm: PlannedArm) -> Iterator[Cell[GeometryInputs]]:
        """One a model, where the study asks for it."""
        config, files = planning.config, planning.files
        if config.geometry is None:
            return
        bank, transfer = config.geometry.bank, config.geometry.transfer
        sources: dict[str, RowsConfig] = {"bank": bank} if isinstance(bank, FileBank) else {}
        if transfer is not None:
            sources |= {"transfer toxic": transfer.toxic, "transfer nontoxic": transfer.nontoxic}
        inputs = GeometryInputs(
            arm=arm.arm,
            corpus=config.corpus,
            concept=config.concept,
            geometry=config.geometry,
            data=concept_data(config.concept, config.corpus, files) | files.fingerprints(sources),
        )
        yield Cell(inputs, {"model": arm.cell(PretrainInputs)}, label=f"geometry {arm.label}")

    def foresee(self, plan: Plan, root: Path | None) -> None:
        """See :meth:`~hormesis.study.engine.kind.Kind.foresee`."""
        section = plan.config.geometry
        assert section is not None
        layers, _ = layers_and_heads(plan.config.training.preset)
        if section.layers is not None and (beyond := [layer for layer in section.layers if not 0 <= layer < layers]):
            raise HormesisError(
                f"`geometry` asks for layer {beyond[0]}, and {plan.config.training.preset} has the layers 0 to"
                f" {layers - 1}",
                "name layers that it has, or none: all are then surveyed",
            )
        bank, transfer = section.bank, section.transfer
        if isinstance(bank, FileBank) and bank.path is not None:
            next(read_rows(bank, [bank.column, bank.concept], root=root), None)
        for source in (transfer.toxic, transfer.nontoxic) if transfer is not None else ():
            look_at(source, root)

    def run(self, job: Job[GeometryInputs]) -> None:
        """See :meth:`~hormesis.study.engine.kind.Kind.run`."""
        from hormesis.pretrain import Checkpoint, snapshots
        from hormesis.representation.geometry import survey_model

        inputs, root, work = job.inputs, job.root, job.work
        trained = job.cell.need("model", PretrainInputs)
        training, held_out = trained.inputs.training, trained.need("corpus", CorpusInputs).inputs.held_out
        checkpoint = Checkpoint.open(job.folder("model"))
        kept = snapshots(checkpoint.folder.parent)
        if missing := set(training.snapshot_steps(checkpoint.provenance.steps)) - set(kept):
            raise HormesisError(
                f"{checkpoint.folder.parent} lacks the models after the steps {sorted(missing)}",
                "remove that folder and run the study again: the model is trained anew",
            )
        concept = concept_of(inputs.concept, inputs.corpus, root)
        bank_texts = bank_of(inputs.geometry.bank, inputs.corpus, root)
        other = _other(inputs.geometry.transfer, held_out, root)

        def survey(folder: Path, place: int, name: str) -> ModelSurvey:
            def tell(what: str, done: int, whole: int) -> None:
                part = 0.3 * done / whole if what == "reads texts" else 0.3 + 0.7 * done / whole
                job.progress((place + part) / (1 + len(kept)), f"{name}: {what} {done:,} of {whole:,}")

            lm = open_folder(folder, job.device)
            config = inputs.geometry.survey
            if folder != checkpoint.folder:
                config = config.model_copy(update={"lens": False})  # it is only shown of finished models
            return survey_model(lm, concept, bank_texts, config, other=other, progress=tell)

        rows: list[Measurement] = []
        origin = asdict(origin_of(job.cell.name, inputs.arm))
        for place, (step, folder) in enumerate(kept.items()):
            early = survey(folder, place, f"step {step:,}")
            tokens = step * training.batch_rows * training.sequence_length
            then = origin | {"training_tokens": tokens}
            rows += [Measurement(**then, **asdict(finding)) for finding in early.findings]
        found = survey(checkpoint.folder, len(kept), "the finished model")
        for bank in found.banks:
            bank.save(work / "bank" / bank.site)
        with write_file(work / LENSES_FILE) as temporary:
            temporary.write_text("".join(json.dumps(asdict(lens)) + "\n" for lens in found.lenses), encoding="utf-8")
        write_rows(work, rows + [Measurement(**origin, **asdict(finding)) for finding in found.findings])

    def cost(self, inputs: GeometryInputs, pricing: Pricing) -> CellEstimate:
        """Reading concept, bank and the second data set, with the model and its snapshots."""
        bank, transfer = inputs.geometry.bank, inputs.geometry.transfer
        texts = pricing.texts_of(inputs.concept)
        texts += bank.minimum * (bank.concepts if isinstance(bank, FileBank) else len(Microworld().topics))
        texts += 2 * (transfer.limit or UNKNOWN_COUNT) if transfer is not None else 0
        return pricing.reading((1 + len(pricing.config.training.snapshots)) * texts)


def bank_of(bank: FileBank | MicroworldBank, corpus: Corpus, root: Path | None) -> ConceptTexts:
    """The texts of the bank."""
    if isinstance(bank, FileBank):
        return read_concept_bank(bank, root)
    # Another seed than the concept's: other texts of the same language.
    settings = world_of(corpus).config
    world = Microworld(settings.model_copy(update={"seed": settings.seed + 1}))
    topics = world.topics
    drawn = world.concept(4 * bank.minimum * len(topics))
    of_topic = {
        topic: list(
            dict.fromkeys(text for text, group in zip(drawn.texts, drawn.groups, strict=True) if group == topic)
        )
        for topic in topics
    }
    texts = tuple(text for topic in sorted(topics) for text in of_topic[topic][: bank.minimum])
    return ConceptTexts(texts, tuple(topic for topic in sorted(topics) for _ in of_topic[topic][: bank.minimum]))


def _other(transfer: TransferSection | None, held_out: HeldOutConfig, root: Path | None) -> LabelledTexts | None:
    """The texts of another data set that no model was trained on: else shares would differ in what they remember."""
    from hormesis.representation.geometry import joined

    if transfer is None:
        return None
    toxic, nontoxic = (
        [one.text for one in read(source, root=root) if role_of(one.text, held_out) != "train"]
        for source in (transfer.toxic, transfer.nontoxic)
    )
    return joined(toxic, nontoxic, transfer.limit)
