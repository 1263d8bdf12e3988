"""Several machines on one results folder: each attempt works apart, one commits, and nothing is lost."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from threading import Barrier
from typing import Any, ClassVar

import pytest

from hormesis.measurements import Measurement
from hormesis.study.engine import attempts
from hormesis.study.engine.attempts import (
    AttemptStore,
    forget_others,
    last_sign_of_life,
    put_if_absent,
    withdraw,
)
from hormesis.study.engine.cell import Cell, Inputs
from hormesis.study.engine.executor import progress_of, required, run_cell
from hormesis.study.engine.kind import KINDS, Job, Kind
from hormesis.study.engine.store import State, Store
from hormesis.study.rows import origin_of, write_rows
from tests.registering import restored


class StepsInputs(Inputs):
    """A cell of ten steps, of which a finished one is a file."""

    kind: ClassVar[str] = "steps"
    stop_at: int | None = None


class StepsKind(Kind[StepsInputs]):
    """See :class:`StepsInputs`."""

    inputs = StepsInputs
    resumes = True
    ran: ClassVar[list[int]] = []
    stop_at: ClassVar[int] = 11

    def run(self, job: Job[StepsInputs]) -> None:
        for step in range(1, 11):
            if not (job.work / f"step{step}").exists():
                if step == type(self).stop_at:
                    raise InterruptedError
                type(self).ran.append(step)
                (job.work / f"step{step}").write_text(str(step))
                job.progress(step / 10, "steps", 0.0)
        write_rows(
            job.work, [Measurement(**asdict(origin_of(job.cell.name, None)), metric="n", domain="d", value=1, n=1)]
        )


CELL: Cell[StepsInputs] = Cell(StepsInputs(), label="ten steps")


@pytest.fixture(autouse=True)
def _known() -> Iterator[None]:
    with restored(KINDS):
        KINDS.register("steps", StepsKind())
        StepsKind.ran, StepsKind.stop_at = [], 11
        yield


@pytest.fixture
def shared(tmp_path: Path) -> Store:
    store = Store(tmp_path / "results")
    store.claim()
    return store


def _attempt(shared: Store, *, stop_at: int = 11) -> AttemptStore:
    """An attempt of some machine; one that stops leaves what it did."""
    StepsKind.stop_at = stop_at
    store = AttemptStore(shared.folder, CELL, shared.folder.parent / "caches")
    try:
        run_cell(Job(CELL, store, None, lambda *_: None))
    except InterruptedError:
        (store.attempt / "progress.json").write_text('{"fraction": 0.4, "note": "steps"}')
    return store


@pytest.mark.parametrize("linked", [True, False])
def test_of_many_that_put_a_file_one_does(tmp_path: Path, linked: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "no links on this file system")

    if not linked:
        monkeypatch.setattr(os, "link", refuse)
    together = Barrier(8)

    def put(number: int) -> bool:
        together.wait()
        return put_if_absent(tmp_path / "cell" / "COMMIT.json", f"{number}" * 9, tmp_path)

    with ThreadPoolExecutor(8) as threads:
        won = list(threads.map(put, range(8)))
    assert sum(won) == 1
    assert (tmp_path / "cell" / "COMMIT.json").read_text() == f"{won.index(True)}" * 9
    assert not list(tmp_path.glob(".*")), "no temporary file stays"


def test_a_commit_whose_answer_was_lost_is_still_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = os.link

    def twice(*places: Path) -> None:
        link(*places)
        link(*places)  # as a server that is asked again

    monkeypatch.setattr(os, "link", twice)
    assert put_if_absent(tmp_path / "COMMIT.json", "one", tmp_path)
    assert not put_if_absent(tmp_path / "COMMIT.json", "other", tmp_path)


def test_the_first_of_two_attempts_is_the_cell_and_the_other_does_no_harm(shared: Store) -> None:
    slow, fast = (AttemptStore(shared.folder, CELL, shared.folder) for _ in range(2))
    assert (slow.attempt.name, fast.attempt.name) == ("1", "2")
    run_cell(Job(CELL, fast, None, lambda *_: None))
    assert shared.state(CELL, frozenset()) is State.DONE and shared.cell_folder(CELL) == fast.attempt
    committed = (shared.folder / "cells" / CELL.name / "COMMIT.json").read_bytes()
    run_cell(Job(CELL, slow, None, lambda *_: None))
    assert (shared.folder / "cells" / CELL.name / "COMMIT.json").read_bytes() == committed
    assert not slow.attempt.exists() and shared.is_complete(CELL)
    commit = json.loads(committed)
    assert commit["attempt"] == "2" and set(commit["files"]) >= {"step1", "measurements.parquet"}
    assert not required([CELL], [CELL], shared) and shared.check_files().whole == 1


def test_an_attempt_goes_on_from_what_the_last_one_left(shared: Store) -> None:
    first = _attempt(shared, stop_at=5)
    assert shared.state(CELL, frozenset()) is State.RESUMABLE
    assert (progress := progress_of(CELL, shared)) is not None and progress.fraction == 0.4
    assert last_sign_of_life(shared, CELL) is not None
    second = _attempt(shared)
    assert StepsKind.ran == list(range(1, 11)), "no step twice"
    assert first.attempt.is_dir() and not (second.attempt / "progress.json").exists()
    forget_others(shared, CELL)
    assert not first.attempt.exists() and shared.is_complete(CELL)


def test_one_machine_goes_on_where_several_stopped_and_the_other_way_round(shared: Store) -> None:
    _attempt(shared, stop_at=4)
    StepsKind.stop_at = 8
    with pytest.raises(InterruptedError):
        run_cell(Job(CELL, shared, None, lambda *_: None))
    shutil.rmtree(shared.folder / "attempts")
    _attempt(shared)
    assert StepsKind.ran == list(range(1, 11))
    assert shared.is_complete(CELL)


def test_a_damaged_cell_is_made_anew_by_either(shared: Store) -> None:
    won = _attempt(shared).attempt
    (won / "step1").write_text("another")
    assert shared.state(CELL, frozenset()) is State.DAMAGED and shared.check_files().faulty
    withdraw(shared, CELL)
    forget_others(shared, CELL)
    assert not won.exists()
    _attempt(shared)
    assert shared.is_complete(CELL)
    (shared.cell_folder(CELL) / "step1").write_text("another")
    shutil.rmtree(shared.folder / "attempts" / CELL.name)
    run_cell(Job(CELL, shared, None, lambda *_: None))
    assert shared.is_complete(CELL) and shared.cell_folder(CELL) == shared.folder / "cells" / CELL.name


def test_a_vanishing_checkpoint_is_no_obstacle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The attempt before may still be writing, and remove its old checkpoints, while its work is copied."""
    before, now = tmp_path / "before", tmp_path / "now"
    (before / "step2").mkdir(parents=True)
    whole, failures = shutil.copytree, [True]

    def copied(*places: Any, **how: Any) -> Path:
        if failures and failures.pop():
            raise shutil.Error([("step1", "step1", "vanished")])
        return Path(whole(*places, **how))

    monkeypatch.setattr(shutil, "copytree", copied)
    attempts.copy_work(before, now)
    assert (now / "step2").is_dir()
