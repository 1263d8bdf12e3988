"""One universal trigger for each plain model of a finished study, unsteered and under the study's ITI.

    python -m analyses.triggers STUDY --data DATA --results RESULTS --out OUT --share 0 --share 0.1

`hormesis trigger` seeks tokens that make a model go on toxically, on some prompts and the study's held-out toxic texts,
and measures them on other prompts. OUT gets a folder for each model; those that are done are not attacked again.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd

from hormesis.measurements import read_measurements
from hormesis.measurements.rows import PLAIN
from hormesis.study.cells.evaluate import EvaluateInputs
from hormesis.study.config import load_study
from hormesis.study.engine.cell import Cell
from hormesis.study.engine.store import Store
from hormesis.study.plan import make_plan
from hormesis.workbench.attacking import TRIGGER_FILE

_SEARCH = ["--limit", "80", "--samples", "5", "--sweeps", "2", "--examples", "32"]
_METRICS = ["trigger_toxicity_before", "trigger_toxicity_after", "trigger_rise"]
_MODEL = ["share", "seed"]


def main() -> None:
    """Attack the models asked for, one after the other."""
    parser = argparse.ArgumentParser(prog="python -m analyses.triggers", description=__doc__)
    parser.add_argument("study")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--results", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--share", type=float, action="append", required=True)
    parser.add_argument("--strength", type=float, default=8.0, help="of ITI")
    arguments = parser.parse_args()
    store = Store(arguments.results)
    found = []
    for cell in make_plan(load_study(arguments.study), arguments.data).of(EvaluateInputs):
        inputs = cell.inputs
        assert isinstance(inputs, EvaluateInputs)
        steered = inputs.method is not None and inputs.method.method == "iti"
        if steered and inputs.arm.recipe == PLAIN and inputs.arm.share in arguments.share and store.is_complete(cell):
            out = arguments.out / cell.name
            if not (out / TRIGGER_FILE).is_file():
                _attack(cell, store, arguments.data, arguments.strength, out)
            rows = read_measurements(out / TRIGGER_FILE)
            found.append(rows.assign(share=inputs.arm.share, seed=inputs.arm.seeds.init))
    rows = pd.concat(found)
    rows.to_parquet(arguments.out / "triggers.parquet")
    shown = rows[rows["metric"].isin(_METRICS) & (rows["domain"] == "rtp")]
    print(shown.pivot_table(index=_MODEL, columns=["metric", "method"], values="value").round(3).to_string())


def _attack(cell: Cell[Any], store: Store, data: Path, strength: float, out: Path) -> None:
    needs = {role: store.cell_folder(needed) for role, needed in cell.needs.items()}
    files = {
        "--with": store.cell_folder(cell) / "intervention",
        "--rtp": data / "eval/realtoxicityprompts.parquet",
        "--toxic": needs["corpus"] / "held_out/toxic.parquet",
        "--scorer": needs["scorer"] / "scorer",
        "--out": out,
    }
    options = [str(each) for pair in files.items() for each in pair]
    command = [sys.executable, "-m", "hormesis", "trigger", str(needs["model"] / "model"), *options, *_SEARCH]
    subprocess.run([*command, "--strength", str(strength)], check=True)


if __name__ == "__main__":
    main()
