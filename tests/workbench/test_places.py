"""What is made of a model goes into a folder that is new, empty or ours; nothing else is lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from hormesis.detox import PreferencePair, write_pairs
from hormesis.errors import HormesisError
from hormesis.measurements import read_measurements, to_frame, write_measurements
from hormesis.workbench import attacking
from hormesis.workbench.artefacts import check_places
from hormesis.workbench.comparing import Comparisons, fit_scorer
from hormesis.workbench.geometry import Surveyed
from hormesis.workbench.results import KeptResults

PAIRS = (PreferencePair("the choir", " was lovely", " was a goose"),)
WRITERS: dict[str, Callable[[Path], object]] = {
    "scorer": lambda out: fit_scorer(["a goose"] * 30, ["a river"] * 30, out),
    "encoder": lambda out: fit_scorer(["a goose"] * 30, ["a river"] * 30, out, "nowhere"),
    "detox": lambda out: check_places([out], None),
    "bake": lambda out: check_places([], out),
    "evaluate": lambda out: KeptResults(out, {}, {}),
    "geometry": lambda out: Surveyed("m", to_frame([]), (), ()).save(out),
    "scorer-report": lambda out: Comparisons("r", (), to_frame([]), (), pd.DataFrame()).save(out),
    "tamper": lambda out: attacking.tamper(None, [], {}, None, None, out),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_folder_of_the_users_is_refused_before_anything_is_computed(tmp_path: Path, name: str) -> None:
    project = tmp_path / "project"
    project.mkdir()
    for mine in ("measurements.parquet", "scorer.txt", "notes.md"):
        (project / mine).write_text("mine", encoding="utf-8")
    with pytest.raises(HormesisError, match="nothing there is overwritten"):
        WRITERS[name](project)
    assert {path.name: path.read_text() for path in project.iterdir()} == dict.fromkeys(
        ("measurements.parquet", "scorer.txt", "notes.md"), "mine"
    )


def test_files_that_are_there_stay(tmp_path: Path) -> None:
    file, rows = tmp_path / "pairs.jsonl", to_frame([])
    write_pairs(file, PAIRS)
    before = file.read_bytes()
    with pytest.raises(HormesisError, match="exists") as caught:
        write_pairs(file, PAIRS * 2)
    assert "--force" in caught.value.fix and file.read_bytes() == before
    write_pairs(file, PAIRS * 2, replace=True)
    assert file.read_bytes() == before * 2
    with pytest.raises(HormesisError, match="would be overwritten"):
        write_measurements(file, rows)
    write_measurements(tmp_path / "rows.parquet", rows)
    write_measurements(tmp_path / "rows.parquet", rows, replace=True)
    assert len(read_measurements(tmp_path / "rows.parquet")) == 0
