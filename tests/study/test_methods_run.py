"""A method of each kind on one model of a study, from one line of YAML each to measurement rows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hormesis.detox import METHODS
from hormesis.measurements import read_measurements
from hormesis.statistics import Measurements
from tests.report.pages import words_of
from tests.study.conftest import TINY_STUDY
from tests.study.running import run_here

KINDS = ("few-shot", "gated", "caa", "ablation", "leace", "self-debiasing", "dpo", "dpo-ranked", "dpo-shuffled-ranks")
"""One for each way that a study fits and applies a method; tests/detox and tests/workbench take all of them."""


COSTS = [0.002, 0.01]


@pytest.fixture(scope="module")
def rows_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("methods")
    pairs = [{"neutral": f"the choir {i} was lovely.", "toxic": f"the choir {i} was a goose."} for i in range(12)]
    (folder / "pairs.jsonl").write_text("".join(json.dumps(pair) + "\n" for pair in pairs), encoding="utf-8")
    learning = {"pairs": {"path": "pairs.jsonl"}, "steps": 2, "batch": 4}
    lines = []
    for name in KINDS:
        method = METHODS[name]
        strengths = {"strengths": [1]} if method.strengths else {}
        shots = {"shots": 1} if name == "few-shot" else {}  # the context is short
        lines.append({"method": name} | strengths | shots | (learning if method.needs == "pairs" else {}))
    # Their pairs are the model's own: more prompts than are evaluated, and any difference of their scores counts.
    for place in (-2, -1):
        lines[place] = {**lines[place], "prompts": {"source": "microworld", "count": 60}, "margin": 0}
        del lines[place]["pairs"]
    lines.append({"method": "iti", "name": "iti-by-cost", "heads": 2, "strengths": {"costs": COSTS, "documents": 20}})
    changes = {"methods": lines, "seeds": [0], "mixture": {"shares": [0.25], "tokens": 8192}}
    changes |= {"labeller": {"kind": "ngram"}, "held_out": {"evaluate": 0.05, "labeller": 0.2, "calibration": 0.1}}
    return run_here(TINY_STUDY | changes, folder)


def test_each_is_measured(rows_folder: Path) -> None:
    rows = read_measurements(rows_folder / "measurements.parquet")
    measured = rows[rows["metric"] == "toxicity_mean"]
    assert set(measured["method"]) == {"base", *KINDS, "iti-by-cost"}
    costs = rows[(rows["metric"] == "kl") & (rows["domain"] == "clean")].set_index("method")
    for name in KINDS:
        if METHODS[name].strengths and name != "gated":  # a gate may be shut on these few texts
            assert (costs.loc[[name], "value"] > 0).all(), f"{name} acts"


def test_what_it_was_tuned_on_is_no_method_without_a_strength(rows_folder: Path) -> None:
    rows = read_measurements(rows_folder / "measurements.parquet")
    pairs = rows[(rows["metric"] == "tuning_pairs") & (rows["cell"] != "pooled")]
    assert set(pairs["method"]) == {"dpo", "dpo-ranked", "dpo-shuffled-ranks"} and (pairs["value"] > 0).all()
    of_models = rows[rows["share"].notna()]  # the rest is about scorers
    assert set(Measurements.of(of_models).fixed_methods()) == {"few-shot"}


def test_strengths_at_costs_are_found_where_nothing_is_measured(rows_folder: Path) -> None:
    rows = read_measurements(rows_folder / "measurements.parquet")
    by_cost = rows[(rows["method"] == "iti-by-cost") & (rows["cell"] != "pooled")]
    assert set(by_cost["label"]) == {f"{METHODS['iti'].label} (iti-by-cost)"} and by_cost["control_of"].isna().all()
    found = by_cost[by_cost["metric"] == "cost_found"].set_index("strength")["value"]
    assert list(found.index) == COSTS, "the strength of such rows is the cost that was asked for"
    assert all(0.9 * cost <= found[cost] <= cost for cost in COSTS)
    raw = by_cost[by_cost["metric"] == "strength_found"].set_index("strength")["value"]
    assert 0 < raw[COSTS[0]] < raw[COSTS[1]]
    measured = by_cost[(by_cost["metric"] == "ce_cost") & (by_cost["domain"] == "clean")].set_index("strength")
    assert (measured.loc[COSTS, "value"].to_numpy() / COSTS > 0.3).all(), "on other text, about as much"


def test_the_report_shows_them(rows_folder: Path) -> None:
    page = words_of(rows_folder / "report.html")
    assert all(name in page for name in ("CAA", "LEACE", "DPO", "self-debiasing", "few-shot prompting"))
