"""What every command shares: JSON, quiet, brackets as they are, older spellings, and how mistakes end."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from hormesis.cli import app
from hormesis.cli.screen import Screen, as_json
from tests.cli.test_commands import concept

RESULTS = Path(__file__).parents[2] / "docs" / "results" / "forum"


def invoke(*arguments: object) -> tuple[int, str, str]:
    found = CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "200"})
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    return found.exit_code, found.stdout, found.stderr


@pytest.mark.parametrize(
    "command",
    [("study", "status", RESULTS), ("study", "recommend", RESULTS), ("study", "power", RESULTS), ("methods",)],
)
def test_json_is_all_that_a_program_gets_wherever_it_asks(command: tuple[object, ...]) -> None:
    after, before = invoke(*command, "--json"), invoke("--json", *command)
    assert after == before
    assert json.loads(after[1])


def test_looking_at_results_leaves_no_file(tmp_path: Path) -> None:
    shutil.copytree(RESULTS, tmp_path / "r", ignore=shutil.ignore_patterns("figures", "tables", ".lock"))
    before = sorted(tmp_path.rglob("*"))
    for command in ("status", "recommend", "power"):
        assert invoke("study", command, tmp_path / "r")[0] == 0
    assert sorted(tmp_path.rglob("*")) == before


def test_quiet_leaves_nothing_but_errors() -> None:
    assert invoke("study", "status", RESULTS, "--quiet") == (0, "", "")
    code, said, error = invoke("study", "status", RESULTS, "--quiet", "--nope")
    assert (code, said) == (2, "") and "--nope" in error


@pytest.mark.parametrize("name", ["r[bold]y", "r[/x]"])
def test_brackets_in_a_path_are_printed_as_they_are(name: str, tmp_path: Path) -> None:
    shutil.copytree(RESULTS, tmp_path / name, ignore=shutil.ignore_patterns("figures", "tables"))
    assert name in invoke("study", "status", tmp_path / name)[1]
    assert name in invoke("study", "init", tmp_path / name / "mine.yaml")[1]


def test_older_spellings_work_and_are_not_shown() -> None:
    assert invoke("recommend", RESULTS) == invoke("study", "recommend", RESULTS)
    shown = invoke("--help")[1]
    assert "recommend" not in shown and "scorer-report" in shown and "recommend" in invoke("study", "--help")[1]


def test_a_value_that_a_room_refuses_is_an_error_of_usage(bench: Path, tmp_path: Path) -> None:
    code, _, error = invoke(*("generate", bench / "model", "--prompt", "mila", "--with", tmp_path, "--temperature", 0))
    assert code == 2 and "--temperature" in error
    code, _, error = invoke("probe", bench / "model", *concept(bench), "--batch", 0)
    assert code == 2 and "--batch" in error


def test_files_are_looked_for_in_the_data_folder(bench: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ("probe", bench / "model", "--concept", "concept.jsonl", "--label", "label", "--group", "who")
    assert invoke(*asked, "--data", bench)[0] == 0
    monkeypatch.setenv("HORMESIS_DATA", str(bench))
    code, said, _ = invoke(*asked, "--json")
    assert code == 0 and {row["site"] for row in json.loads(said)} == {"head", "residual"}


def test_what_is_found_becomes_json() -> None:
    frame = pd.DataFrame({"a": [1, 2], "b": [0.5, np.nan], "c": pd.array([1, pd.NA], dtype="Int64")})
    assert as_json({"rows": frame, "path": Path("x"), "at": np.float32(0.5), "many": np.arange(2)}) == {
        "rows": [{"a": 1, "b": 0.5, "c": 1}, {"a": 2, "b": None, "c": None}],
        "path": "x",
        "at": 0.5,
        "many": [0, 1],
    }


def test_a_screen_says_nothing_to_people_where_a_program_listens(capsys: pytest.CaptureFixture[str]) -> None:
    screen = Screen()
    screen.say("a [b]")
    screen.result(1)
    screen.choose(as_json=True)
    screen.say("c")
    screen.result({"d": 2})
    assert capsys.readouterr().out == 'a [b]\n{\n  "d": 2\n}\n'


def test_control_characters_do_not_reach_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table("prompt", title="r[bold]y")
    table.add_row("calm \x1b[2Jwords [/x]")
    Screen().say("r[/x] \x1b]0;title\x07", Text("a\x9bb", style="red"), table)
    said = capsys.readouterr().out
    assert not any(code in said for code in "\x1b\x07\x9b")
    assert "r[/x]" in said and "r[bold]y" in said and "words [/x]" in said
