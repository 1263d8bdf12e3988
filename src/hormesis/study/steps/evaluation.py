"""Measure one model under one method, at all its strengths."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import pandas as pd

from hormesis.detox import METHODS, Intervention, PreferencePair, Unsteered, is_fitted
from hormesis.detox.conditioned import Conditioned
from hormesis.evaluate import (
    DetectionTable,
    DocumentTable,
    Measurement,
    Origin,
    PromptTable,
    ProtocolResult,
    answer_measurements,
    detection_measurements,
    document_measurements,
    evaluate_prompts,
    evaluate_tasks,
    language_model_cost,
    linear_probe,
    load_tasks,
    prompt_measurements,
    read_toxigen,
    score_generations,
    zero_shot,
)
from hormesis.evaluate.summary import SCORED_METRICS
from hormesis.evaluate.tables import write_table
from hormesis.files import write_file
from hormesis.report import Sample
from hormesis.study.cells import Arm, Cell, CorpusInputs, EvaluateInputs
from hormesis.study.scorer_cells import scorer_roles
from hormesis.study.steps.corpus import read_texts
from hormesis.study.steps.pairs import pairs_of
from hormesis.study.steps.probing import open_evidence, open_model
from hormesis.study.steps.rows import (
    ANSWERS_FILE,
    DETECTION_FILE,
    DOCUMENTS_FILE,
    OTHERS_FILE,
    PROMPTS_FILE,
    SAMPLES_FILE,
    origin_of,
    write_rows,
)
from hormesis.study.steps.scoring import open_scorer, prompts_of
from hormesis.study.store import Store

_GENERATION_SHARE = 0.8  # of a cell's time, for its progress


def evaluate_step(cell: Cell, store: Store, root: Path | None, progress: Callable[[float, str], None]) -> None:
    """``prompts.parquet`` and ``documents.parquet`` (numbers by prompt and document), ``answers.parquet`` (by question)
    and ``detection.parquet`` (by text) where they are asked for, their summary as measurements, and ``intervention/``
    where one was fitted."""
    inputs = cell.inputs
    corpus = cell.needs["corpus"].inputs
    assert isinstance(inputs, EvaluateInputs) and isinstance(corpus, CorpusInputs)
    work, method = store.work_folder(cell), inputs.method
    lm = open_model(cell.needs["model"], store)
    scorer, *others = (open_scorer(cell.needs[role], store) for role in scorer_roles(cell))
    intervention: Intervention = Unsteered()
    strengths: tuple[float, ...] = (0.0,)
    pairs: tuple[PreferencePair, ...] = ()
    if method is not None:
        evidence, strengths = None, method.measured_strengths
        if is_fitted(method):
            progress(0.0, f"fits {method.method}")
            pairs = pairs_of(cell, store, lm, root, progress)
            evidence = open_evidence(cell.needs["probe"], store, lm, root, pairs)
        intervention = METHODS[method.method].fit(evidence, method)
        if evidence is not None:
            intervention.save(work / "intervention")
    if inputs.condition:
        intervention = Conditioned(intervention, inputs.condition)
    tables, samples = [], []
    by_others: dict[tuple[str, str], list[pd.DataFrame]] = {(each.name, each.revision): [] for each in others}
    for position, (domain, section) in enumerate(inputs.prompts.items()):
        prompts = prompts_of(section, inputs.corpus, root)

        def show(done: int, all_prompts: int, domain: str = domain, position: int = position) -> None:
            fraction = (position + done / all_prompts) / len(inputs.prompts)
            progress(_GENERATION_SHARE * fraction, f"continues {domain} prompts {done} of {all_prompts}")

        result = evaluate_prompts(
            lm,
            prompts,
            intervention,
            strengths,
            scorer,
            inputs.generation,
            domain=domain,
            progress=show,
        )
        tables.append(result.table.frame)
        for each in others:  # of the same continuations
            judged = PromptTable.of(domain, prompts, result.generations, score_generations(result.generations, each))
            by_others[each.name, each.revision].append(judged.frame)
        samples += _samples(result, inputs.arm, intervention.name, inputs.samples_in_report)
    table = PromptTable(pd.concat(tables, ignore_index=True))
    table.write(work / PROMPTS_FILE)
    with write_file(work / SAMPLES_FILE) as temporary:
        temporary.write_text("".join(json.dumps(asdict(sample)) + "\n" for sample in samples), encoding="utf-8")
    costs = []
    for path in sorted((store.cell_folder(cell.needs["corpus"]) / "held_out").glob("*.parquet")):
        progress(_GENERATION_SHARE, f"cross-entropy on {path.stem}")
        texts = read_texts(path)[: inputs.documents]
        costs.append(language_model_cost(lm, texts, intervention, strengths, domain=path.stem).frame)
    documents = DocumentTable(pd.concat(costs, ignore_index=True))
    documents.write(work / DOCUMENTS_FILE)
    origin: Origin = origin_of(
        cell.name,
        inputs.arm,
        method=intervention.name,
        heads=method.edited_heads if method is not None else None,
        scorer=(scorer.name, scorer.revision),
    )
    rows: list[Measurement] = prompt_measurements([table], origin) + document_measurements([documents], origin)
    if pairs:
        found, unscored = len(pairs), asdict(replace(origin, scorer=None, scorer_revision=None))
        rows.append(Measurement(**unscored, metric="tuning_pairs", domain="pairs", value=found, n=found))
    if inputs.tasks is not None:
        tasks = load_tasks(inputs.tasks, root)
        answers = evaluate_tasks(
            lm, tasks, intervention, strengths,
            progress=lambda done, whole: progress(_GENERATION_SHARE, f"judges choice {done:,} of {whole:,}"),
        )  # fmt: skip
        answers.write(work / ANSWERS_FILE)
        rows += answer_measurements([answers], origin)
    if inputs.detection is not None:
        progress(_GENERATION_SHARE, "tells toxic texts")
        annotated = read_toxigen(inputs.detection, root)
        told = [zero_shot(lm, annotated, intervention, strengths).frame]
        if method is None:
            told.append(linear_probe(lm, annotated).frame)
        detection = DetectionTable(pd.concat(told, ignore_index=True))
        detection.write(work / DETECTION_FILE)
        rows += detection_measurements(detection, origin)
    for (name, revision), frames in by_others.items():
        other = PromptTable(pd.concat(frames, ignore_index=True))
        judged_rows = prompt_measurements([other], replace(origin, scorer=name, scorer_revision=revision))
        rows += [row for row in judged_rows if row.metric in SCORED_METRICS]
    if others:
        named = [
            frame.assign(scorer=name, scorer_revision=revision)
            for (name, revision), frames in by_others.items()
            for frame in frames
        ]
        write_table(work / OTHERS_FILE, pd.concat(named, ignore_index=True))
    write_rows(work, rows)


def _samples(result: ProtocolResult, arm: Arm, method: str, count: int) -> list[Sample]:
    """The first sample of evenly spaced prompts: chosen by place, never by content."""
    generations = result.generations
    step = max(1, len(generations.prompts) // max(1, count))
    return [
        Sample(
            share=arm.share,
            method=method,
            strength=strength if method == "base" or METHODS[method].uses_strength else None,
            prompt=generations.prompts[index],
            text=generations.texts[index][place][0],
            score=None if math.isnan(score := float(result.scores[index, place, 0])) else score,
        )
        for index in range(0, step * count, step)
        for place, strength in enumerate(generations.strengths)
    ]
