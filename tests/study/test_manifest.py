"""A cell whose files are not those that were written is not complete: it runs again, and its rows are not read."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hormesis.cli import app
from hormesis.errors import HormesisError
from hormesis.measurements import Measurement, to_frame, write_measurements
from hormesis.study.cells.corpus import CorpusInputs
from hormesis.study.cells.pretrain import PretrainInputs
from hormesis.study.config import StudyConfig
from hormesis.study.engine.cell import Cell
from hormesis.study.engine.executor import required
from hormesis.study.engine.manifest import Faults
from hormesis.study.engine.store import State, Store
from hormesis.study.plan import Plan, make_plan
from hormesis.study.results.collect import collect
from hormesis.study.rows import origin_of


def _finish(store: Store, cell: Cell[Any]) -> None:
    work = store.work_folder(cell)
    (work / "model").mkdir(parents=True)
    (work / "model" / "config.json").write_text('{"rope_theta": 1000}')
    (work / "held_out").mkdir()
    (work / "held_out" / "clean.parquet").write_bytes(b"rows")
    row = Measurement(**vars(origin_of(cell.name, None)), metric="ce", domain="clean", value=1.0, n=1)
    write_measurements(work / "measurements.parquet", to_frame([row]))
    store.finish(cell)


@pytest.fixture
def finished(tiny_study: StudyConfig, tmp_path: Path) -> tuple[Plan, Store]:
    small = tiny_study.model_copy(update={"seeds": tiny_study.seeds[:1], "methods": ()})
    plan, store = make_plan(small, None), Store(tmp_path / "results")
    store.claim()
    for cell in plan.cells:
        _finish(store, cell)
    return plan, store


def _flip(path: Path, place: int = 3) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 4
    path.write_bytes(data)


def test_every_file_is_hashed_and_whole_cells_stay(finished: tuple[Plan, Store]) -> None:
    plan, store = finished
    cell = plan.of(PretrainInputs)[0]
    files = json.loads((store.cell_folder(cell) / "cell.json").read_text())["files"]
    assert set(files) == {"model/config.json", "held_out/clean.parquet", "measurements.parquet"}
    assert required(plan.cells, plan.measured, store) == ()
    os.utime(store.cell_folder(cell) / "model/config.json")
    assert store.state(cell, frozenset()) is State.DONE, "another time is a doubt, no damage"


@pytest.mark.parametrize("name", ["model/config.json", "measurements.parquet", "cell.json"])
def test_a_damaged_cell_runs_again_and_is_not_read(finished: tuple[Plan, Store], name: str) -> None:
    plan, store = finished
    cell = plan.of(PretrainInputs)[0]
    place = store.cell_folder(cell) / name
    place.write_text("{") if name == "cell.json" else _flip(place)
    assert store.state(cell, store.measured_cells()) is State.DAMAGED
    assert cell in required(plan.cells, plan.measured, store)
    with pytest.raises(HormesisError, match=f"{cell.name}.*not whole: {name}") as told:
        collect(plan, store)
    assert "computes that cell anew" in told.value.fix
    _finish(store, cell)
    assert required(plan.cells, plan.measured, store) == ()


def test_a_removed_file_makes_a_needed_cell_run_again(finished: tuple[Plan, Store]) -> None:
    plan, store = finished
    corpus, model = plan.of(CorpusInputs)[0], plan.of(PretrainInputs)[0]
    (store.cell_folder(corpus) / "held_out" / "clean.parquet").unlink()
    assert not store.is_complete(corpus)
    shutil.rmtree(store.cell_folder(model) / "model")
    assert store.state(model, frozenset()) is State.MEASURED, "artefacts may go once they are measured"
    (store.cell_folder(model) / "measurements.parquet").unlink()
    assert store.state(model, frozenset()) is State.MISSING
    assert store.state(model, frozenset([model.name])) is State.MEASURED, "its rows are in the results' tables"
    with pytest.raises(HormesisError, match=r"not whole: measurements\.parquet"):
        collect(plan, store)


def test_cells_from_before_files_were_hashed_are_read_as_they_are(finished: tuple[Plan, Store]) -> None:
    plan, store = finished
    cell = plan.of(PretrainInputs)[0]
    path = store.cell_folder(cell) / "cell.json"
    path.write_text(
        json.dumps({name: value for name, value in json.loads(path.read_text()).items() if name != "files"})
    )
    assert store.faults(cell) == Faults() and store.is_complete(cell)
    (store.cell_folder(cell) / "model" / "config.json").unlink()
    assert not store.is_complete(cell)


def test_check_files_reads_everything_and_what_it_finds_runs_again(finished: tuple[Plan, Store]) -> None:
    plan, store = finished
    cell = plan.of(PretrainInputs)[0]
    place = store.cell_folder(cell) / "model" / "config.json"
    time = place.stat().st_mtime_ns
    _flip(place)
    os.utime(place, ns=(time, time))
    assert store.state(cell, frozenset()) is State.DONE, "size and time are those that were written"
    (store.folder / "study.yaml").write_text("name: x")
    told = CliRunner().invoke(app, ["study", "check", str(store.folder), "--files"])
    assert told.exit_code == 1 and f"{cell.name} is damaged: model/config.json" in told.output
    assert f"{len(plan.cells) - 1} cells are whole, 1 are not" in told.output
    assert store.state(cell, frozenset()) is State.DAMAGED, "the next run sees it, too"


def test_what_somebody_else_put_into_a_cell_is_set_aside(finished: tuple[Plan, Store]) -> None:
    plan, store = finished
    cell = plan.of(PretrainInputs)[0]
    (store.cell_folder(cell) / "my notes.txt").write_text("kept")
    _finish(store, cell)
    (aside,) = store.folder.glob(f"cells/{cell.name}.set-aside-*")
    assert (aside / "my notes.txt").read_text() == "kept"
    assert store.is_complete(cell)
