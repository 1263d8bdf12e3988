"""From cells to the tables of a results folder: every row of every cell, and the same pooled over seeds.

The tables outlive the cells: a folder that holds nothing but them can be reported, pooled again and added to.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from hormesis.errors import HormesisError
from hormesis.evaluate import (
    AnswerTable,
    DocumentTable,
    Measurement,
    PromptTable,
    answer_measurements,
    document_measurements,
    prompt_measurements,
    read_measurements,
    to_frame,
    write_measurements,
)
from hormesis.evaluate.tables import write_table
from hormesis.study.cells import Cell, EvaluateInputs
from hormesis.study.plan import Plan
from hormesis.study.steps.rows import ANSWERS_FILE, DOCUMENTS_FILE, MEASUREMENTS_FILE, PROMPTS_FILE, origin_of
from hormesis.study.store import Store

POOLED = "pooled"


def collect(plan: Plan, store: Store) -> pd.DataFrame:
    """Write ``measurements.parquet``, ``prompts.parquet``, ``documents.parquet`` and, where there are tasks,
    ``answers.parquet`` of the results folder.

    Rows of a cell come from its folder, or else from the tables as they were; rows of cells that are not of this
    plan are left out.

    :returns: the measurements.
    :raises HormesisError: no cell has been measured yet, or a table is damaged.
    """
    measurements = _gathered(plan, store, MEASUREMENTS_FILE)
    if measurements is None:
        raise HormesisError(f"no cell of {store.folder} has been measured yet", "run `hormesis study run` first")
    prompts = _gathered(plan, store, PROMPTS_FILE)
    documents = _gathered(plan, store, DOCUMENTS_FILE)
    answers = _gathered(plan, store, ANSWERS_FILE)
    rows = [
        measurement
        for cells in _replications(plan)
        for measurement in _pooled(cells, prompts, documents, answers, measurements)
    ]
    everything = pd.concat([measurements, to_frame(rows)], ignore_index=True) if rows else measurements
    write_measurements(store.folder / MEASUREMENTS_FILE, everything)
    for name, table in ((PROMPTS_FILE, prompts), (DOCUMENTS_FILE, documents), (ANSWERS_FILE, answers)):
        if table is not None:
            write_table(store.folder / name, table)
    return everything


def _gathered(plan: Plan, store: Store, file: str) -> pd.DataFrame | None:
    """One table of all measured cells, with the column ``cell``."""
    path = store.folder / file
    kept = _read_kept(path) if path.is_file() else None
    parts = []
    for cell in plan.measured:
        fresh = store.cell_folder(cell) / file
        if fresh.is_file():
            parts.append(_read_cell(fresh).assign(cell=cell.name))
        elif kept is not None:
            parts.append(kept[kept["cell"] == cell.name])
    parts = [part for part in parts if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else None


def _read_kept(path: Path) -> pd.DataFrame:
    return read_measurements(path) if path.name == MEASUREMENTS_FILE else pd.read_parquet(path)


def _read_cell(path: Path) -> pd.DataFrame:
    if path.name == MEASUREMENTS_FILE:
        return read_measurements(path)
    if path.name == ANSWERS_FILE:
        return AnswerTable.read(path).frame
    return (PromptTable if path.name == PROMPTS_FILE else DocumentTable).read(path).frame


def _replications(plan: Plan) -> Iterator[list[Cell]]:
    """The evaluate cells that differ in their seeds alone."""
    groups: dict[tuple[str, float, str, str], list[Cell]] = {}
    for cell in plan.of_kind("evaluate"):
        inputs = cell.inputs
        assert isinstance(inputs, EvaluateInputs)
        method = inputs.method.model_dump_json() if inputs.method else ""
        groups.setdefault((inputs.arm.recipe, inputs.arm.share, inputs.arm.budget, method), []).append(cell)
    yield from groups.values()


def _pooled(
    cells: list[Cell],
    prompts: pd.DataFrame | None,
    documents: pd.DataFrame | None,
    answers: pd.DataFrame | None,
    measurements: pd.DataFrame,
) -> list[Measurement]:
    """Rows over all seeds of one recipe, share and method; those over some of them would pass for the whole."""
    if len(cells) < 2 or prompts is None or documents is None:
        return []
    tables = [(prompts[prompts["cell"] == cell.name], documents[documents["cell"] == cell.name]) for cell in cells]
    if any(of_prompts.empty or of_documents.empty for of_prompts, of_documents in tables):
        return []
    inputs = cells[0].inputs
    assert isinstance(inputs, EvaluateInputs)
    first = measurements[(measurements["cell"] == cells[0].name) & measurements["scorer"].notna()].iloc[0]
    origin = origin_of(
        POOLED,
        inputs.arm,
        method=str(first["method"]),
        heads=None if pd.isna(first["heads"]) else int(first["heads"]),
        scorer=(str(first["scorer"]), str(first["scorer_revision"])),
    )
    rows = prompt_measurements(
        [PromptTable(of_prompts.drop(columns="cell")) for of_prompts, _ in tables], origin
    ) + document_measurements([DocumentTable(of_documents.drop(columns="cell")) for _, of_documents in tables], origin)
    answered = [] if answers is None else [answers[answers["cell"] == cell.name] for cell in cells]
    if answered and not any(of_answers.empty for of_answers in answered):
        rows += answer_measurements([AnswerTable(of_answers.drop(columns="cell")) for of_answers in answered], origin)
    return rows
