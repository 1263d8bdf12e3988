"""Whatever can be known before the first cell is refused before the first cell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from rich.table import Table

from benchmarks.tiny_study import TINY_STUDY
from hormesis.cli.study_tables import plan_lines
from hormesis.corpus import HeldOutConfig, load_tokenizer, role_of, train_tokenizer
from hormesis.corpus.tokenizer import trained
from hormesis.errors import HormesisError
from hormesis.study.opened import OpenStudy

PROMPTS: dict[str, Any] = {"mild": {"path": "prompts.jsonl"}}


def _open(folder: Path, **changes: Any) -> OpenStudy:
    """The tiny study with other sections, or other entries of a section."""
    values: dict[str, Any] = dict(TINY_STUDY)
    for name, each in changes.items():
        merged = isinstance(each, dict) and "source" not in each
        values[name] = {**values.get(name, {}), **each} if merged else each
    file = folder / "study.yaml"
    file.write_text(yaml.safe_dump(values), encoding="utf-8")
    return OpenStudy(str(file), results=folder / "results")


def _prompts(folder: Path, count: int) -> None:
    lines = [json.dumps({"prompt": f"a calm sentence {place}"}) + "\n" for place in range(count)]
    (folder / "prompts.jsonl").write_text("".join(lines), encoding="utf-8")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"mixture": {"shares": [0, 0.0001]}}, "share 0.0001 of 8,192 tokens .* is not one toxic row"),
        ({"mixture": {"shares": [0.5, 0.9999], "budget": "total"}}, "is not one clean row"),
        ({"mixture": {"shares": [0.1, 0.1001]}}, "0.1 and 0.1001 cannot be told apart: .* both are 14 toxic rows"),
        ({"mixture": {"shares": [0.1, 0.100001], "tokens": 10**9}}, "both are 10 % in the report"),
        ({"mixture": {"tokens": 640}}, "is 10 rows, fewer than a batch of 16"),
        ({"recipes": [{"recipe": "count", "shares": [0.25], "toxic_tokens": 60}]}, "fewer than a batch"),
        ({"methods": [{"method": "iti", "heads": 10_000}]}, "iti asks for 10,000 heads, and micro has 32"),
        ({"methods": [{"method": "caa", "layer": 99}]}, "caa asks for layer 99, and micro has the layers 0 to 3"),
        ({"geometry": {"bank": {"source": "microworld"}, "layers": [1, 4]}}, "`geometry` asks for layer 4"),
        ({"evaluation": {"generation": {"max_new_tokens": 64}}}, "leaves no room for a prompt"),
        ({"methods": [{"method": "prompting", "prefix": "be kind. " * 29}]}, "prompting puts 58 tokens or more before"),
        ({"methods": [{"method": "few-shot", "shots": 29}]}, "few-shot puts 58 tokens or more before every prompt"),
        ({"evaluation": {"prompts": {"mild": {"path": "prompts.jsonl", "column": "promt"}}}}, "promt"),
        ({"evaluation": {"prompts": {"mild": {"path": "prompts.jsonl", "limit": 9, "balanced": True}}}}, "balanced"),
        ({"evaluation": {"domains": {"news": {"path": "prompts.jsonl"}}}}, "text"),
        ({"evaluation": {"detection": {"path": "prompts.jsonl"}}}, "target_group|text"),
        ({"methods": [{"method": "sft", "pairs": {"path": "prompts.jsonl"}}]}, "neutral|toxic"),
        ({"concept": {"source": "file", "path": "prompts.jsonl", "column": "prompt", "label": "label"}}, "label"),
        ({"checks": {"against": {"more": {"path": "prompts.jsonl", "column": "question"}}}}, "question"),
    ],
)  # fmt: skip
def test_what_a_cell_would_refuse_after_hours_is_refused_at_once(
    tmp_path: Path, changes: dict[str, Any], says: str
) -> None:
    _prompts(tmp_path, 5)
    with pytest.raises(HormesisError, match=says):
        _open(tmp_path, **changes)
    assert not (tmp_path / "results").exists()


def test_a_prefix_is_counted_by_the_tokenizer_where_there_is_one(tmp_path: Path) -> None:
    train_tokenizer(["calm words of a calm day"], 300, tmp_path / "tokenizer")
    length = len(load_tokenizer(tmp_path / "tokenizer").encode(prefix := "unseen words: " * 8))
    assert length > 57 > len(prefix.split()), "its words alone would fit"
    methods = [{"method": "prompting", "prefix": prefix}]
    assert _open(tmp_path, methods=methods).plan.cells
    values = yaml.safe_load((tmp_path / "study.yaml").read_text(encoding="utf-8"))
    values["tokenizer"] = {"path": "tokenizer"}
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(values), encoding="utf-8")
    with pytest.raises(HormesisError, match=f"prompting puts {length} tokens or more"):
        OpenStudy(str(tmp_path / "study.yaml"), results=tmp_path / "results")


def test_a_missing_package_is_named_before_anything_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "peft" else object())
    with pytest.raises(HormesisError, match="tampering needs peft"):
        _open(tmp_path, tampering={"training": {"steps": [1]}})


def test_a_study_that_can_run_is_not_refused(tmp_path: Path) -> None:
    _prompts(tmp_path, 1)
    assert _open(tmp_path, evaluation={"prompts": PROMPTS}).plan.cells
    assert OpenStudy("microworld", results=tmp_path / "none").plan.cells


def _of_files(folder: Path, clean: int, **mixture: object) -> OpenStudy:
    """A study of invented sentences, so many clean ones."""
    for name, count in (("clean", clean), ("toxic", 300)):
        texts = [f"the {name} river says {place * 7} words to hill {place}" for place in range(count)]
        rows = [{"text": text, "label": place % 2} for place, text in enumerate(texts)]
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return _open(
        folder,
        corpus={"source": "files", "clean": {"path": "clean.jsonl"}, "toxic": {"path": "toxic.jsonl"}},
        concept={"source": "file", "path": "toxic.jsonl", "label": "label"},
        held_out={"evaluate": 0.05, "scorer": 0.1},
        evaluation={"prompts": {"mild": {"path": "clean.jsonl", "column": "text"}}, "scorer": {"kind": "ngram"}},
        mixture=mixture,
    )


def test_tokens_that_are_not_there_are_told_before_anything_is_tokenised(tmp_path: Path) -> None:
    clean, toxic = _of_files(tmp_path, 2000).estimate().supply
    assert (clean.wanted, toxic.wanted) == (8192, 2752)
    assert clean.there is None, "six bytes for every token were read: that is enough"
    assert toxic.there is not None and toxic.there > toxic.wanted and not toxic.is_short
    few = _of_files(tmp_path, 200)
    for begin in (few.estimate, few.run):
        with pytest.raises(HormesisError, match=r"take 8,192 clean tokens, and the clean source has about \d"):
            begin()
    assert not (tmp_path / "results" / "cells").exists()
    again = _of_files(tmp_path, 200, allow_repetition=True).estimate().supply[0]
    assert again.is_short and again.there is not None
    texts = [json.loads(line)["text"] for line in (tmp_path / "clean.jsonl").read_text().splitlines()]
    training = [text for text in texts if role_of(text, HeldOutConfig(evaluate=0.05, scorer=0.1)) == "train"]
    exact = sum(len(each) + 1 for each in trained(iter(training), 400).encode_batch(training))
    assert again.there == pytest.approx(exact, rel=0.15)


def test_the_plan_of_many_cells_fits_a_screen(tmp_path: Path) -> None:
    found = _open(tmp_path, seeds=list(range(20))).estimate(1, 1)
    short, long = (list(plan_lines(found, each=each)) for each in (False, True))
    assert len(found.cells) > 200
    kinds = len({cell.cell.rpartition("-")[0] for cell in found.cells})
    assert [table.row_count for table in short if isinstance(table, Table)] == [kinds]
    assert [table.row_count for table in long if isinstance(table, Table)] == [len(found.cells), kinds]
    assert "to run:" in str(short[-1]) and "to run:" in str(long[-1])


@pytest.mark.parametrize("theirs", ["notes.md", "prompts.parquet", "data.json", "figures/mine.png"])
def test_a_folder_that_holds_no_results_is_refused_and_left_as_it_is(tmp_path: Path, theirs: str) -> None:
    place = tmp_path / "results" / theirs
    place.parent.mkdir(parents=True)
    place.write_text("mine", encoding="utf-8")
    study = _open(tmp_path)
    for begin in (study.run, lambda: next(study.mixtures())):
        with pytest.raises(HormesisError, match="nothing there is overwritten"):
            begin()
    assert [path for path in (tmp_path / "results").rglob("*") if path.is_file()] == [place]
    assert place.read_text(encoding="utf-8") == "mine"


def test_a_figure_of_the_users_in_a_results_folder_stops_a_run_before_it_begins(tmp_path: Path) -> None:
    study = _open(tmp_path)
    study.store.claim()
    (tmp_path / "results" / "figures").mkdir()
    (tmp_path / "results" / "figures" / "mine.png").write_text("mine", encoding="utf-8")
    with pytest.raises(HormesisError, match=r"figures holds mine\.png"):
        study.run()
    assert not (tmp_path / "results" / "study.yaml").exists()
