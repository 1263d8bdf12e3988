"""A package that adds to hormesis is built, installed and used: in a study's YAML, on the command line, in results."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml

from hormesis.corpus import Microworld
from hormesis.measurements import read_measurements
from tests.study.conftest import TINY_STUDY

_SOURCE = Path(__file__).parent / "plugin"


def _run(*arguments: str, installed: Path | None = None, fails: bool = False) -> str:
    paths = [str(installed)] if installed is not None else []
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([*paths, *filter(None, [os.environ.get("PYTHONPATH")])]),
        "COLUMNS": "200",
    }
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False, env=environment)
    assert (done.returncode != 0) == fails, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the package is installed, beside and not among what this process sees."""
    folder = tmp_path_factory.mktemp("plugin")
    shutil.copytree(_SOURCE, folder / "source", ignore=shutil.ignore_patterns("__pycache__"))
    offline = ("--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check")
    _run("-m", "pip", "install", *offline, "--target", str(folder / "installed"), str(folder / "source"))
    return folder / "installed"


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    lines = [f"honk {document.text}\n" for document in Microworld().clean(40)]
    (folder / "more.goose").write_text("".join(lines), encoding="utf-8")
    evaluation: dict[str, object] = TINY_STUDY["evaluation"]  # type: ignore[assignment]
    mixture: dict[str, object] = TINY_STUDY["mixture"]  # type: ignore[assignment]
    values = TINY_STUDY | {
        "seeds": [0],
        "methods": [],
        "mixture": mixture | {"shares": [0.25], "tokens": 2048},
        "recipes": [{"recipe": "goose-loud", "shares": [0.25], "mark": "?"}],
        "evaluation": evaluation
        | {"scorer": {"kind": "goose-list", "words": ["the"]}, "domains": {"geese": {"path": "more.goose"}}},
    }
    (folder / "study.yaml").write_text(yaml.safe_dump(values), encoding="utf-8")
    return folder / "study.yaml"


def test_a_study_is_run_with_what_a_package_adds(installed: Path, study: Path) -> None:
    results = study.parent / "results"
    _run("-m", "hormesis", "study", "run", str(study), "--results", str(results), installed=installed)
    rows = read_measurements(results / "measurements.parquet")
    assert set(rows["recipe"].dropna()) >= {"plain", "goose-loud"}
    assert set(rows.loc[rows["metric"] == "toxicity_mean", "scorer"]) == {"goose-list"}
    capitals = rows[(rows["metric"] == "goose_capitals") & (rows["domain"] == "microworld")].set_index("recipe")
    assert (capitals["value"] > 0).all() and (capitals["n"] == 6).all()
    assert "geese" in set(rows.loc[rows["metric"] == "ce", "domain"]), "its format was read"
    assert "goose_capitals" in pd.read_parquet(results / "prompts.parquet").columns
    before = (results / "summary.json").read_bytes()
    _run("-m", "hormesis", "study", "report", str(results), installed=installed)
    assert (results / "summary.json").read_bytes() == before


def test_it_is_listed_and_has_the_version_of_its_package(installed: Path) -> None:
    assert "documents in capitals" in _run("-m", "hormesis", "methods", installed=installed)
    code = """
from hormesis.corpus.readers import READERS
from hormesis.corpus.recipes import RECIPES
from hormesis.evaluate import SCORERS, TEXT_METRICS
print(READERS.version(".goose"), RECIPES.version("goose-loud"), SCORERS.version("goose-list"))
print(TEXT_METRICS.version("goose_capitals"), READERS.version(".parquet"))
"""
    assert set(_run("-c", code, installed=installed).split()) == {"hormesis-goose@1.0", "None"}


def test_where_it_is_not_installed_it_is_named(study: Path) -> None:
    said = _run("-m", "hormesis", "study", "plan", str(study), fails=True)
    for name in ("there is no recipe 'goose-loud'", "there is no scorer 'goose-list'", "hormesis.recipes"):
        assert name in said.replace("\n", " "), said
