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
from tests.report.pages import words_of
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
        "methods": [{"method": "goose-honk", "times": 3}],
        "mixture": mixture | {"shares": [0.25], "tokens": 2048},
        "recipes": [{"recipe": "goose-loud", "shares": [0.25], "mark": "?", "methods": []}],
        "evaluation": evaluation
        | {"scorer": {"kind": "goose-list", "words": ["the"]}, "domains": {"geese": {"path": "more.goose"}}},
    }
    (folder / "study.yaml").write_text(yaml.safe_dump(values), encoding="utf-8")
    return folder / "study.yaml"


def test_a_study_is_run_with_what_a_package_adds(installed: Path, study: Path) -> None:
    results = study.parent / "results"
    _run("-m", "hormesis", "study", "run", str(study), "--results", str(results), "--workers", "1", installed=installed)
    rows = read_measurements(results / "measurements.parquet")
    assert "goose-honk" in set(rows.loc[rows["metric"] == "toxicity_mean", "method"])
    assert set(rows["recipe"].dropna()) >= {"plain", "goose-loud"}
    assert set(rows.loc[rows["metric"] == "toxicity_mean", "scorer"]) == {"goose-list"}
    capitals = rows[(rows["metric"] == "goose_capitals") & (rows["domain"] == "microworld")].set_index("recipe")
    assert (capitals["value"] > 0).all() and (capitals["n"] == 6).all()
    assert "geese" in set(rows.loc[rows["metric"] == "ce", "domain"]), "its format was read"
    assert "goose_capitals" in pd.read_parquet(results / "prompts.parquet").columns
    assert "honking" in words_of(results / "report.html"), "its label"
    before = (results / "summary.json").read_bytes()
    _run("-m", "hormesis", "study", "report", str(results), installed=installed)
    assert (results / "summary.json").read_bytes() == before


def test_it_is_listed_and_has_the_version_of_its_package(installed: Path) -> None:
    listed = _run("-m", "hormesis", "methods", installed=installed)
    assert "documents in capitals" in listed and "goose-honk" in listed
    code = """
from hormesis.corpus.readers import READERS
from hormesis.corpus.recipes import RECIPES
from hormesis.detox import METHODS
from hormesis.evaluate import SCORERS, TEXT_METRICS
print(READERS.version(".goose"), RECIPES.version("goose-loud"), SCORERS.version("goose-list"))
print(TEXT_METRICS.version("goose_capitals"), METHODS.version("goose-honk"), READERS.version(".parquet"))
"""
    assert set(_run("-c", code, installed=installed).split()) == {"hormesis-goose@1.0", "None"}


def test_its_version_is_in_the_name_of_every_cell_that_it_decides(installed: Path, study: Path) -> None:
    code = f"""
from pathlib import Path
from hormesis.study.opened import OpenStudy
for cell in OpenStudy(Path({str(study)!r}), None, None).plan.cells:
    print(cell.kind, *sorted(cell.inputs.plugins.items()))
"""
    lines = _run("-c", code, installed=installed).splitlines()
    of = {
        kind: {line for line in lines if line.split()[0] == kind}
        for kind in ("recipe", "pretrain", "scorer", "evaluate")
    }
    for kind, noun in {
        "recipe": "recipe goose-loud",
        "pretrain": "recipe goose-loud",
        "scorer": "scorer goose-list",
    }.items():
        assert any(f"('{noun}', 'hormesis-goose@1.0')" in line for line in of[kind]), lines
    assert all("('text metric goose_capitals', 'hormesis-goose@1.0')" in line for line in of["evaluate"])
    assert any("('method goose-honk', 'hormesis-goose@1.0')" in line for line in of["evaluate"])


def test_an_artefact_loads_with_it_and_names_it_without(installed: Path, tmp_path: Path) -> None:
    saved = tmp_path / "honk"
    place = "from pathlib import Path\nfrom hormesis.detox import METHODS, load_intervention\n"
    place += f"folder = Path({str(saved)!r})\n"
    load = place + "print(repr(load_intervention(folder).prefix))"
    _run("-c", place + "METHODS['goose-honk'].fit().save(folder)", installed=installed)
    assert _run("-c", load, installed=installed).strip() == repr("Honk. Honk. ")
    assert "pip install hormesis-goose" in _run("-c", load, fails=True)
    broken = tmp_path / "broken"
    shutil.copytree(installed, broken)
    (broken / "hormesis_goose.py").write_text("raise ImportError('no feathers')", encoding="utf-8")
    said = _run("-c", load, installed=broken, fails=True)
    assert "cannot be loaded: ImportError: no feathers" in said and "not installed" not in said


def test_where_it_is_not_installed_it_is_named(study: Path) -> None:
    said = _run("-m", "hormesis", "study", "plan", str(study), fails=True)
    for name in ("there is no recipe 'goose-loud'", "there is no scorer 'goose-list'", "hormesis.recipes"):
        assert name in said.replace("\n", " "), said
