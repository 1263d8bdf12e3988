"""A cell fails: what needs it is skipped, all else goes on, and the next run takes up just that."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from hormesis.cli import app
from hormesis.disk import DiskError
from hormesis.study.engine.cell import Cell
from hormesis.study.engine.executor import Ended, Machine, attempt, required
from hormesis.study.engine.failures import Blame, CellsFailedError, Failure, FailureLog, is_final
from hormesis.study.engine.pool import ProcessPool
from hormesis.study.engine.run import run_cells
from hormesis.study.engine.store import State, Store
from hormesis.study.opened import Unwatched
from tests.study.trials import End, attempts, known, trials


@pytest.fixture(autouse=True)
def _known() -> Iterator[None]:
    with known():
        yield


@pytest.fixture
def in_this_process(tmp_path: Path) -> InThisProcess:
    return InThisProcess(tmp_path / "results")


class InThisProcess:
    """Runs one cell at a time, here."""

    def __init__(self, results: Path) -> None:
        self.results, self.ended = results, list[Ended]()
        self.room = 1

    def submit(self, cell: Cell[Any]) -> None:
        self.ended.append(attempt(cell, self.results, None))

    def wait(self, seconds: float) -> list[Ended]:  # noqa: ARG002
        ended, self.ended = self.ended, []
        return ended

    def __enter__(self) -> InThisProcess:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def test_what_can_go_on_goes_on_in_processes_of_their_own(tmp_path: Path) -> None:
    ends: dict[str, End] = {"ill": "raises", "shaky": "raises once", "shot": "is killed once", "sound": "well"}
    cells, store = trials(tmp_path / "seen", ends), Store(tmp_path / "results")
    failed = run_cells(cells, store, ProcessPool(Machine(1, 1), store.folder, None), Unwatched())
    assert [one.what for one in failed] == ["ill"]
    assert failed[0].skipped == tuple(cell.name for cell in cells[1:3])
    assert failed[0].problem == "ZeroDivisionError: the drum has no skin"
    said = failed[0].log.read_text()
    assert said.count("attempt ") == 2 and "trials.py" in said and "Traceback" in said
    times = attempts(tmp_path / "seen")
    assert {name: times[name] for name in ends} == {"ill": 2, "shaky": 2, "shot": 2, "sound": 1}
    assert all(times.get(f"{name} {place}", 0) == (name != "ill") for name in ends for place in (2, 3))
    assert all(store.is_complete(cell) for cell in cells[3:])


def test_bad_input_is_not_tried_again_and_the_next_run_takes_up_just_what_is_left(
    tmp_path: Path, in_this_process: InThisProcess
) -> None:
    cells, store = trials(tmp_path / "seen", {"wrong": "refuses", "right": "well"}), Store(tmp_path / "results")
    (failed,) = run_cells(cells, store, in_this_process, Unwatched())
    assert (failed.attempts, failed.problem, failed.fix) == (1, "there is no goose", "bring a goose")
    assert FailureLog(store.folder).all() == (failed,), "as it is read again"
    left = required(cells, cells, store)
    assert left == cells[:3]
    again = run_cells(left, store, in_this_process, Unwatched())
    assert len(again) == 1 and attempts(tmp_path / "seen") == {"wrong": 2, "right": 1, "right 2": 1, "right 3": 1}
    error = CellsFailedError(again)
    assert "1 cell failed, 2 that need them" in error.problem and "bring a goose" in error.fix
    FailureLog(store.folder).forget(left)
    assert not (store.folder / "failures").exists()


def test_a_full_disk_ends_the_run_for_nothing_else_could_go_on(tmp_path: Path, in_this_process: InThisProcess) -> None:
    cells, store = trials(tmp_path / "seen", {"whole": "full disk", "right": "well"}), Store(tmp_path / "results")
    with pytest.raises(DiskError, match="free some space"):
        run_cells(cells, store, in_this_process, Unwatched())
    assert not FailureLog(store.folder).all(), "no cell is to blame"


def test_three_different_exceptions_are_enough(tmp_path: Path) -> None:
    def failure(line: int, blame: Blame = Blame.CELL) -> Failure:
        return Failure(blame, "ValueError", f"here.py:{line}", "no", "mend it")

    assert not is_final([failure(1)]) and not is_final([failure(1), failure(2)])
    assert is_final([failure(1), failure(1)]) and is_final([failure(1), failure(2), failure(3)])
    assert is_final([failure(1, Blame.INPUT)])
    assert is_final([Failure.of_worker("SIGKILL", "killed", "run again")] * 2)
    assert Failure.of(KeyboardInterrupt(), tmp_path).blame is Blame.WORKER


def test_a_study_with_a_failed_cell_ends_with_one_and_says_why(tiny_text: str, tmp_path: Path) -> None:
    values = yaml.safe_load(tiny_text)
    values["mixture"]["shares"], values["seeds"] = [0.25], [0]
    values["methods"] = [{"method": "prompting", "prefix": "the weather is fine."}]
    values["labeller"], values["held_out"]["labeller"] = {"kind": "ngram"}, 0.2
    values["methods"].append(
        {"method": "dpo-ranked", "prompts": {"source": "microworld", "count": 12}, "margin": 2.0, "steps": 1}
    )
    study, results = tmp_path / "study.yaml", tmp_path / "results"
    study.write_text(yaml.safe_dump(values), encoding="utf-8")
    command = ["study", "run", str(study), "--results", str(results), "--workers", "1"]
    found = CliRunner().invoke(app, command)
    assert found.exit_code == 1 and isinstance(found.exception, CellsFailedError), found.output
    assert "no two continuations of" in found.output and "failed cells" in found.output
    assert (results / "report.html").is_file(), "of what is done"
    status = CliRunner().invoke(app, ["study", "status", str(results)])
    assert State.FAILED.value in status.output and "no two continuations" in status.output
    checked = CliRunner().invoke(app, ["study", "check", str(results), "--files"])
    assert checked.exit_code == 0 and "no two continuations" in checked.output
    planned = CliRunner().invoke(app, ["study", "plan", *command[2:]])
    assert "1 to run" in planned.output, "the next run takes up just that"
