"""Tampering as a part of a study: cells of its own, rows, a figure, and a study without it as it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import yaml

from hormesis.attacks import FineTuningAttack, tampering_measurements
from hormesis.errors import HormesisError
from hormesis.measurements import Measurement, read_measurements
from hormesis.study.cells.tamper import TamperInputs
from hormesis.study.config import parse_study
from hormesis.study.engine.cost import estimate_cells
from hormesis.study.engine.executor import run_cell
from hormesis.study.engine.kind import Job
from hormesis.study.engine.store import Store
from hormesis.study.plan import make_plan
from tests.study.conftest import TINY_STUDY
from tests.study.running import run_here

_TRAINING = {"steps": [1, 2], "batch": 2, "max_length": 24}
SMALL = TINY_STUDY | {
    "mixture": {"shares": [0.25], "tokens": 2048},
    "seeds": [0],
    "methods": [{"method": "iti", "heads": 3, "strengths": [2, 8]}],
    "tampering": {"texts": 20, "training": _TRAINING, "kinds": ["adversarial"]},
}


def _quiet(_fraction: float, _note: str, _resumed: float = 0.0) -> None:
    """Nobody is told."""


def test_a_study_without_tampering_is_as_it_was() -> None:
    plain, tampered = (
        make_plan(parse_study(yaml.safe_dump(values), where="here"), None)
        for values in ({key: value for key, value in SMALL.items() if key != "tampering"}, SMALL)
    )
    names = [cell.name for cell in tampered.cells if cell.inputs.kind != "tamper"]
    assert names == [cell.name for cell in plain.cells]
    assert [cell.label.split()[:2] for cell in tampered.of(TamperInputs)] == [["tamper", "base"], ["tamper", "iti"]]


def test_its_cost_is_estimated_by_its_steps() -> None:
    def seconds(steps: list[int]) -> float:
        values = SMALL | {"tampering": {"kinds": ["adversarial"], "training": _TRAINING | {"steps": steps}}}
        plan = make_plan(parse_study(yaml.safe_dump(values), where="here"), None)
        estimates = estimate_cells(plan, 1e6)
        return sum(estimates[cell.name].seconds for cell in plan.of(TamperInputs))

    assert seconds([2]) < seconds([1, 2]) < seconds([100, 200]), "each attack is trained and measured"


def test_unknown_methods_are_named() -> None:
    wrong = SMALL | {"tampering": {"methods": ["caa"]}}
    with pytest.raises(HormesisError, match="names caa"):
        parse_study(yaml.safe_dump(wrong), where="here")


def test_a_study_tampers_and_reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    results = run_here(SMALL, tmp_path)
    store, plan = Store(results), make_plan(parse_study(yaml.safe_dump(SMALL), where="here"), None)
    rows = read_measurements(results / "measurements.parquet")
    tampered = rows[rows["tampering"].notna()]
    assert set(tampered["method"]) == {"base", "iti"}
    assert set(tampered["tampering_steps"]) == {0, 1, 2} and set(tampered["tampering"]) == {"adversarial"}
    of_iti = tampered[tampered["method"] == "iti"]
    assert set(of_iti["strength"]) == {8.0}, "the middle of two is the stronger"
    # At no step it is what the evaluate cell measured: the same prompts, random numbers and intervention.
    keys = ["method", "strength", "metric", "domain"]
    none = tampered[tampered["tampering_steps"] == 0].merge(rows[rows["tampering"].isna()], on=keys)
    assert len(none) > 20 and (none["value_x"] - none["value_y"]).abs().max() < 1e-6
    assert (results / "figures" / "tampering_microworld.svg").is_file()
    assert (results / "tables" / "tampering.csv").is_file()
    assert "fine-tuning" in (results / "report.html").read_text()

    (base, _) = plan.of(TamperInputs)
    whole = read_measurements(store.cell_folder(base) / "measurements.parquet")
    store.cell_folder(base).rename(store.work_folder(base))
    kept = whole[whole["tampering_steps"] < 2]
    kept.to_parquet(store.work_folder(base) / "measurements.parquet")
    stops: list[FineTuningAttack] = []

    def counted(
        *given: object, done: Sequence[FineTuningAttack], **more: object
    ) -> Iterator[tuple[FineTuningAttack, list[Measurement]]]:
        stops.extend(done)
        return tampering_measurements(*given, done=done, **more)  # type: ignore[arg-type]

    monkeypatch.setattr("hormesis.attacks.tampering_measurements", counted)
    run_cell(Job(base, store, None, _quiet))
    assert [stop.steps for stop in stops] == [0, 1], "what the killed cell had is not repeated"
    again = read_measurements(store.cell_folder(base) / "measurements.parquet")
    assert again["value"].tolist() == whole["value"].tolist()
