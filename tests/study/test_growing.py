"""A study grows by seeds, and runs of it become one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest
import yaml

from hormesis.errors import HormesisError
from hormesis.measurements import read_measurements
from hormesis.study.arms import Seeds
from hormesis.study.engine.executor import required, run_cell
from hormesis.study.engine.kind import Job
from hormesis.study.growing import _with_seeds, merge, parse_seeds
from hormesis.study.opened import OpenStudy
from hormesis.study.results.report import draw_report
from tests.study.conftest import TINY_STUDY
from tests.study.running import run_here

ONE_SHARE = TINY_STUDY | {"mixture": {"shares": [0.25], "tokens": 4096}, "methods": [{"method": "prompting"}]}


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A study of seed 0, and the same of seed 1."""
    return tuple(run_here(ONE_SHARE | {"seeds": [seed]}, tmp_path_factory.mktemp(f"seed{seed}")) for seed in (0, 1))  # type: ignore[return-value]


def _rows(folder: Path) -> pd.DataFrame:
    """What was measured, but for times and code."""
    keys = ["cell", "metric", "domain", "strength", "site", "share", "scorer"]
    rows = read_measurements(folder / "measurements.parquet").drop(columns="code")
    return rows[rows["metric"] != "tokens_per_second"].sort_values(keys, ignore_index=True)


def test_a_folder_whose_models_are_gone_grows_to_what_merged_runs_are(
    two_runs: tuple[Path, Path], tmp_path: Path
) -> None:
    first, second = two_runs
    grown = shutil.copytree(first, tmp_path / "grown")
    shutil.rmtree(grown / "cells")
    study = tmp_path / "study.yaml"
    study.write_text(yaml.safe_dump(ONE_SHARE | {"seeds": [0]}))
    opened = OpenStudy(str(study), None, grown, [1])
    assert [seeds.init for seeds in opened.config.seeds] == [0, 1]
    to_run = required(opened.plan.cells, opened._worth_running, opened.store)
    assert {"pretrain share 0.25 seed 1"} == {cell.label for cell in to_run if cell.kind == "pretrain"}
    with opened.store.writing():
        opened.store.remember(opened.text, opened.plan.data)
        for cell in to_run:
            run_cell(Job(cell, opened.store, None, lambda *_: None))
        draw_report(opened.store)
    assert merge([first, second], tmp_path / "merged").study().seeds == opened.store.study().seeds
    assert _rows(grown).equals(_rows(tmp_path / "merged"))
    assert "pooled" in set(_rows(grown)["cell"])


def test_a_merged_folder_has_room_for_nothing_else(two_runs: tuple[Path, Path], tmp_path: Path) -> None:
    first, second = two_runs
    with pytest.raises(HormesisError, match="nothing to be merged with"):
        merge([first], tmp_path / "one")
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "notes.txt").write_text("mine")
    with pytest.raises(HormesisError, match="not empty"):
        merge([first, second], tmp_path / "taken")
    shutil.copytree(second, tmp_path / "other")
    text = yaml.safe_load((second / "study.yaml").read_text()) | {"methods": []}
    (tmp_path / "other" / "study.yaml").write_text(yaml.safe_dump(text))
    with pytest.raises(HormesisError, match="another study.*methods differ"):
        merge([first, tmp_path / "other"], tmp_path / "never")


@pytest.mark.parametrize("seeds", ["[0, 1]  # two", "\n  - 0\n  - {init: 1, data: 2, order: 3}\n", "[0]"])
def test_comments_outlive_new_seeds(seeds: str) -> None:
    text = f"name: a  # kept\nseeds: {seeds}\nconcept: {{x: 1}}  # kept, too\n"
    new = [Seeds.model_validate(0), Seeds(init=1, data=2, order=3), Seeds.model_validate(7)]
    changed = _with_seeds(text, new)
    values = yaml.safe_load(changed)
    assert [Seeds.model_validate(one) for one in values["seeds"]] == new
    assert values["concept"] == {"x": 1} and "# kept" in changed and "# kept, too" in changed


def test_seeds_are_numbers_and_ranges() -> None:
    assert parse_seeds("4-7") == (4, 5, 6, 7) and parse_seeds("3,5-6") == (3, 5, 6)
    for wrong in ("", "a", "7-4", "1,1", "1-"):
        with pytest.raises(HormesisError, match="such as 4-7|none, or"):
            parse_seeds(wrong) if wrong != "1-" else parse_seeds("1-,1")
