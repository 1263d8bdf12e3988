"""The report of a results folder, from its tables alone."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from hormesis.errors import HormesisError
from hormesis.measurements import read_measurements
from hormesis.measurements.frames import read_frame
from hormesis.measurements.names import MEASUREMENTS_FILE, PROMPTS_FILE
from hormesis.measurements.rows import PLAIN
from hormesis.pretrain import parameter_count
from hormesis.report import Facts, Lens, Sample, SampleOfSeed, TrainingCurve, write_report
from hormesis.report.words import share_in_words
from hormesis.report.write import check_report
from hormesis.statistics import analyse
from hormesis.study.cells.evaluate import EvaluateInputs
from hormesis.study.cells.geometry import GeometryInputs
from hormesis.study.cells.pretrain import PretrainInputs
from hormesis.study.engine.cost import vocabulary_of
from hormesis.study.engine.store import Store
from hormesis.study.plan import Plan, make_plan
from hormesis.study.results.collect import collect, main_scorer
from hormesis.study.results.outside import in_words, outside_rows
from hormesis.study.rows import LENSES_FILE, SAMPLES_FILE

log = logging.getLogger(__name__)
T = TypeVar("T")
_LOSS_FILE = "loss.jsonl"
"""Of a pretraining cell: a line a step."""


def draw_report(store: Store, *, figures: bool = False, png: bool = False) -> Path:
    """Gather the rows of all finished cells, and write ``report.html``, tables and ``summary.json``.

    Neither models nor data are needed; generated texts are shown only while the folders of their cells are there.

    :param figures: also draw figures for paper, as SVG.
    :param png: the same as PNG, too.
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
        prompt_rows=read_frame(prompts) if (prompts := store.folder / PROMPTS_FILE).is_file() else None,
        main_scorer=main_scorer(plan, measurements),
    )
    return write_report(
        analysis,
        store.folder,
        title=config.name,
        description=description,
        samples=_samples(plan, store),
        lenses=_lenses(plan, store),
        training=_training(plan, store),
        facts=Facts(parameter_count(config.training.preset, vocabulary_of(config)), _commands(config.name)),
        figures=figures,
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
    return [
        SampleOfSeed(**asdict(sample), seed=str(cell.inputs.arm.seeds.init))
        for cell in plan.of(EvaluateInputs)
        if cell.inputs.arm.recipe == PLAIN
        for sample in _read_lines(store.cell_folder(cell) / SAMPLES_FILE, _sample)
    ]


def _sample(line: dict[str, Any]) -> Sample:
    sample = Sample(**line)
    if not (isinstance(sample.prompt, str) and isinstance(sample.text, str)):
        raise TypeError("its prompts and texts are no texts")
    return sample


def _training(plan: Plan, store: Store) -> list[TrainingCurve]:
    """The loss of each model whose folder is there."""
    found = []
    for cell in plan.of(PretrainInputs):
        arm = cell.inputs.arm
        lines = _read_lines(store.cell_folder(cell) / _LOSS_FILE, lambda line: (int(line["step"]), float(line["loss"])))
        if lines:
            steps, loss = zip(*lines, strict=True)
            found.append(TrainingCurve(arm.share, str(arm.seeds.init), arm.recipe, steps, loss))
    return found


def _commands(name: str) -> tuple[str, ...]:
    """What makes the results again, from the study that lies beside them."""
    return (f"hormesis study run RESULTS/study.yaml --results results/{name}", "hormesis study report RESULTS")


def _lenses(plan: Plan, store: Store) -> list[Lens]:
    """Of the last layer of each plain model, whose folder is there: what earlier layers write, later ones work on."""
    found = []
    for cell in plan.of(GeometryInputs):
        arm, path = cell.inputs.arm, store.cell_folder(cell) / LENSES_FILE
        if arm.recipe == PLAIN:
            named = f"share {share_in_words(arm.share)} · seed {arm.seeds.init} · layer"
            found += _read_lines(path, partial(_lens, named))[-1:]
    return found


def _lens(named: str, line: dict[str, Any]) -> Lens:
    return Lens.of(f"{named} {line['site']}", line["promoted"], line["suppressed"])


def _read_lines(path: Path, made: Callable[[dict[str, Any]], T]) -> list[T]:
    """One of each line of a JSONL file; none where there is no file.

    :raises HormesisError: it is damaged.
    """
    if not path.is_file():
        return []
    try:
        return [made(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]
    except (ValueError, TypeError, KeyError, IndexError, RecursionError) as error:
        raise HormesisError(
            f"{path} is damaged ({error})",
            f"remove it, and the page is drawn without it; or remove {path.parent}, and `hormesis study run` makes it"
            " again",
        ) from error
