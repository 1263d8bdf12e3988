"""Capture the heads and the residual stream of one model on the concept's texts, and probe them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from hormesis.corpus import HeldOutConfig
from hormesis.measurements import Measurement
from hormesis.study.arms import Arm
from hormesis.study.cells.pretrain import PretrainInputs, open_model
from hormesis.study.engine.cell import Cell, Inputs, of_kind
from hormesis.study.engine.kind import Job, Kind, kind
from hormesis.study.rows import origin_of, write_rows
from hormesis.study.texts import AnyConcept, Corpus, CorpusConcept, FileConcept, FileCorpus, concept_of

if TYPE_CHECKING:
    from pathlib import Path

    from hormesis.detox import Evidence, PreferencePair
    from hormesis.models import LanguageModel
    from hormesis.representation import GroupSplit, HeadProbes
    from hormesis.study.engine.cost import CellEstimate, Pricing
    from hormesis.study.engine.fingerprints import Fingerprints
    from hormesis.study.engine.store import Store
    from hormesis.study.plan import Plan, PlannedArm, Planning

_HEADS_FILE, _RESIDUAL_FILE = "activations.npy", "residual.npy"
SPLIT_SEED = 0
"""The same split for every model of every study, so that heads are compared on the same texts."""


class ProbeInputs(Inputs):
    """What decides activations and probes."""

    kind: ClassVar[str] = "probe"
    arm: Arm
    corpus: Corpus
    concept: AnyConcept
    name: str = ""
    """Of the concept, among `concepts`; empty: the study's main one."""
    held_out: HeldOutConfig | None = None
    """What sets the texts of a concept aside that is the corpus's own."""
    data: dict[str, str]

    @property
    def version(self) -> int:
        """1 kept the heads alone, without the residual stream."""
        return 2


@kind
class ProbeKind(Kind[ProbeInputs]):
    """Heads, residual stream, labels and groups of the texts: what :func:`open_evidence` makes interventions from."""

    inputs = ProbeInputs
    after = ("pretrain",)

    def plan_arm(self, planning: Planning, arm: PlannedArm) -> Iterator[Cell[ProbeInputs]]:
        """One a model, and one more for each named concept that a method of this model is fitted on."""
        config = planning.config
        used = {method.concept for method in arm.methods(config.methods)}
        for name, concept in {"": config.concept, **config.concepts}.items():
            if name and name not in used:
                continue
            inputs = ProbeInputs(
                arm=arm.arm,
                corpus=config.corpus,
                concept=concept,
                name=name,
                held_out=config.held_out if isinstance(concept, CorpusConcept) else None,
                data=concept_data(concept, config.corpus, planning.files),
            )
            of_concept = f" of {name}" if name else ""
            yield Cell(inputs, {"model": arm.cell(PretrainInputs)}, label=f"probe{of_concept} {arm.label}")

    def foresee(self, plan: Plan, root: Path | None) -> None:
        """See :meth:`~hormesis.study.engine.kind.Kind.foresee`."""
        from hormesis.representation import split_by_group

        config = plan.config
        for concept in (config.concept, *config.concepts.values()):
            local = isinstance(concept, FileConcept) and concept.path is not None
            if local or (isinstance(concept, CorpusConcept) and concept.nontoxic.path is not None):
                split_by_group(concept_of(concept, config.corpus, root, config.held_out).groups, SPLIT_SEED)

    def run(self, job: Job[ProbeInputs]) -> None:
        """See :meth:`~hormesis.study.engine.kind.Kind.run`."""
        from hormesis.representation import capture_heads_and_residual, fit_probes, split_by_group

        inputs, work = job.inputs, job.work
        lm = open_model(job.cell.need("model", PretrainInputs), job.store, job.device)
        concept = concept_of(inputs.concept, inputs.corpus, job.root, inputs.held_out)
        captured, _ = capture_heads_and_residual(
            lm,
            concept.texts,
            files=(work / _HEADS_FILE, work / _RESIDUAL_FILE),
            progress=lambda done, texts: job.progress(0.8 * done / texts, f"captures {done:,} of {texts:,} texts"),
        )
        np.save(work / "labels.npy", concept.labels, allow_pickle=False)
        np.save(work / "groups.npy", np.array(concept.groups, dtype=str), allow_pickle=False)
        job.progress(0.8, "fits probes")
        split = split_by_group(concept.groups, SPLIT_SEED)
        write_rows(work, probe_rows(job.cell, inputs.arm, fit_probes(captured, concept.labels, split)))

    def cost(self, inputs: ProbeInputs, pricing: Pricing) -> CellEstimate:
        """Reading the concept's texts once."""
        return pricing.reading(pricing.texts_of(inputs.concept))


def concept_data(concept: AnyConcept, corpus: Corpus, files: Fingerprints) -> dict[str, str]:
    """The fingerprints of a concept's files."""
    if isinstance(concept, CorpusConcept):
        toxic = {"toxic": corpus.toxic} if isinstance(corpus, FileCorpus) else {}
        return files.fingerprints(toxic | {"nontoxic": concept.nontoxic})
    return files.fingerprints({"concept": concept} if isinstance(concept, FileConcept) else {})


def probe_of(arm: PlannedArm, concept: str | None) -> Cell[ProbeInputs]:
    """The planned cell of a model that holds what a method is fitted on.

    :param concept: one of the study's `concepts`; None: its main one.
    """
    cells = of_kind(tuple(arm.cells), ProbeInputs)
    return next(cell for cell in cells if cell.inputs.name == (concept or ""))


def probe_rows(cell: Cell[ProbeInputs], arm: Arm, probes: HeadProbes) -> list[Measurement]:
    """Accuracy and AUROC of each head: on validation, which ranks them, and on test, which chooses nothing."""
    from scipy.stats import binomtest

    origin = asdict(origin_of(cell.name, arm))
    rows = []
    domain = f"concept {cell.inputs.name}" if cell.inputs.name else "concept"
    tables = {
        domain: (probes.accuracy, probes.auroc, len(probes.split.validation)),
        f"{domain}/test": (probes.test_accuracy, probes.test_auroc, len(probes.split.test)),
    }
    for domain, (accuracy, auroc, n) in tables.items():
        for layer, head in np.ndindex(*accuracy.shape):
            site = {**origin, "domain": domain, "site": f"{layer}.{head}", "n": n}
            right, area = float(accuracy[layer, head]), float(auroc[layer, head])
            low, high = binomtest(round(right * n), n).proportion_ci(method="wilson")
            rows.append(Measurement(**site, metric="probe_accuracy", value=right, low=float(low), high=float(high)))
            rows.append(Measurement(**site, metric="probe_auroc", value=area))
    return rows


def open_evidence(
    cell: Cell[ProbeInputs],
    store: Store,
    lm: LanguageModel,
    root: Path | None,
    pairs: tuple[PreferencePair, ...] = (),
) -> Evidence:
    """What methods are fitted on, from a finished cell; draws and fine-tunings are seeded by the model's seed.

    :param pairs: what a fine-tuning learns from (:func:`hormesis.study.tuning.pairs_of`).
    """
    import torch

    from hormesis.detox import Evidence, Learner
    from hormesis.representation import (
        HeadActivations,
        ModelLayout,
        ResidualActivations,
        fit_probes,
        split_by_group,
    )

    inputs, folder = cell.inputs, store.cell_folder(cell)
    layout = ModelLayout.of(lm.model, validate=False)
    labels: NDArray[np.bool_] = np.load(folder / "labels.npy", allow_pickle=False)
    groups: list[str] = np.load(folder / "groups.npy", allow_pickle=False).tolist()
    split: GroupSplit = split_by_group(groups, SPLIT_SEED)
    heads = torch.from_numpy(np.load(folder / _HEADS_FILE, allow_pickle=False))
    activations = HeadActivations(
        heads.view(len(labels), layout.layers, layout.heads, layout.head_width), layout.architecture
    )
    stream = torch.from_numpy(np.load(folder / _RESIDUAL_FILE, allow_pickle=False))
    return Evidence(
        activations,
        labels,
        fit_probes(activations, labels, split),
        seed=inputs.arm.seeds.init,
        residual=ResidualActivations(stream, layout.architecture),
        read_texts=lambda: concept_of(inputs.concept, inputs.corpus, root, inputs.held_out).texts,
        learner=Learner(lm, pairs),
    )
