"""The report of a results folder, from its tables alone."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pandas as pd

from hormesis.errors import HormesisError
from hormesis.measurements import read_measurements
from hormesis.measurements.names import MEASUREMENTS_FILE, PROMPTS_FILE
from hormesis.measurements.rows import PLAIN
from hormesis.report import Lens, Sample, write_report
from hormesis.report.words import share_in_words
from hormesis.report.write import check_report
from hormesis.statistics import analyse
from hormesis.study.cells.evaluate import EvaluateInputs
from hormesis.study.cells.geometry import GeometryInputs
from hormesis.study.engine.store import Store
from hormesis.study.plan import Plan, make_plan
from hormesis.study.results.collect import collect, main_scorer
from hormesis.study.results.outside import in_words, outside_rows
from hormesis.study.rows import LENSES_FILE, SAMPLES_FILE

log = logging.getLogger(__name__)


def draw_report(store: Store, *, png: bool = False) -> Path:
    """Gather the rows of all finished cells, and draw ``report.html``, figures, tables and ``summary.json``.

    Neither models nor data are needed; generated texts are shown only while the folders of their cells are there.

    :param png: also save each figure as PNG.
    :returns: the path of the page.
    :raises HormesisError: not a results folder, or nothing was measured.
    """
    config = store.study()
    check_report(store.folder)
    store.claim()
    plan = make_plan(config, None, recorded=store.recorded_data())
    measurements = collect(plan, store) if (store.folder / "cells").is_dir() else None
    if measurements is None:
        path = store.folder / MEASUREMENTS_FILE
        if not path.is_file():
            raise HormesisError(f"nothing was measured in {store.folder}", "run `hormesis study run` first")
        measurements = read_measurements(path)
    has_model = measurements["share"].notna()
    of_models = measurements[has_model]
    outside = outside_rows(store.folder)
    apart = [] if outside is None else [in_words(outside)]
    description = "\n\n".join([config.description, *_about_the_scorer(measurements), *apart])
    analysis = analyse(
        of_models,
        about=measurements[~has_model],
        prompt_rows=pd.read_parquet(prompts) if (prompts := store.folder / PROMPTS_FILE).is_file() else None,
        main_scorer=main_scorer(plan, measurements),
    )
    return write_report(
        analysis,
        store.folder,
        title=config.name,
        description=description,
        samples=_samples(plan, store),
        lenses=_lenses(plan, store),
        png=png,
    )


def _about_the_scorer(measurements: pd.DataFrame) -> list[str]:
    """How well the scorer tells toxic from other texts, where labels say which is which."""
    rows = measurements[measurements["metric"] == "scorer_auroc"]
    if rows.empty:
        return []
    said: list[str] = []
    for (scorer, revision), own in rows.groupby(["scorer", "scorer_revision"], sort=False):
        found = [f"{row.value:.3f} on {row.domain} (n = {row.n:,})" for row in own.itertuples()]
        which = "Another scorer is" if said else "The scorer is"
        said.append(f"{which} {scorer}, revision {revision}. Its AUROC against labels: {'; '.join(found)}.")
    return said


def _samples(plan: Plan, store: Store) -> list[Sample]:
    cells = [cell for cell in plan.of(EvaluateInputs) if cell.inputs.arm.recipe == PLAIN]
    paths = [store.cell_folder(cell) / SAMPLES_FILE for cell in cells]
    return [
        Sample(**json.loads(line))
        for path in paths
        if path.is_file()
        for line in path.read_text(encoding="utf-8").splitlines()
    ]


def _lenses(plan: Plan, store: Store) -> list[Lens]:
    """Of the last layer of each plain model, whose folder is there: what earlier layers write, later ones work on."""
    found = []
    for cell in plan.of(GeometryInputs):
        inputs, path = cell.inputs, store.cell_folder(cell) / LENSES_FILE
        if inputs.arm.recipe != PLAIN or not path.is_file():
            continue
        lines = path.read_text(encoding="utf-8").splitlines()
        for line in lines[-1:]:
            lens = json.loads(line)
            heading = f"share {share_in_words(inputs.arm.share)} · seed {inputs.arm.seeds.init} · layer {lens['site']}"
            found.append(Lens.of(heading, lens["promoted"], lens["suppressed"]))
    return found
