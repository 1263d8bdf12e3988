"""Scorers are checked in every study, before anything is trained."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import pytest
import yaml

from hormesis.corpus import Microworld
from hormesis.errors import HormesisError
from hormesis.evaluate import Scorer
from hormesis.evaluate.scorers import SCORERS, ScorerKind, scorer
from hormesis.measurements import read_measurements
from hormesis.study.cells.behaviour import BehaviourInputs
from hormesis.study.cells.evaluate import EvaluateInputs
from hormesis.study.config import StudyConfig, parse_study
from hormesis.study.engine.cell import Cell
from hormesis.study.engine.executor import run_cell
from hormesis.study.engine.kind import Job
from hormesis.study.engine.store import Store
from hormesis.study.opened import OpenStudy
from hormesis.study.plan import make_plan
from hormesis.study.results.scorer_behaviour import stop_on_unfit_scorer
from tests.evaluate.test_behaviour import Judge
from tests.registering import restored
from tests.study.conftest import TINY_STUDY

EVALUATION: dict[str, object] = TINY_STUDY["evaluation"]  # type: ignore[assignment]


class Shouting(ScorerKind):
    """Calls every text toxic."""

    kind: Literal["shouting"]

    def open(self, folder: Path, world: Microworld | None) -> Scorer:  # noqa: ARG002
        return Judge(lambda _: 1.0, name="shouting")


def _study(**scorer: object) -> StudyConfig:
    return parse_study(yaml.safe_dump(TINY_STUDY | {"evaluation": EVALUATION | {"scorer": scorer}}), where="own")


def _checked(study: StudyConfig, folder: Path) -> Store:
    plan, store = make_plan(study, None), Store(folder)
    (cell,) = plan.of(BehaviourInputs)
    for each in (cell.needs["corpus"], cell.needs["scorer"], cell):
        run_cell(Job(each, store, None, lambda *_: None))
    return store


def test_the_studys_own_texts_are_cut_to_what_models_write(tmp_path: Path) -> None:
    study = _study(kind="microworld")
    store = _checked(study, tmp_path)
    (cell,) = make_plan(study, None).of(BehaviourInputs)
    assert cell.inputs.tokens == 6
    rows = read_measurements(store.cell_folder(cell) / "measurements.parquet").set_index("domain")
    assert list(rows.index) == ["clean text, cut", "toxic text, cut"], "the microworld has words of its own"
    assert rows["value"].iloc[0] < 0.1 and (rows["scorer"] == "microworld").all()
    assert rows.loc["clean text, cut", "site"] == "plain" and rows["n"].gt(5).all()
    stop_on_unfit_scorer(make_plan(study, None), store)


class _Trains(Exception):
    pass


def test_a_scorer_that_calls_everything_toxic_stops_the_study_unless_it_is_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def compute(self: OpenStudy, targets: Sequence[Cell[Any]], *_: object) -> None:  # noqa: ARG001
        if any(isinstance(target.inputs, EvaluateInputs) for target in targets):
            raise _Trains

    monkeypatch.setattr(OpenStudy, "_compute", compute)
    with restored(SCORERS):
        scorer(Shouting)
        study = _study(kind="shouting")
        (tmp_path / "study.yaml").write_text(yaml.safe_dump(study.model_dump(mode="json")), encoding="utf-8")
        _checked(study, tmp_path / "results")
        opened = OpenStudy(str(tmp_path / "study.yaml"), results=tmp_path / "results")
        with pytest.raises(HormesisError, match="shouting calls 100 % of .* texts of clean text, cut toxic") as caught:
            opened.run()
        assert "accept_scorer: true" in caught.value.fix and "measurements.parquet" in caught.value.fix
        with pytest.raises(_Trains):
            opened.run(accept_scorer=True)
