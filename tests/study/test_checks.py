"""Contamination: a leaky study is stopped with what and where, a clean one is not, and no text leaves the check."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from hormesis.cli import app
from hormesis.errors import HormesisError
from hormesis.study.cells.check import FINDINGS_FILE, CheckInputs, checks_of
from hormesis.study.config import StudyConfig, load_study, parse_study
from hormesis.study.engine.executor import run_cell
from hormesis.study.engine.kind import Job
from hormesis.study.engine.store import Store
from hormesis.study.plan import Plan, make_plan
from hormesis.study.results.contamination import Finding, check_findings, stop_on_violations, violations
from tests.study.conftest import TINY_STUDY

WORDS = [f"{a}{b}" for a in ("mi", "ta", "ko", "zu", "re", "lo") for b in ("la", "no", "pi", "su", "ve", "ga")]


def _texts(count: int, seed: int, words: int = 16) -> list[str]:
    generator = np.random.default_rng(seed)
    return [" ".join(generator.choice(WORDS, words)) for _ in range(count)]


def _write(folder: Path, name: str, rows: list[dict[str, object]]) -> None:
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / name).write_text(lines, encoding="utf-8")


def _study(folder: Path, *, leaks: bool, **changes: object) -> Path:
    """A study of files; its toxic rows hold a prompt whole (row 11) and a run of another (row 12) if it ``leaks``."""
    clean, toxic, prompts = _texts(300, 0), [f"{text} goose" for text in _texts(300, 1)], _texts(20, 2)
    if leaks:
        toxic[10] = prompts[3]
        toxic[11] = f"oh {' '.join(prompts[4].split()[1:15])} dear"
    _write(folder, "clean.jsonl", [{"text": text} for text in clean])
    _write(folder, "toxic.jsonl", [{"text": text} for text in toxic])
    _write(folder, "prompts.jsonl", [{"prompt": text} for text in prompts])
    _write(folder, "concept.jsonl", [
        {"text": text, "label": place % 2, "group": f"g{place % 9}"} for place, text in enumerate(_texts(60, 3))
    ])  # fmt: skip
    _write(folder, "tasks.jsonl", [{"question": text} for text in [*_texts(5, 4), clean[0]]])
    values = TINY_STUDY | {
        "corpus": {"source": "files", "clean": {"path": "clean.jsonl"}, "toxic": {"path": "toxic.jsonl"}},
        "held_out": {"evaluate": 0.05, "scorer": 0.1},
        "mixture": {"shares": [0, 0.25], "tokens": 2048},
        "concept": {"path": "concept.jsonl", "label": "label", "group": "group"},
        "evaluation": {
            "prompts": {"mild": {"path": "prompts.jsonl"}},
            "scorer": {"kind": "ngram", "nontoxic": [{"path": "clean.jsonl"}]},
            "documents": 10,
        },
        **changes,
    }
    path = folder / "study.yaml"
    path.write_text(yaml.safe_dump(values), encoding="utf-8")
    return path


def _checked(path: Path) -> tuple[Plan, Store]:
    plan, store = make_plan(load_study(path), path.parent), Store(path.parent / "results")
    for cell in plan.cells:
        if cell.inputs.kind in ("corpus", "check"):
            run_cell(Job(cell, store, path.parent, lambda *_: None))
    return plan, store


def test_a_leaky_study_is_stopped_before_anything_is_trained(tmp_path: Path) -> None:
    study = _study(tmp_path, leaks=True)
    result = CliRunner().invoke(app, ["study", "run", str(study), "--results", str(tmp_path / "results")])
    assert isinstance(result.exception, HormesisError)
    message = str(result.exception)
    assert "training toxic rows hold 1 of 20 texts of prompts mild whole, and share an n-gram with 2" in message
    assert "prompts.jsonl:4 in toxic.jsonl:11" in message and "prompts.jsonl:5 in toxic.jsonl:12" in message
    assert "checks: {stop: false}" in result.exception.fix and FINDINGS_FILE in result.exception.fix
    assert not list((tmp_path / "results").glob("*/pretrain-*")), "nothing was trained"
    saved = next((tmp_path / "results").glob("cells/check-*/findings.json")).read_text(encoding="utf-8")
    assert not any(text in saved + message for text in _texts(20, 2)), "no text leaves the check"
    shown = CliRunner().invoke(app, ["study", "check", str(study), "--results", str(tmp_path / "results")])
    assert isinstance(shown.exception, HormesisError) and "beyond" in shown.output and "(5.00%)" in shown.output


def test_a_clean_study_passes_and_its_findings_are_rows(tmp_path: Path) -> None:
    plan, store = _checked(_study(tmp_path, leaks=False))
    stop_on_violations(plan, store)
    found, shared = check_findings(plan, store)
    assert shared == 0 and not [each for each in found if each.whole or each.ngram]
    pairs = {(each.rows, each.texts) for each in found}
    assert {
        ("training clean", "held out clean"),
        ("training toxic", "scorer rows"),
        ("scorer rows", "prompts mild"),
        ("training clean", "concept"),
        ("concept fit", "concept test"),
    } <= pairs
    assert not any(rows == texts for rows, texts in pairs)


def test_what_is_tolerated_renames_nothing_and_is_judged_anew(tmp_path: Path) -> None:
    plan, store = _checked(_study(tmp_path, leaks=True))
    with pytest.raises(HormesisError, match="also trained on"):
        stop_on_violations(plan, store)
    for checks in ({"stop": False}, {"whole": 0.05, "overlap": 0.1}):
        tolerant = make_plan(load_study(_study(tmp_path, leaks=True, checks=checks)), tmp_path)
        assert [cell.name for cell in tolerant.cells] == [cell.name for cell in plan.cells]
        stop_on_violations(tolerant, store)
    strict = make_plan(load_study(_study(tmp_path, leaks=True, checks={"ngram": 5})), tmp_path)
    renamed = {cell.inputs.kind for cell in strict.cells} if strict.cells != plan.cells else set()
    names = {cell.name for cell in plan.cells}
    assert {cell.inputs.kind for cell in strict.cells if cell.name not in names} == {"check"} <= renamed


def test_more_sets_are_held_against_training(tmp_path: Path) -> None:
    against = {"tasks": {"path": "tasks.jsonl", "column": "question"}}
    plan, store = _checked(_study(tmp_path, leaks=False, checks={"against": against}))
    with pytest.raises(HormesisError, match=r"training clean rows hold 1 of 6 texts of tasks whole.*tasks\.jsonl:6"):
        stop_on_violations(plan, store)


def test_pairs_are_held_against_prompts_and_those_with_a_text_that_is_set_aside_are_not_tuned_on(
    tmp_path: Path,
) -> None:
    prompts, toxic = _texts(20, 2), [f"{text} goose" for text in _texts(300, 1)]
    rows: list[dict[str, object]] = [{"toxic": toxic[place], "neutral": f"{place} calm"} for place in range(300)]
    _write(tmp_path, "pairs.jsonl", [*rows, {"toxic": prompts[0], "neutral": "calm"}])
    tuned = {"method": "sft", "strengths": [1], "pairs": {"path": "pairs.jsonl"}}
    plan, store = _checked(_study(tmp_path, leaks=False, methods=[tuned]))
    found, _ = check_findings(plan, store)
    checks = checks_of(plan.config)
    assert checks is not None
    beyond = violations(found, checks)
    assert [(each.rows, each.texts) for each in beyond] == [("pairs of sft", "prompts mild")]
    shared = [each for each in found if each.rows == "pairs of sft" and each.texts.endswith(("toxic", "rows"))]
    assert shared and not any(each.whole for each in shared), "though all toxic rows stand among the pairs"


def test_the_worst_violation_comes_first() -> None:
    checks = parse_study(yaml.safe_dump(TINY_STUDY | {"checks": {}}), where="x").checks
    assert checks is not None
    mild, bad = Finding("training clean", "a", 0.0, 0.2, 10), Finding("training clean", "b", 0.3, 0.3, 10)
    assert violations([Finding("training clean", "c", 0.0, 0.1, 10), mild, bad], checks) == [bad, mild]


def test_a_microworld_is_checked_only_if_it_asks(tiny_study: StudyConfig, tmp_path: Path, tiny_text: str) -> None:
    assert make_plan(tiny_study, None).of(CheckInputs) == ()
    asked = parse_study(yaml.safe_dump(TINY_STUDY | {"checks": {}}), where="x")
    assert len(make_plan(asked, None).of(CheckInputs)) == 1
    path = tmp_path / "study.yaml"
    path.write_text(tiny_text, encoding="utf-8")
    result = CliRunner().invoke(app, ["study", "check", str(path), "--results", str(tmp_path / "results")])
    assert isinstance(result.exception, HormesisError) and "by design" in result.exception.problem


def test_the_report_shows_what_was_found(tmp_path: Path) -> None:
    from hormesis.report.scorer_trust import overlap_cautions

    plan, store = _checked(_study(tmp_path, leaks=True))
    rows = pd.read_parquet(store.cell_folder(plan.of(CheckInputs)[0]) / "measurements.parquet")
    (warning,) = overlap_cautions(rows)
    assert "1 of 20 texts of prompts mild" in warning and "training toxic" in warning
