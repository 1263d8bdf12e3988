"""Survey the geometry of concepts in one model."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from hormesis.corpus import (
    ConceptTexts,
    HeldOutConfig,
    LabelledTexts,
    Microworld,
    read,
    read_concept_bank,
    role_of,
)
from hormesis.errors import HormesisError
from hormesis.evaluate import Measurement
from hormesis.files import write_file
from hormesis.pretrain import Checkpoint, snapshots
from hormesis.representation.geometry import ModelSurvey, joined, survey_model
from hormesis.study.cells import Cell, CorpusInputs, GeometryInputs, PretrainInputs
from hormesis.study.config import FileCorpus, MicroworldCorpus
from hormesis.study.geometry_config import FileBank, MicroworldBank, TransferSection
from hormesis.study.steps.probing import concept_of, open_folder
from hormesis.study.steps.rows import LENSES_FILE, origin_of, write_rows
from hormesis.study.store import Store


def geometry_step(cell: Cell, store: Store, root: Path | None, progress: Callable[[float, str], None]) -> None:
    """Findings as measurements, the banks as artefacts in ``bank/SITE``, and ``lenses.jsonl``; of the snapshots that
    were kept in training the measurements alone."""
    inputs, pretraining = cell.inputs, cell.needs["model"].inputs
    corpus = cell.needs["model"].needs["corpus"].inputs
    assert isinstance(inputs, GeometryInputs)
    assert isinstance(pretraining, PretrainInputs) and isinstance(corpus, CorpusInputs)
    work = store.work_folder(cell)
    checkpoint = Checkpoint.open(store.cell_folder(cell.needs["model"]))
    kept = snapshots(checkpoint.folder.parent)
    if missing := set(pretraining.training.snapshot_steps(checkpoint.provenance.steps)) - set(kept):
        raise HormesisError(
            f"{checkpoint.folder.parent} lacks the models after the steps {sorted(missing)}",
            "remove that folder and run the study again: the model is trained anew",
        )
    concept = concept_of(inputs.concept, inputs.corpus, root)
    bank_texts = bank_of(inputs.geometry.bank, inputs.corpus, root)
    other = _other(inputs.geometry.transfer, corpus.held_out, root)

    def survey(folder: Path, place: int, name: str) -> ModelSurvey:
        def tell(what: str, done: int, whole: int) -> None:
            part = 0.3 * done / whole if what == "reads texts" else 0.3 + 0.7 * done / whole
            progress((place + part) / (1 + len(kept)), f"{name}: {what} {done:,} of {whole:,}")

        lm = open_folder(folder)
        config = inputs.geometry.survey
        if folder != checkpoint.folder:
            config = config.model_copy(update={"lens": False})  # it is only shown of finished models
        return survey_model(lm, concept, bank_texts, config, other=other, progress=tell)

    rows: list[Measurement] = []
    origin = asdict(origin_of(cell.name, inputs.arm))
    for place, (step, folder) in enumerate(kept.items()):
        early = survey(folder, place, f"step {step:,}")
        tokens = step * pretraining.training.batch_rows * pretraining.training.sequence_length
        rows += [Measurement(**origin | {"training_tokens": tokens}, **asdict(finding)) for finding in early.findings]
    found = survey(checkpoint.folder, len(kept), "the finished model")
    for bank in found.banks:
        bank.save(work / "bank" / bank.site)
    with write_file(work / LENSES_FILE) as temporary:
        temporary.write_text("".join(json.dumps(asdict(lens)) + "\n" for lens in found.lenses), encoding="utf-8")
    write_rows(work, rows + [Measurement(**origin, **asdict(finding)) for finding in found.findings])


def bank_of(bank: FileBank | MicroworldBank, corpus: FileCorpus | MicroworldCorpus, root: Path | None) -> ConceptTexts:
    """The texts of the bank."""
    if isinstance(bank, FileBank):
        return read_concept_bank(bank, root)
    assert isinstance(corpus, MicroworldCorpus)
    # Another seed than the concept's: other texts of the same language.
    world = Microworld(corpus.settings.model_copy(update={"seed": corpus.settings.seed + 1}))
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
    if transfer is None:
        return None
    toxic, nontoxic = (
        [one.text for one in read(source, root=root) if role_of(one.text, held_out) != "train"]
        for source in (transfer.toxic, transfer.nontoxic)
    )
    return joined(toxic, nontoxic, transfer.limit)
