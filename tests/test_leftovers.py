"""What dead processes left is swept; what lives or is somebody's stays."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hormesis.leftovers import scratch_folder, sweep, sweep_scratch, temporary_sibling


@pytest.fixture(scope="module")
def dead() -> int:
    """The number of a process that is gone."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_only_what_dead_processes_left_is_removed(tmp_path: Path, dead: int) -> None:
    mine = temporary_sibling(tmp_path / "data.json")
    mine.touch()
    (tmp_path / f".data.json.{dead}-0123abcd.tmp").touch()
    (tmp_path / f".figures.{dead}-0123abcd.tmp").mkdir()
    (tmp_path / f".figures.{dead}-0123abcd.tmp" / "one.png").touch()
    for name in ("notes.tmp", ".notes.tmp", f"data.{dead}-0123abcd.tmp", f".x.{dead}-0123abcd.tmp.bak"):
        (tmp_path / name).touch()
    sweep(tmp_path)
    kept = {"notes.tmp", ".notes.tmp", f"data.{dead}-0123abcd.tmp", f".x.{dead}-0123abcd.tmp.bak", mine.name}
    assert {path.name for path in tmp_path.iterdir()} == kept
    sweep(tmp_path / "absent")
    below = tmp_path / "snapshots" / f".step5.{dead}-0123abcd.tmp"
    below.mkdir(parents=True)
    sweep(tmp_path)
    assert below.exists()
    sweep(tmp_path, deep=True)
    assert not below.exists() and mine.exists()


def test_scratch_folders_of_dead_processes_are_removed(
    tmp_path: Path, dead: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    left, anothers = (tmp_path / f"hormesis-scratch.{dead}-{name}.tmp" for name in ("0123abcd", "4567abcd"))
    for folder in (left, anothers):
        (folder / "base").mkdir(parents=True)
    (left / ".hormesis-scratch").touch()
    with scratch_folder() as own:
        assert own.is_dir() and not left.exists()
        sweep_scratch()
        assert own.is_dir(), "its process lives"
    assert [path.name for path in tmp_path.iterdir()] == [anothers.name], "without our mark it is not ours"
    assert str(os.getpid()) in own.name
