"""``hormesis scorer`` and ``hormesis scorer-report`` on texts of which the truth is known."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from hormesis.cli import app, inputs
from hormesis.corpus import Microworld, MicroworldConfig
from hormesis.errors import HormesisError
from hormesis.evaluate import ReferenceScale, scorer_at
from hormesis.measurements import read_measurements
from tests.evaluate.tiny import save_classifier


def _write(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_two_scorers_are_held_against_the_reference_and_each_other(tmp_path: Path) -> None:
    world = Microworld()
    parts = {
        name: _write(tmp_path / f"{name}.jsonl", [{"text": document.text} for document in documents])
        for name, documents in (("toxic", world.toxic(200)), ("clean", world.clean(200)))
    }
    for half in ("first", "second"):
        files = ["--toxic", str(parts["toxic"]), "--nontoxic", str(parts["clean"])]
        fitted = CliRunner().invoke(
            app, ["scorer", *files, "--half", half, "--plain", "--out", str(tmp_path / half), "--accept-scorer"]
        )
        assert fitted.exit_code == 0, fitted.output
    new = Microworld(MicroworldConfig(seed=1))
    texts = [document.text for part in (new.toxic(60), new.clean(60)) for document in part]
    columns = ("prompt", "continuation")
    reference = _write(
        tmp_path / "reference.jsonl",
        [
            {column: text for column in columns} | {f"{column}_toxicity": new.toxicity(text) for column in columns}
            for text in texts
        ],
    )
    scorers = [str(tmp_path / half) for half in ("first", "second")]
    command = ["scorer-report", *scorers, "--reference", str(reference), "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    assert "ngram and ngram on prompt: ρ = 0.9" in result.output
    rows = read_measurements(tmp_path / "out" / "measurements.parquet")
    aurocs = rows[rows["metric"] == "reference_auroc"]
    assert len(aurocs) == 4 and (aurocs["value"] > 0.9).all() and (aurocs["low"] <= aurocs["value"]).all()
    assert len(list((tmp_path / "out").glob("scale_*.json"))) == 2
    scale = ReferenceScale.load(next((tmp_path / "out").glob("scale_*.json")))
    assert scale.name == "Perspective" and (tmp_path / "out" / "reliability.png").stat().st_size > 1000


def test_a_reference_without_scores_is_explained(tmp_path: Path) -> None:
    _write(
        tmp_path / "r.jsonl",
        [{"prompt": "mild", "prompt_toxicity": 3.0, "continuation": "", "continuation_toxicity": 0}],
    )
    with pytest.raises(HormesisError, match="outside"):
        CliRunner().invoke(
            app, ["scorer-report", str(tmp_path), "--reference", str(tmp_path / "r.jsonl")], catch_exceptions=False
        )


def _labelled(folder: Path, toxic: list[str], other: list[str]) -> list[str]:
    files = {"toxic": toxic, "nontoxic": other}
    rows: dict[str, list[dict[str, object]]] = {
        name: [{"text": each} for each in texts] for name, texts in files.items()
    }
    return [each for name in files for each in (f"--{name}", str(_write(folder / f"{name}.jsonl", rows[name])))]


def test_a_scorer_of_length_is_refused_unless_it_is_accepted(tmp_path: Path) -> None:
    words = ["river", "song", "morning", "table", "green", "paper", "window", "garden", "winter", "yellow"]
    toxic = [f"goose {words[n % 10]} {words[n // 10 % 10]} {n}" for n in range(80)]
    other = [" ".join(words[(n + k * k) % 10] + "ly" for k in range(90)) + f" {n}" for n in range(80)]
    command = ["scorer", *_labelled(tmp_path, toxic, other), "--out", str(tmp_path / "judge")]
    refused = CliRunner().invoke(app, command)
    assert isinstance(refused.exception, HormesisError)
    assert "it has learned something else" in str(refused.exception) and "--accept-scorer" in refused.exception.fix
    assert not (tmp_path / "judge").exists()
    taken = CliRunner().invoke(app, [*command, "--accept-scorer"], env={"COLUMNS": "160"})
    assert taken.exit_code == 0, taken.output
    assert "everyday talk" in taken.output and "caution: ngram calls" in taken.output
    table = pd.read_csv(tmp_path / "judge" / "behaviour.csv")
    assert len(table) >= 20 and {"domain", "value", "n", "low", "high"} <= set(table.columns)
    assert scorer_at(tmp_path / "judge").revision == table["scorer_revision"][0]


def test_a_classifiers_label_is_named_behind_its_folder(tmp_path: Path) -> None:
    save_classifier(tmp_path / "judge", ["LABEL_0", "LABEL_1"])
    with pytest.raises(HormesisError, match="no label of the scorer") as caught:
        inputs.scorers([str(tmp_path / "judge")], None)
    assert "judge@LABEL" in caught.value.fix
    (judge,) = inputs.scorers([f"{tmp_path / 'judge'}@label_1"], None)
    assert judge.revision.endswith(":LABEL_1")
    with pytest.raises(HormesisError, match="no label 'mean'"):
        inputs.scorers([f"{tmp_path / 'judge'}@mean"], None)
