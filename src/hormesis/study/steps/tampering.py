"""Fine-tune one detoxified model for growing numbers of steps, and measure it after each."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pandas as pd

from hormesis.attacks import Stop, TamperingKind, Yardstick, stops_of, tampering_measurements
from hormesis.corpus import role_of
from hormesis.detox import METHODS, Intervention, Unsteered, is_fitted, load_intervention
from hormesis.detox.conditioned import Conditioned
from hormesis.evaluate import read_measurements, to_frame, write_measurements
from hormesis.study.cells import Cell, TamperInputs
from hormesis.study.steps.corpus import documents_of, read_texts
from hormesis.study.steps.probing import open_model
from hormesis.study.steps.rows import MEASUREMENTS_FILE, origin_of
from hormesis.study.steps.scoring import open_scorer, prompts_of
from hormesis.study.store import Store

_PARTS: dict[TamperingKind, str] = {"benign": "clean", "adversarial": "toxic"}


def tamper_step(cell: Cell, store: Store, root: Path | None, progress: Callable[[float, str], None]) -> None:
    """Measurement rows, written after every stop: a killed cell goes on with the next."""
    inputs = cell.inputs
    assert isinstance(inputs, TamperInputs)
    path = store.work_folder(cell) / MEASUREMENTS_FILE
    rows = read_measurements(path) if path.is_file() else to_frame([])
    known = rows[["tampering", "tampering_steps"]].drop_duplicates()
    done = [Stop(kind, int(steps)) for kind, steps in known.itertuples(index=False)]
    section, corpus = inputs.tampering, store.cell_folder(cell.needs["corpus"])
    lm = open_model(cell.needs["model"], store)
    scorer = open_scorer(cell.needs["scorer"], store)
    held_out = {path.stem: path for path in sorted((corpus / "held_out").glob("*.parquet"))}
    yardstick = Yardstick(
        {domain: prompts_of(prompts, inputs.corpus, root) for domain, prompts in inputs.prompts.items()},
        {domain: read_texts(file)[: inputs.documents] for domain, file in held_out.items()},
        scorer,
        inputs.generation,
    )
    texts = {kind: _training_texts(inputs, kind, root) for kind in section.kinds}
    intervention, strength = _intervention(cell, inputs, store), section.strength_of(inputs.method)
    origin = origin_of(
        cell.name,
        inputs.arm,
        method=intervention.name,
        heads=inputs.method.edited_heads if inputs.method is not None else None,
        scorer=(scorer.name, scorer.revision),
    )
    config = section.training.model_copy(update={"seed": inputs.arm.seeds.init})
    every = stops_of(section.kinds, config)

    def told(stop: Stop, now: int, whole: int) -> None:
        progress((every.index(stop) + now / whole) / len(every), f"{stop.kind} fine-tuning, step {now} of {whole}")

    for _, found in tampering_measurements(
        lm,
        intervention,
        strength,
        texts,
        config,
        yardstick,
        origin,
        done=done,
        progress=told,
    ):
        rows = pd.concat([rows, to_frame(found)], ignore_index=True)
        write_measurements(path, rows)


def _training_texts(inputs: TamperInputs, kind: TamperingKind, root: Path | None) -> list[str]:
    """The first training rows of a part of the corpus: none that anything is measured or scored with."""
    documents = documents_of(inputs.corpus, _PARTS[kind], root)
    training = (row.text for row in documents if role_of(row.text, inputs.held_out) == "train")
    return list(islice(training, inputs.tampering.texts))


def _intervention(cell: Cell, inputs: TamperInputs, store: Store) -> Intervention:
    """What the evaluate cell of the same arm and method was measured with."""
    method = inputs.method
    intervention: Intervention = Unsteered()
    if is_fitted(method):
        intervention = load_intervention(store.cell_folder(cell.needs["evaluated"]) / "intervention")
    elif method is not None:
        intervention = METHODS[method.method].fit(None, method)
    return Conditioned(intervention, inputs.condition) if inputs.condition else intervention
