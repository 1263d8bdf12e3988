"""``study init --from FOLDER``: a study of the files in a folder, tried before it is written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hormesis.cli import app
from hormesis.errors import HormesisError
from hormesis.study.config import load_study
from hormesis.study.from_folder import study_of
from hormesis.study.plan import make_plan


def _write(path: Path, rows: list[dict[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    words = "river song morning table green paper window garden winter yellow "
    _write(folder / "clean_forum.jsonl", [{"body": f"{words * 40} {n}"} for n in range(60)])
    _write(folder / "sub" / "toxic.jsonl", [{"text": f"you silly goose {words * 10} {n}"} for n in range(60)])
    _write(folder / "forum_control.jsonl", [{"text": f"you kind drum {n}"} for n in range(30)])
    rated = [{"text": f"text {n}", "toxicity_human": 1 + n % 5, "target_group": str(n % 4)} for n in range(40)]
    _write(folder / "rated.jsonl", rated)
    _write(folder / "rtp.jsonl", [{"prompt": f"the {n}", "prompt_toxicity": n / 20} for n in range(20)])
    return folder


def test_files_are_known_by_names_and_columns_and_planned_with(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "study.yaml"
    made = CliRunner().invoke(app, ["study", "init", str(file), "--from", str(data)])
    assert made.exit_code == 0, made.output
    assert "caution" not in made.output and "set the paths" not in made.output
    study = load_study(file)
    assert study.corpus.source == "files"
    assert study.corpus.clean.path == str(data / "clean_forum.jsonl") and study.corpus.clean.column == "body"
    assert study.corpus.toxic.path == str(data / "sub" / "toxic.jsonl")
    scorer = study.evaluation.scorer.model_dump()
    assert scorer["nontoxic"][0]["path"] == str(data / "forum_control.jsonl")
    assert scorer["tuning"]["lengths"] == "matched"
    concept = study.concept.model_dump()
    assert (concept["label"], concept["threshold"], concept["group"]) == ("toxicity_human", 2.5, "target_group")
    assert 10_000 <= study.mixture.tokens < 60 * 600 * 2, "no more than there is"
    assert make_plan(study, tmp_path).cells
    assert "# recipes:" in file.read_text(encoding="utf-8"), "the comments are kept"


def test_without_texts_of_the_same_sites_it_says_so(data: Path, tmp_path: Path) -> None:
    (data / "forum_control.jsonl").unlink()
    made = CliRunner().invoke(app, ["study", "init", str(tmp_path / "s.yaml"), "--from", str(data)])
    assert made.exit_code == 0, made.output
    assert "caution: no non-toxic texts of the toxic ones' own sites" in " ".join(made.output.split())
    assert load_study(tmp_path / "s.yaml").evaluation.scorer.model_dump()["nontoxic"] == ()


def test_what_is_missing_is_named_and_nothing_is_written(data: Path, tmp_path: Path) -> None:
    (data / "rtp.jsonl").unlink()
    refused = CliRunner().invoke(app, ["study", "init", str(tmp_path / "s.yaml"), "--from", str(data)])
    assert isinstance(refused.exception, HormesisError)
    assert "lacks a file with a column `prompt`" in refused.exception.problem
    assert not (tmp_path / "s.yaml").exists()
    with pytest.raises(HormesisError, match="there is no folder"):
        study_of(tmp_path / "nowhere", tmp_path)


def test_too_little_text_is_refused(data: Path, tmp_path: Path) -> None:
    _write(data / "sub" / "toxic.jsonl", [{"text": f"you goose {n}"} for n in range(60)])
    with pytest.raises(HormesisError, match="too few for a share of 20%"):
        study_of(data, tmp_path)
