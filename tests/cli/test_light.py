"""What reads, decides and explains needs no extra (no PyTorch, transformers, OLMo-core): here none can be imported."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hormesis.cli.entry import COMMANDS
from hormesis.optional import EXTRAS

RESULTS = Path(__file__).parents[2] / "docs" / "results" / "microworld"
_BLOCKED = f"""
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {tuple(EXTRAS)}:
            raise ModuleNotFoundError("No module named " + name, name=name)

sys.meta_path.insert(0, Blocked())
from hormesis.cli import main
main()
"""


def run(*arguments: object, code: int = 0) -> str:
    """What the command says, on standard output or, of an error, on standard error."""
    command = [sys.executable, "-c", _BLOCKED, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"COLUMNS": "200"}, check=False)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr if code else done.stdout


@pytest.fixture
def results(tmp_path: Path) -> Path:
    folder: Path = shutil.copytree(RESULTS, tmp_path / "r", ignore=shutil.ignore_patterns("figures", "tables"))
    return folder


_GROUPS = {"study": ("init", "plan", "mix", "check", "run", "status", "report", "recommend", "power")}


@pytest.mark.parametrize(
    "command",
    [
        (),
        *((name,) for name, later in COMMANDS.items() if not later.hidden),
        *(("study", name) for name in _GROUPS["study"]),
        *(("toy", name) for name in ("run", "sweep")),
    ],
)
def test_every_help_is_light(command: tuple[str, ...]) -> None:
    assert "Usage" in run(*command, "--help")


def test_the_version_is_light() -> None:
    assert run("--version").startswith("hormesis ")


@pytest.mark.parametrize("command", [("methods",)])
def test_what_there_is_is_light(command: tuple[str, ...]) -> None:
    assert "iti" in run(*command)


@pytest.mark.parametrize(
    ("command", "said"),
    [("recommend", "microworld"), ("power", "microworld"), ("status", "cells done"), ("report", "report.html")],
)
def test_results_are_read_lightly(command: str, said: str, results: Path) -> None:
    assert said in run("study", command, results)


def test_a_study_is_begun_lightly(tmp_path: Path) -> None:
    assert "wrote" in run("study", "init", tmp_path / "mine.yaml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: [a", "line"),
        ("name: a\nnonsense: 1\n", "nonsense"),
        ("name: a\nmethods:\n- {method: itti}\n", "itti"),
    ],
)
def test_what_is_wrong_in_a_study_is_explained_lightly(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "study.yaml").write_text(text, encoding="utf-8")
    assert said in run("study", "plan", tmp_path / "study.yaml", code=1)


@pytest.mark.parametrize("command", ["status", "report", "recommend"])
def test_a_folder_without_results_is_explained_lightly(command: str, tmp_path: Path) -> None:
    assert "error" in run("study", command, tmp_path, code=1)


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        (("nothing",), 2, "No such command 'nothing'"),
        (("probe", "m", "--nope"), 2, "--nope"),
        (("study", "plan", "no.yaml"), 1, "no.yaml"),
        (("study", "run", "no.yaml"), 1, "no.yaml"),
        (("probe", "./m", "--concept", "c.jsonl"), 1, "there is no model ./m"),
        (("probe", "m", "--concept", "c.jsonl", "--label", "l"), 1, "there is no file c.jsonl"),
        (("geometry", "m", "--concept", "c.jsonl", "--bank", "b.jsonl", "--bank-column", "k"), 1, "no file b.jsonl"),
        (("detox", "m", "--method", "itti"), 1, "did you mean iti?"),
        (("detox", "m", "--method", "iti", "--layer", "1"), 1, "iti takes no layer"),
        (("generate", "m", "--prompt", "p", "--with", "w"), 1, "w is no artefact"),
        (("evaluate", "m", "--rtp", "p.jsonl"), 1, "there is no file p.jsonl"),
        (("evaluate", "m", "--scorer", "judge"), 1, "there is no scorer judge"),
        (("pairs", "m", "--rtp", "p.jsonl", "--scorer", "judge", "--out", "o"), 1, "there is no scorer judge"),
        (("attack", "m", "--goals", "g.parquet"), 1, "there is no file g.parquet"),
        (("trigger", "m", "--rtp", "p.jsonl", "--toxic", "t.jsonl", "--scorer", "j"), 1, "there is no file p.jsonl"),
        (("tamper", "m", "--rtp", "p.jsonl", "--scorer", "j"), 1, "nothing to tamper with"),
        (("scorer", "--toxic", "t.jsonl", "--nontoxic", "n.jsonl", "--out", "o"), 1, "there is no file t.jsonl"),
        (("scorer-report", "judge", "--reference", "r.jsonl"), 1, "there is no file r.jsonl"),
        (("toy", "run", "--out", "o", "--clip", "0"), 2, "--clip"),
    ],
)
def test_mistakes_are_explained_lightly(command: tuple[str, ...], code: int, said: str) -> None:
    assert said in run(*command, code=code)


def test_what_is_missing_is_named_with_its_extra(tmp_path: Path) -> None:
    rows = [{"text": f"mild {place}", "label": place % 2} for place in range(4)]
    (tmp_path / "c.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    said = run("probe", "m", "--concept", tmp_path / "c.jsonl", "--label", "label", code=1)
    assert "pip install 'hormesis[steer]'" in said
