"""Which cells a study has, what names them, and which of them have to run."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from hormesis.errors import HormesisError
from hormesis.measurements import Measurement, to_frame, write_measurements
from hormesis.pretrain import PRESETS
from hormesis.study.cells.evaluate import EvaluateInputs
from hormesis.study.cells.pretrain import PretrainInputs
from hormesis.study.config import StudyConfig, load_study
from hormesis.study.engine.cell import Cell
from hormesis.study.engine.executor import Machine, required
from hormesis.study.engine.store import State, Store
from hormesis.study.plan import Plan, make_plan
from hormesis.study.rows import origin_of


def _names(plan: Plan) -> list[str]:
    return [cell.name for cell in plan.cells]


def test_every_cell_comes_after_those_it_needs(tiny_study: StudyConfig) -> None:
    plan = make_plan(tiny_study, None)
    seen: set[str] = set()
    for cell in plan.cells:
        assert {need.name for need in cell.needs.values()} <= seen
        seen.add(cell.name)
    assert len(seen) == len(plan.cells) == 3 + 2 * 2 * (1 + 1 + 4)


def test_a_name_is_the_hash_of_inputs_and_nothing_else(tiny_study: StudyConfig) -> None:
    plan = make_plan(tiny_study, None)
    assert _names(plan) == _names(make_plan(tiny_study.model_copy(deep=True), Path("/elsewhere")))
    other_machine = tiny_study.model_copy(
        update={"execution": type(tiny_study.execution)(workers=7), "description": "reworded"}
    )
    assert _names(plan) == _names(make_plan(other_machine, None))


def test_a_change_renames_only_what_it_decides(tiny_study: StudyConfig) -> None:
    plan = make_plan(tiny_study, None)
    fewer = make_plan(tiny_study.model_copy(update={"methods": tiny_study.methods[:2]}), None)
    assert set(_names(fewer)) < set(_names(plan)), "a new method leaves every other cell as it is"
    training = tiny_study.training.model_copy(update={"learning_rate": 1e-3})
    retrained = make_plan(tiny_study.model_copy(update={"training": training}), None)
    shared = {name.split("-")[0] for name in set(_names(plan)) & set(_names(retrained))}
    assert shared == {"corpus", "scorer", "behaviour"}


def test_a_preset_redefined_under_its_name_renames_its_models(
    tiny_study: StudyConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = make_plan(tiny_study, None)
    monkeypatch.setattr("hormesis.pretrain.presets.PRESETS", {**PRESETS, tiny_study.training.preset: PRESETS["tiny"]})
    after = make_plan(tiny_study, None)
    kept = {name.split("-")[0] for name in set(_names(before)) & set(_names(after))}
    assert kept == {"corpus", "scorer", "behaviour"}


def test_the_initialisation_is_shared_across_shares(tiny_study: StudyConfig) -> None:
    for seed in (0, 1):
        arms = [
            cell.inputs.arm
            for cell in make_plan(tiny_study, None).of(PretrainInputs)
            if isinstance(cell.inputs, PretrainInputs) and cell.inputs.arm.seeds.init == seed
        ]
        assert sorted(arm.share for arm in arms) == [0, 0.25]


def test_changed_data_changes_names_and_is_refused_under_old_results(
    forum_like: tuple[StudyConfig, Path], tmp_path: Path
) -> None:
    study, data = forum_like
    store = Store(tmp_path / "results")
    before = make_plan(study, data)
    store.remember("name: x", before.data)
    (data / "clean.jsonl").write_text('{"text": "another sentence"}\n', encoding="utf-8")
    after = make_plan(study, data)
    assert before.cells[0].name != after.cells[0].name
    with pytest.raises(HormesisError, match=r"changed.*clean\.jsonl"):
        store.remember("name: x", after.data)
    recorded = make_plan(study, Path("/nowhere"), recorded=store.recorded_data())
    assert _names(recorded) == _names(before), "a results folder can be looked at without its data"


def test_missing_data_is_named(forum_like: tuple[StudyConfig, Path]) -> None:
    study, data = forum_like
    (data / "toxic.jsonl").unlink()
    with pytest.raises(HormesisError, match=r"toxic\.jsonl"):
        make_plan(study, data)


def _pretend_complete(store: Store, cell: Cell[Any]) -> None:
    folder = store.cell_folder(cell)
    (folder / "model").mkdir(parents=True)
    (folder / "model" / "config.json").write_text("{}")
    (folder / "cell.json").write_text("{}")


def test_only_what_is_missing_runs(tiny_study: StudyConfig, tmp_path: Path) -> None:
    plan, store = make_plan(tiny_study, None), Store(tmp_path)
    assert required(plan.cells, plan.measured, store) == plan.cells
    for cell in plan.cells:
        _pretend_complete(store, cell)
    assert required(plan.cells, plan.measured, store) == ()


def test_measurements_without_a_checkpoint_count_until_it_is_needed(tiny_study: StudyConfig, tmp_path: Path) -> None:
    plan, store = make_plan(tiny_study, None), Store(tmp_path)
    store.claim()
    rows = [
        Measurement(**vars(origin_of(cell.name, None)), metric="ce", domain="clean", value=1.0, n=1)
        for cell in plan.measured
    ]
    write_measurements(tmp_path / "measurements.parquet", to_frame(rows))
    assert required(plan.cells, plan.measured, store) == (), "all is measured: nothing runs"
    states = {store.state(cell, store.measured_cells()) for cell in plan.measured}
    assert states == {State.MEASURED}
    lost = plan.of(EvaluateInputs)[0]
    frame = pd.read_parquet(tmp_path / "measurements.parquet")
    write_measurements(tmp_path / "measurements.parquet", frame[frame["cell"] != lost.name])
    kinds = [cell.inputs.kind for cell in required(plan.cells, plan.measured, store)]
    assert kinds == ["corpus", "scorer", "pretrain", "evaluate"], "its model has to be trained again, and no other"


def test_two_runs_on_one_folder_are_refused(tmp_path: Path) -> None:
    with (
        Store(tmp_path).writing(),
        pytest.raises(HormesisError, match="another run is writing"),
        Store(tmp_path).writing(),
    ):
        pass
    assert not Store(tmp_path).is_being_written()


def test_a_damaged_table_and_a_foreign_folder_are_explained(tmp_path: Path) -> None:
    (tmp_path / "measurements.parquet").write_bytes(b"not a table")
    with pytest.raises(HormesisError, match="cannot be read"):
        Store(tmp_path).measured_cells()
    with pytest.raises(HormesisError, match="not a results folder"):
        Store(tmp_path).study()


def test_cores_are_shared_out_without_oversubscription() -> None:
    for cells in (1, 2, 12):
        machine = Machine.share_out(None, None, cells)
        assert machine.workers <= cells
        assert machine.workers * machine.threads <= max(1, len(__import__("os").sched_getaffinity(0)))
    assert Machine.share_out(3, 1, 12) == Machine(3, 1)


@pytest.mark.parametrize("study", ["microworld", "studies/paper.yaml", "studies/forum_arms.yaml"])
def test_cells_reach_other_processes_as_they_are(study: str) -> None:
    golden = json.loads((Path(__file__).parent / "cell_names.json").read_text(encoding="utf-8"))[study]
    path = study if "/" not in study else str(Path(__file__).parents[2] / study)
    plan = make_plan(load_study(path), None, recorded=dict(golden["data"]))
    for cell in plan.cells:
        assert pickle.loads(pickle.dumps(cell)).description == cell.description
