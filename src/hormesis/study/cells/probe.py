"""Capture the heads and the residual stream of one model on the concept's texts, and probe them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from hormesis.measurements import Measurement
from hormesis.study.arms import Arm
from hormesis.study.cells.pretrain import PretrainInputs, open_model
from hormesis.study.engine.cell import Cell, Inputs
from hormesis.study.engine.kind import Job, Kind, kind
from hormesis.study.rows import origin_of, write_rows
from hormesis.study.texts import Concept, Corpus, FileConcept, concept_of

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
    concept: Concept
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
        """One a model."""
        config = planning.config
        inputs = ProbeInputs(
            arm=arm.arm, corpus=config.corpus, concept=config.concept, data=concept_data(config.concept, planning.files)
        )
        yield Cell(inputs, {"model": arm.cell(PretrainInputs)}, label=f"probe {arm.label}")

    def foresee(self, plan: Plan, root: Path | None) -> None:
        """See :meth:`~hormesis.study.engine.kind.Kind.foresee`."""
        concept = plan.config.concept
        if isinstance(concept, FileConcept) and concept.path is not None:
            from hormesis.representation import split_by_group

            split_by_group(concept_of(concept, plan.config.corpus, root).groups, SPLIT_SEED)

    def run(self, job: Job[ProbeInputs]) -> None:
        """See :meth:`~hormesis.study.engine.kind.Kind.run`."""
        from hormesis.representation import capture_heads_and_residual, fit_probes, split_by_group

        inputs, work = job.inputs, job.work
        lm = open_model(job.cell.need("model", PretrainInputs), job.store)
        concept = concept_of(inputs.concept, inputs.corpus, job.root)
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


def concept_data(concept: Concept, files: Fingerprints) -> dict[str, str]:
    """The fingerprint of a concept's file."""
    return files.fingerprints({"concept": concept} if isinstance(concept, FileConcept) else {})


def probe_rows(cell: Cell[ProbeInputs], arm: Arm, probes: HeadProbes) -> list[Measurement]:
    """Accuracy and AUROC of each head: on validation, which ranks them, and on test, which chooses nothing."""
    from scipy.stats import binomtest

    origin = asdict(origin_of(cell.name, arm))
    rows = []
    tables = {
        "concept": (probes.accuracy, probes.auroc, len(probes.split.validation)),
        "concept/test": (probes.test_accuracy, probes.test_auroc, len(probes.split.test)),
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
        read_texts=lambda: concept_of(inputs.concept, inputs.corpus, root).texts,
        learner=Learner(lm, pairs),
    )
