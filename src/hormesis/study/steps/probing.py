"""Capture the heads of one model on the concept's texts, and probe them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import binomtest

from hormesis.corpus import LabelledTexts, Microworld, read_concept
from hormesis.detox import Evidence, Learner, PreferencePair
from hormesis.evaluate import Measurement
from hormesis.models import LanguageModel, load
from hormesis.pretrain import Checkpoint
from hormesis.representation import (
    GroupSplit,
    HeadActivations,
    HeadProbes,
    ModelLayout,
    ResidualActivations,
    capture_heads_and_residual,
    fit_probes,
    split_by_group,
)
from hormesis.study.cells import Arm, Cell, ProbeInputs
from hormesis.study.config import Concept, FileConcept, FileCorpus, MicroworldCorpus
from hormesis.study.steps.rows import origin_of, write_rows
from hormesis.study.store import Store

_HEADS_FILE, _RESIDUAL_FILE = "activations.npy", "residual.npy"
SPLIT_SEED = 0
"""The same split for every model of every study, so that heads are compared on the same texts."""


def open_model(cell: Cell, store: Store) -> LanguageModel:
    """The model of a finished pretrain cell, its weights checked against their recorded hashes.

    :raises HormesisError: the checkpoint is missing or damaged.
    """
    return open_folder(Checkpoint.open(store.cell_folder(cell)).folder)


def open_folder(folder: Path) -> LanguageModel:
    """A trained model, to be measured: where and as precisely as it is in every study."""
    return load(folder, device="cpu", dtype="float32")


def concept_of(concept: Concept, corpus: FileCorpus | MicroworldCorpus, root: Path | None) -> LabelledTexts:
    """The labelled texts that a study's probes are fitted on."""
    if isinstance(concept, FileConcept):
        return read_concept(concept, root)
    assert isinstance(corpus, MicroworldCorpus)
    return Microworld(corpus.settings).concept(concept.texts)


def probe_step(cell: Cell, store: Store, root: Path | None, progress: Callable[[float, str], None]) -> None:
    """Heads, residual stream, labels and groups of the texts: what :func:`open_evidence` makes interventions from."""
    inputs = cell.inputs
    assert isinstance(inputs, ProbeInputs)
    work = store.work_folder(cell)
    lm = open_model(cell.needs["model"], store)
    concept = concept_of(inputs.concept, inputs.corpus, root)
    captured, _ = capture_heads_and_residual(
        lm,
        concept.texts,
        files=(work / _HEADS_FILE, work / _RESIDUAL_FILE),
        progress=lambda done, texts: progress(0.8 * done / texts, f"captures {done:,} of {texts:,} texts"),
    )
    np.save(work / "labels.npy", concept.labels, allow_pickle=False)
    np.save(work / "groups.npy", np.array(concept.groups, dtype=str), allow_pickle=False)
    progress(0.8, "fits probes")
    split = split_by_group(concept.groups, SPLIT_SEED)
    write_rows(work, probe_rows(cell, inputs.arm, fit_probes(captured, concept.labels, split)))


def probe_rows(cell: Cell, arm: Arm, probes: HeadProbes) -> list[Measurement]:
    """Accuracy and AUROC of each head: on validation, which ranks them, and on test, which chooses nothing."""
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
    cell: Cell,
    store: Store,
    lm: LanguageModel,
    root: Path | None,
    pairs: tuple[PreferencePair, ...] = (),
) -> Evidence:
    """What methods are fitted on, from a finished probe cell; draws and fine-tunings are seeded by the model's seed.

    :param pairs: what a fine-tuning learns from (:func:`hormesis.study.steps.pairs.pairs_of`).
    """
    inputs = cell.inputs
    assert isinstance(inputs, ProbeInputs)
    folder = store.cell_folder(cell)
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
        learner=Learner(lm.model, lm.tokenizer, pairs),
    )
