"""Damaged files of a results folder are named with what to do; nothing is read from them."""

from __future__ import annotations

from pathlib import Path

import pytest

from hormesis.errors import HormesisError
from hormesis.measurements import Measurement, to_frame, write_measurements
from hormesis.measurements.frames import read_frame
from hormesis.study.config import StudyConfig
from hormesis.study.engine.store import Store
from hormesis.study.results.report import _read_lines, _sample
from hormesis.study.rows import origin_of

DATA = {"clean.jsonl": "0" * 64}


@pytest.fixture
def store(tiny_text: str, tmp_path: Path) -> Store:
    store = Store(tmp_path)
    store.claim()
    store.remember(tiny_text, DATA)
    return store


def test_what_was_remembered_is_read_again(store: Store, tiny_study: StudyConfig, tiny_text: str) -> None:
    assert store.study() == tiny_study
    assert store.recorded_data() == DATA
    before = (store.folder / "study.yaml").read_text()
    store.remember(before, DATA)
    assert (store.folder / "study.yaml").read_text() == before, "one hash, however often it is run"
    (store.folder / "study.yaml").write_text(tiny_text)
    assert store.study() == tiny_study, "one from before it was hashed"


def test_an_edited_study_is_not_taken_for_the_one_that_ran(store: Store) -> None:
    path = store.folder / "study.yaml"
    path.write_text(path.read_text().replace("0.25", "0.35"))
    with pytest.raises(HormesisError, match="not as the run wrote it"):
        store.study()


@pytest.mark.parametrize("text", ["{", "[1]", '{"a": 1}', '{"clean.jsonl": "x", "#": "y"}', "\x00", "[" * 9000])
def test_damaged_fingerprints_are_named(store: Store, text: str) -> None:
    (store.folder / "data.json").write_text(text)
    with pytest.raises(HormesisError, match=r"data\.json is damaged"):
        store.recorded_data()


def test_a_flipped_bit_in_a_table_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "measurements.parquet"
    rows = [
        Measurement(**vars(origin_of("a-1", None)), metric="ce", domain="clean", value=value / 7, n=1)
        for value in range(40)
    ]
    write_measurements(path, to_frame(rows))
    whole, right = path.read_bytes(), read_frame(path)
    seen = 0
    for place in range(4, len(whole), len(whole) // 60):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << place % 8]) + whole[place + 1 :])
        try:
            assert read_frame(path).equals(right)
        except HormesisError:
            seen += 1
    assert seen > 10


@pytest.mark.parametrize("line", ["{", "[]", '{"prompt": "a"}', '"text"', "\x00"])
def test_damaged_samples_are_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "samples.jsonl"
    path.write_text(line + "\n")
    with pytest.raises(HormesisError, match=r"samples\.jsonl is damaged"):
        _read_lines(path, _sample)
    assert _read_lines(tmp_path / "absent.jsonl", _sample) == []
