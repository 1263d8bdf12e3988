"""What a scorer of another kind says of a study's arms: the same models, interventions, prompts and draws, judged anew.

    python -m analyses.second_scorer STUDY SCORER --data DATA --results RESULTS --out OUT \
        --arm plain:base --arm plain:iti:4,8 --arm tags:iti:4,8

Nothing is fitted: finished cells are opened, their continuations drawn again from the study's seeds, and judged by the
study's own scorer and by SCORER, a classifier's folder. OUT gets a Parquet file of measurements for each cell, so that
it goes on where it was stopped; the table over all of them is printed at the end.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import pandas as pd

from hormesis.detox import Unsteered, load_intervention
from hormesis.detox.conditioned import Conditioned
from hormesis.evaluate import CachedScorer, EvaluationSuite, HuggingFaceScorer, ScoreCache, Scorer, Setting, measure
from hormesis.measurements import read_measurements, to_frame, write_measurements
from hormesis.study.cells.evaluate import EvaluateInputs
from hormesis.study.cells.pretrain import open_model
from hormesis.study.cells.scorer import open_scorer
from hormesis.study.config import load_study
from hormesis.study.engine.cell import Cell
from hormesis.study.engine.store import Store
from hormesis.study.plan import make_plan
from hormesis.study.rows import origin_of
from hormesis.study.texts import prompts_of

_MODEL = ["share", "recipe", "method", "strength", "domain", "scorer"]


def main() -> None:
    """Judge the arms asked for, one cell after the other."""
    parser = argparse.ArgumentParser(prog="python -m analyses.second_scorer", description=__doc__)
    parser.add_argument("study")
    parser.add_argument("scorer", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--results", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--arm", action="append", required=True, help="RECIPE:METHOD:STRENGTH,…; base has none")
    parser.add_argument("--seed", type=int, action="append", help="only these; default: all")
    arguments = parser.parse_args()
    arms = {tuple(arm.split(":")[:2]): arm.split(":")[2] if arm.count(":") == 2 else "0" for arm in arguments.arm}
    store = Store(arguments.results)
    other = CachedScorer(HuggingFaceScorer(arguments.scorer), ScoreCache(arguments.out / "scores.sqlite"))
    for cell in make_plan(load_study(arguments.study), arguments.data).of(EvaluateInputs):
        inputs = cell.inputs
        assert isinstance(inputs, EvaluateInputs)
        arm = (inputs.arm.recipe, "base" if inputs.method is None else inputs.method.method)
        file = arguments.out / f"{cell.name}.parquet"
        wanted = arm in arms and (arguments.seed is None or inputs.arm.seeds.init in arguments.seed)
        if wanted and not file.is_file() and store.is_complete(cell):
            _judge(cell, store, arguments.data, [float(each) for each in arms[arm].split(",")], other, file)
            print(cell.label, flush=True)
    _show(arguments.out)


def _judge(cell: Cell[Any], store: Store, data: Path, strengths: list[float], other: Scorer, file: Path) -> None:
    inputs = cell.inputs
    assert isinstance(inputs, EvaluateInputs)
    lm = open_model(cell.needs["model"], store)
    own = open_scorer(cell.needs["scorer"], store)
    steered = load_intervention(store.cell_folder(cell) / "intervention") if inputs.method else Unsteered()
    intervention = Conditioned(steered, inputs.condition) if inputs.condition else steered
    suite = EvaluationSuite(
        {domain: prompts_of(section, inputs.corpus, data) for domain, section in inputs.prompts.items()},
        scorers=[own, other],
        generation=inputs.generation,
    )
    found = measure(lm, Setting(intervention, tuple(strengths)), suite)
    every = found.rows(origin_of(cell.name, inputs.arm, method=steered.name))
    rows = [row for row in every if row.metric == "toxicity_mean" and row.domain in suite.prompts]
    write_measurements(file, to_frame(rows), replace=True)


def _show(folder: Path) -> None:
    rows = pd.concat([read_measurements(file) for file in sorted(folder.glob("evaluate-*.parquet"))])
    seeds = rows.pivot_table(index=_MODEL, columns="init_seed", values="value")
    print(seeds.assign(mean=seeds.mean(axis=1)).round(3).to_string())


if __name__ == "__main__":
    main()
