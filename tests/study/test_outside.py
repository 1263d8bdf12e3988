"""No row of a results folder is lost: those of cells that the study no longer plans are kept apart, and come back."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from pathlib import Path

import pandas as pd
import pytest
import yaml

from hormesis.marks import MARK
from hormesis.measurements import Measurement
from hormesis.measurements.names import PROMPTS_FILE
from hormesis.study.config import parse_study
from hormesis.study.engine.store import State, Store
from hormesis.study.plan import Plan, make_plan
from hormesis.study.results.collect import collect
from hormesis.study.results.outside import in_words, outside_rows
from hormesis.study.rows import origin_of, write_rows
from hormesis.study.status import status_of


def _plan(tiny_text: str, *shares: float) -> tuple[str, Plan]:
    values = yaml.safe_load(tiny_text)
    text = yaml.safe_dump(values | {"mixture": values["mixture"] | {"shares": list(shares)}})
    return text, make_plan(parse_study(text, where="tiny"), None)


@pytest.fixture
def measured(tiny_text: str, tmp_path: Path) -> Store:
    """Two shares, each cell measured by one invented row; the cells themselves were removed to save space."""
    text, plan = _plan(tiny_text, 0, 0.25)
    store = Store(tmp_path / "results")
    store.claim()
    for place, cell in enumerate(plan.measured):
        arm = getattr(cell.inputs, "arm", None)
        row = Measurement(**asdict(origin_of(cell.name, arm)), metric="ce", domain="clean", value=float(place), n=1)
        store.work_folder(cell).mkdir(parents=True)
        write_rows(store.work_folder(cell), [row])
        store.finish(cell)
    store.remember(text, {})
    collect(plan, store)
    shutil.rmtree(store.folder / "cells")
    shutil.rmtree(store.folder / "work", ignore_errors=True)
    return store


def test_rows_of_a_share_that_is_no_longer_planned_are_kept_and_come_back(measured: Store, tiny_text: str) -> None:
    before = pd.read_parquet(measured.folder / "measurements.parquet")
    text, fewer = _plan(tiny_text, 0)
    inside = collect(fewer, measured)
    outside = outside_rows(measured.folder)
    assert outside is not None and set(outside["share"]) == {0.25}
    assert len(inside) + len(outside) == len(before) and set(inside["share"].dropna()) == {0}
    assert "shares 25 %" in in_words(outside)
    measured.remember(text, {})
    assert status_of(measured.folder).outside == outside["cell"].nunique()

    collect(fewer, measured)  # again: nothing more moves
    again = outside_rows(measured.folder)
    assert again is not None
    pd.testing.assert_frame_equal(again, outside)

    _, both = _plan(tiny_text, 0, 0.25)
    states = {measured.state(cell, measured.measured_cells()) for cell in both.measured}
    assert states == {State.MEASURED}, "what lies outside need not be measured again"
    again = collect(both, measured)
    pd.testing.assert_frame_equal(again, before)
    assert outside_rows(measured.folder) is None


def test_a_kill_between_the_tables_loses_nothing(
    measured: Store, tiny_text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = set(pd.read_parquet(measured.folder / "measurements.parquet")["cell"])
    _, fewer = _plan(tiny_text, 0)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("hormesis.study.results.collect.write_measurements", _killed)
        collect(fewer, measured)
    assert measured.measured_cells() == before
    collect(fewer, measured)
    assert measured.measured_cells() == before
    assert not (measured.folder / PROMPTS_FILE).exists()
    assert (measured.folder / MARK).is_file()


def _killed(*_arguments: object) -> None:
    raise KeyboardInterrupt
