"""From cells to the tables of a results folder: every row of every cell, and the same pooled over seeds.

The tables outlive the cells: a folder that holds nothing but them can be reported, pooled again and added to.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from hormesis.errors import HormesisError
from hormesis.evaluate import ReferenceScale
from hormesis.measurements import (
    AnswerTable,
    DocumentTable,
    Measurement,
    Origin,
    PromptTable,
    answer_measurements,
    document_measurements,
    prompt_measurements,
    read_measurements,
    to_frame,
    write_measurements,
)
from hormesis.measurements.frames import read_table, write_table
from hormesis.measurements.names import (
    ANSWERS_FILE,
    DOCUMENTS_FILE,
    MEASUREMENTS_FILE,
    OTHERS_FILE,
    PROMPTS_FILE,
    TABLES,
)
from hormesis.measurements.prompt_table import DEGENERATE_COLUMNS, PROMPT_SCHEMA
from hormesis.measurements.summary import SCORED_METRICS
from hormesis.study.cells.calibration import SCALE_FILE, CalibrationInputs
from hormesis.study.cells.evaluate import EvaluateInputs
from hormesis.study.cells.scorer import ScorerInputs
from hormesis.study.engine.cell import Cell
from hormesis.study.engine.store import Store
from hormesis.study.methods import columns_of_arm
from hormesis.study.plan import Plan
from hormesis.study.results.outside import POOLED, Kept
from hormesis.study.results.scorer_agreement import agreement_rows, reference_readings
from hormesis.study.rows import origin_of

_OTHERS_SCHEMA = {**PROMPT_SCHEMA, "scorer": "string", "scorer_revision": "string"}


def collect(plan: Plan, store: Store) -> pd.DataFrame:
    """Write ``measurements.parquet``, ``prompts.parquet`` and ``documents.parquet`` of the results folder; where there
    are tasks ``answers.parquet``, and where there are several scorers ``prompts_other_scorers.parquet``.

    Rows of a cell come from its folder, or else from the tables as they were; rows of cells that are not of this plan
    are kept apart (:mod:`hormesis.study.results.outside`).

    :returns: the measurements.
    :raises HormesisError: no cell has been measured yet, or a table is damaged.
    """
    store.claim()
    check_whole(plan, store)
    planned = {cell.name for cell in plan.measured}
    files = (MEASUREMENTS_FILE, PROMPTS_FILE, DOCUMENTS_FILE, ANSWERS_FILE, OTHERS_FILE)
    kept = {file: Kept.read(store.folder, file) for file in files}
    measurements = _gathered(plan, store, kept[MEASUREMENTS_FILE])
    if measurements is None:
        raise HormesisError(f"no cell of {store.folder} has been measured yet", "run `hormesis study run` first")
    prompts = _gathered(plan, store, kept[PROMPTS_FILE])
    documents = _gathered(plan, store, kept[DOCUMENTS_FILE])
    answers = _gathered(plan, store, kept[ANSWERS_FILE])
    others = _gathered(plan, store, kept[OTHERS_FILE])
    replications = list(_replications(plan))
    main = main_scorer(plan, measurements)
    rows = [
        measurement
        for cells in replications
        for measurement in _pooled(cells, prompts, documents, answers, measurements, main)
    ]
    by_scorer = _by_scorer(prompts, others, measurements, main)
    rows += [row for cells in replications for row in _pooled_by_others(cells, by_scorer, measurements)]
    rows += agreement_rows(replications, by_scorer) if len(by_scorer) > 1 else []
    readings = _reference_readings(plan, store, replications, by_scorer, measurements)
    if readings:  # those of before are among the rows of cells whose folders are gone
        measurements = measurements[~measurements["metric"].isin([row.metric for row in readings])]
    rows += readings
    everything = pd.concat([measurements, to_frame(rows)], ignore_index=True) if rows else measurements
    for each in kept.values():
        each.set_aside(planned)
    tables = {PROMPTS_FILE: prompts, DOCUMENTS_FILE: documents, ANSWERS_FILE: answers, OTHERS_FILE: others}
    for name, table in tables.items():
        if table is not None:
            write_table(store.folder / name, table)
    # Last: a cell whose rows are in it counts as measured, and so its other rows must be kept by then.
    write_measurements(store.folder / MEASUREMENTS_FILE, everything)
    for each in kept.values():
        each.take_back(planned)
    return everything


def main_scorer(plan: Plan, measurements: pd.DataFrame) -> tuple[str, str] | None:
    """(scorer, revision) of the study's first scorer; None where its cell was not measured."""
    cell = plan.of(ScorerInputs)[0]
    rows = measurements[(measurements["cell"] == cell.name) & measurements["scorer"].notna()]
    return None if rows.empty else (str(rows["scorer"].iloc[0]), str(rows["scorer_revision"].iloc[0]))


def check_whole(plan: Plan, store: Store) -> None:
    """Whether what finished cells hold is what was written.

    :raises HormesisError: a file is damaged, or a table is gone whose rows are not kept elsewhere.
    """
    measured = store.measured_cells()
    for cell in plan.measured:
        faults = store.faults(cell)
        if faults is None:
            continue
        lost = set(faults.absent) & TABLES if cell.name not in measured else set()
        if wrong := sorted({*faults.damaged, *lost}):
            raise HormesisError(
                f"{cell.label} ({store.cell_folder(cell)}) is not whole: {', '.join(wrong)}",
                "run `hormesis study run` again: it computes that cell anew",
            )


def _gathered(plan: Plan, store: Store, kept: Kept) -> pd.DataFrame | None:
    """One table of all measured cells, with the column ``cell``."""
    parts = []
    for cell in plan.measured:
        fresh = store.cell_folder(cell) / kept.path.name
        part = _read_cell(fresh).assign(cell=cell.name) if fresh.is_file() else kept.of(cell.name)
        if part is not None and len(part):
            parts.append(part)
    return pd.concat(parts, ignore_index=True) if parts else None


def _read_cell(path: Path) -> pd.DataFrame:
    """:raises HormesisError: a damaged table of a cell from before files were hashed."""
    try:
        return _read_cell_table(path)
    except HormesisError as error:
        fix = f"remove the folder {path.parent} and run `hormesis study run` again: it computes what is lost"
        raise HormesisError(error.problem, fix) from error


def _read_cell_table(path: Path) -> pd.DataFrame:
    if path.name == MEASUREMENTS_FILE:
        return read_measurements(path)
    if path.name == ANSWERS_FILE:
        return AnswerTable.read(path).frame
    if path.name == OTHERS_FILE:
        return read_table(path, _OTHERS_SCHEMA, "table of prompts", optional=DEGENERATE_COLUMNS, more=True)
    return (PromptTable if path.name == PROMPTS_FILE else DocumentTable).read(path).frame


def _replications(plan: Plan) -> Iterator[list[Cell[EvaluateInputs]]]:
    """The evaluate cells that differ in their seeds alone."""
    groups: dict[tuple[str, float, str, str], list[Cell[EvaluateInputs]]] = {}
    for cell in plan.of(EvaluateInputs):
        inputs = cell.inputs
        method = inputs.method.model_dump_json() if inputs.method else ""
        groups.setdefault((inputs.arm.recipe, inputs.arm.share, inputs.arm.budget, method), []).append(cell)
    yield from groups.values()


def _pooled(
    cells: list[Cell[EvaluateInputs]],
    prompts: pd.DataFrame | None,
    documents: pd.DataFrame | None,
    answers: pd.DataFrame | None,
    measurements: pd.DataFrame,
    main: tuple[str, str] | None,
) -> list[Measurement]:
    """Rows over all seeds of one recipe, share and method; those over some of them would pass for the whole."""
    if len(cells) < 2 or prompts is None or documents is None:
        return []
    tables = [(prompts[prompts["cell"] == cell.name], documents[documents["cell"] == cell.name]) for cell in cells]
    if any(of_prompts.empty or of_documents.empty for of_prompts, of_documents in tables):
        return []
    origin = _origin(cells[0], measurements, POOLED, main)
    rows = prompt_measurements(
        [PromptTable(of_prompts.drop(columns="cell")) for of_prompts, _ in tables], origin
    ) + document_measurements([DocumentTable(of_documents.drop(columns="cell")) for _, of_documents in tables], origin)
    answered = [] if answers is None else [answers[answers["cell"] == cell.name] for cell in cells]
    if answered and not any(of_answers.empty for of_answers in answered):
        rows += answer_measurements([AnswerTable(of_answers.drop(columns="cell")) for of_answers in answered], origin)
    return rows


def _origin(
    cell: Cell[EvaluateInputs], measurements: pd.DataFrame, name: str, scorer: tuple[str, str] | None
) -> Origin:
    """Of rows of an evaluate cell by a scorer; None: of the cell's first row, as in folders without scorer's cells."""
    inputs = cell.inputs
    first = measurements[(measurements["cell"] == cell.name) & measurements["scorer"].notna()].iloc[0]
    return origin_of(
        name,
        inputs.arm,
        method=str(first["method"]),
        columns=columns_of_arm(inputs.method),
        heads=None if pd.isna(first["heads"]) else int(first["heads"]),
        scorer=scorer or (str(first["scorer"]), str(first["scorer_revision"])),
    )


def _by_scorer(
    prompts: pd.DataFrame | None,
    others: pd.DataFrame | None,
    measurements: pd.DataFrame,
    main: tuple[str, str] | None,
) -> dict[tuple[str, str], pd.DataFrame]:
    """The tables of prompts with the column ``cell``, by (scorer, revision), the main one first."""
    if prompts is None:
        return {}
    scored = measurements[measurements["cell"].isin(set(prompts["cell"])) & measurements["scorer"].notna()]
    first = scored.iloc[0]
    found = {main or (str(first["scorer"]), str(first["scorer_revision"])): prompts}
    if others is not None:
        for key, part in others.groupby(["scorer", "scorer_revision"], sort=False):
            found[str(key[0]), str(key[1])] = part.drop(columns=["scorer", "scorer_revision"])
    return found


def _tables_of(cells: list[Cell[EvaluateInputs]], table: pd.DataFrame) -> list[PromptTable]:
    """One a cell; none if a cell has no rows."""
    parts = [table[table["cell"] == cell.name].drop(columns="cell") for cell in cells]
    return [] if any(part.empty for part in parts) else [PromptTable(part) for part in parts]


def _pooled_by_others(
    cells: list[Cell[EvaluateInputs]], by_scorer: dict[tuple[str, str], pd.DataFrame], measurements: pd.DataFrame
) -> list[Measurement]:
    rows: list[Measurement] = []
    for name, revision in list(by_scorer)[1:]:
        tables = _tables_of(cells, by_scorer[name, revision]) if len(cells) > 1 else []
        if tables:
            origin = _origin(cells[0], measurements, POOLED, (name, revision))
            rows += [row for row in prompt_measurements(tables, origin) if row.metric in SCORED_METRICS]
    return rows


def _reference_readings(
    plan: Plan,
    store: Store,
    replications: list[list[Cell[EvaluateInputs]]],
    by_scorer: dict[tuple[str, str], pd.DataFrame],
    measurements: pd.DataFrame,
) -> list[Measurement]:
    """Of single models and pooled, for each scorer whose map to the reference's scale is kept."""
    rows: list[Measurement] = []
    for cell in plan.of(CalibrationInputs):
        path = store.cell_folder(cell) / SCALE_FILE
        of_cell = measurements[measurements["cell"] == cell.name]
        if not path.is_file() or of_cell.empty:
            continue
        scorer = (str(of_cell["scorer"].iloc[0]), str(of_cell["scorer_revision"].iloc[0]))
        scale = ReferenceScale.load(path)
        for cells in replications if scorer in by_scorer else []:
            groups = [[each] for each in cells] + ([cells] if len(cells) > 1 else [])
            for group in groups:
                tables = _tables_of(group, by_scorer[scorer])
                if tables:
                    name = POOLED if len(group) > 1 else group[0].name
                    rows += reference_readings(tables, _origin(group[0], measurements, name, scorer), scale)
    return rows
