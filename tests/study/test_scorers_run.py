"""Two scorers and a reference in one small study: each continuation is written once and judged by both."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from pydantic import ValidationError
from scipy.stats import spearmanr
from transformers import BertConfig, BertModel
from typer.testing import CliRunner

from hormesis.cli import app
from hormesis.corpus import Microworld
from hormesis.errors import HormesisError
from hormesis.measurements import read_measurements
from hormesis.study.config import StudyConfig, parse_study
from hormesis.study.plan import make_plan
from tests.evaluate.tiny import tiny_tokenizer
from tests.report.pages import words_of
from tests.study.conftest import TINY_STUDY
from tests.study.running import run_here

NGRAM = {"kind": "ngram", "half": "first"}
EVALUATION: dict[str, object] = TINY_STUDY["evaluation"]  # type: ignore[assignment]


def _with_scorers(*scorers: object, **changes: object) -> StudyConfig:
    evaluation = {key: value for key, value in EVALUATION.items() if key != "scorer"}
    values = TINY_STUDY | {"held_out": {"evaluate": 0.05, "scorer": 0.2}, **changes}
    values["evaluation"] = evaluation | {"scorers": list(scorers)}
    return parse_study(yaml.safe_dump(values), where="x")


def test_one_scorer_names_its_cells_as_before(tiny_study: StudyConfig) -> None:
    alone = _with_scorers({"kind": "microworld"}, held_out={"evaluate": 0.05})
    assert [cell.name for cell in make_plan(alone, None).cells] == [
        cell.name for cell in make_plan(tiny_study, None).cells
    ]
    dumped = yaml.safe_dump(alone.model_dump(mode="json"))
    assert parse_study(dumped, where="x") == alone, "what is dumped is read again"


def test_another_scorer_renames_evaluations_and_no_model() -> None:
    held_out = {"evaluate": 0.05, "scorer": 0.2}
    one = make_plan(_with_scorers({"kind": "microworld"}, held_out=held_out), None)
    two = make_plan(_with_scorers({"kind": "microworld"}, {"kind": "ngram"}, held_out=held_out), None)
    names = {cell.name for cell in two.cells}
    assert {cell.inputs.kind for cell in one.cells if cell.name in names} == {
        "corpus", "scorer", "behaviour", "pretrain", "probe"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("scorers", "message"),
    [
        ([{"kind": "microworld"}, {"kind": "microworld"}], "listed twice"),
        ([{"kind": "ngram"}, {"kind": "encoder", "model": "m"}], "half: first"),
        ([NGRAM, {"kind": "encoder", "model": "m", "half": "first"}], "err alike"),
    ],
)
def test_scorers_that_are_not_two_are_refused(scorers: list[object], message: str) -> None:
    with pytest.raises((HormesisError, ValidationError), match=message):
        _with_scorers(*scorers)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scorers")
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=257, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16
    )
    BertModel(config).save_pretrained(folder / "encoder")
    tiny_tokenizer().save_pretrained(folder / "encoder")
    world = Microworld()
    texts = [d.text for part in (world.clean(60), world.toxic(60)) for d in part]
    (folder / "reference.jsonl").write_text(
        "".join(json.dumps({"prompt": text, "prompt_toxicity": world.toxicity(text)}) + "\n" for text in texts),
        encoding="utf-8",
    )
    encoder = {"kind": "encoder", "model": "encoder", "half": "second", "tuning": {"epochs": 1, "max_length": 32}}
    values = TINY_STUDY | {
        "held_out": {"evaluate": 0.05, "scorer": 0.4},
        "mixture": TINY_STUDY["mixture"] | {"shares": [0.25], "tokens": 2048},  # type: ignore[operator]
        "methods": [{"method": "iti", "heads": 3, "strengths": [2, 8]}],
        "evaluation": {
            **{key: value for key, value in EVALUATION.items() if key != "scorer"},
            "scorers": [{"kind": "microworld"}, NGRAM, encoder],
            "perspective": {"path": "reference.jsonl", "texts": {"prompt": "prompt_toxicity"}},
        },
    }
    return run_here(values, folder)


def test_every_continuation_is_judged_by_every_scorer(finished: Path) -> None:
    rows = read_measurements(finished / "measurements.parquet")
    toxic = rows[(rows["metric"] == "toxicity_mean") & rows["share"].notna() & (rows["domain"] == "microworld")]
    assert set(toxic["scorer"]) == {"microworld", "ngram", "encoder"}
    sizes = toxic.groupby("scorer").size()
    assert sizes.nunique() == 1, "the same settings, pooled ones too"
    assert toxic["scorer_revision"].notna().all()
    quality = rows[rows["metric"] == "distinct_2"]
    assert set(quality["scorer"]) == {"microworld"}, "texts do not depend on who scores them"
    tables = [pd.read_parquet(finished / name) for name in ("prompts.parquet", "prompts_other_scorers.parquet")]
    assert len(tables[1]) == 2 * len(tables[0])


def test_agreement_is_measured_and_recomputable_from_the_tables(finished: Path) -> None:
    rows = read_measurements(finished / "measurements.parquet")
    found = rows[rows["metric"] == "scorer_spearman"].set_index(["scorer", "other_scorer"])
    main = pd.read_parquet(finished / "prompts.parquet").assign(scorer="microworld")
    tables = pd.concat([main, pd.read_parquet(finished / "prompts_other_scorers.parquet")])
    base = rows.loc[(rows["method"] == "base") & (rows["metric"] == "ce") & (rows["cell"] != "pooled"), "cell"].unique()
    assert len(base) == 2
    for one, other in combinations(["microworld", "ngram", "encoder"], 2):
        wide = [
            tables[tables["cell"] == cell].pivot_table(index="prompt", columns="scorer", values="mean") for cell in base
        ]
        # A scorer that gives all prompts of a model the same score has no rank correlation on it.
        known = [each for each in wide if each[one].nunique() > 1 and each[other].nunique() > 1]
        expected = [spearmanr(each[one], each[other]).statistic for each in known]
        pair = (one, other)
        assert (pair in found.index) == bool(expected)
        if expected:
            assert found.loc[pair, "value"] == pytest.approx(np.mean(expected)) and found.loc[pair, "n"] == 6
    assert ("ngram", "encoder") in found.index
    tau = rows[
        (rows["metric"] == "scorer_tau") & (rows["scorer"] == "ngram") & (rows["other_scorer"] == "encoder")
    ].iloc[0]
    assert tau["n"] == 3 and tau["low"] <= tau["high"]


def test_calibration_rows_and_readings_on_the_references_scale(finished: Path) -> None:
    rows = read_measurements(finished / "measurements.parquet")
    reference = rows[rows["metric"] == "reference_auroc"].set_index("scorer")["value"]
    assert set(reference.index) == {"microworld", "ngram", "encoder"}
    assert reference["microworld"] == 1.0 and reference["ngram"] > 0.9
    errors = rows[rows["metric"].isin(["reference_error", "reference_error_mapped"])]
    ngram = errors[errors["scorer"] == "ngram"].set_index("metric")["value"]
    assert ngram["reference_error_mapped"] < ngram["reference_error"]
    readings = rows[rows["metric"] == "emt_reference"]
    assert set(readings["scorer"]) == {"microworld", "ngram", "encoder"}
    exact = readings[readings["scorer"] == "microworld"].set_index(["cell", "method", "strength", "domain"])["value"]
    raw = rows[(rows["metric"] == "emt") & (rows["scorer"] == "microworld")]
    raw_values = raw.set_index(["cell", "method", "strength", "domain"])["value"]
    assert (exact - raw_values).abs().max() < 0.05, "the truth is on its own scale already"


def test_the_report_shows_agreement_and_reliability_and_is_redrawn_alike(finished: Path) -> None:
    page = words_of(finished / "report.html")
    for words in ("Do the scorers agree?", "The scorers against Perspective", "Another scorer is ngram"):
        assert words in page
    figures = {path.stem for path in (finished / "figures").glob("*.svg")}
    assert {"reliability", "scorers_microworld"} <= figures
    before = (finished / "summary.json").read_bytes()
    count = len(read_measurements(finished / "measurements.parquet"))
    result = CliRunner().invoke(app, ["study", "report", str(finished)])
    assert result.exit_code == 0, result.output
    assert (finished / "summary.json").read_bytes() == before
    assert len(read_measurements(finished / "measurements.parquet")) == count
