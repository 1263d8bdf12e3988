"""A run is stopped at a moment that is counted, in whichever of its processes comes there."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.soak.moments import Hook, Moment, Record, Trap, install, part_of

_WRITES = os.O_WRONLY | os.O_CREAT


@pytest.mark.parametrize(
    ("event", "path", "part"),
    [
        ("open", "study.yaml", "start"),
        ("open", ".study.yaml.12-0123abcd.tmp", "start"),
        ("open", "work/probe-1/residual.npy", "cell"),
        ("open", "work/probe-1/.cell.json.12-0123abcd.tmp", "commit"),
        ("os.rename", "work/probe-1", "commit"),
        ("os.mkdir", "work/pretrain-1/trainer/step4-tmp", "checkpoint"),
        ("os.remove", "cells/probe-1/residual.npy", "commit"),
        ("open", ".figures.12-0123abcd.tmp/frontier.svg", "report"),
        ("open", "measurements.parquet", "report"),
        ("open", "/elsewhere/notes.txt", None),
        ("exec", "study.yaml", None),
    ],
)
def test_what_is_done_to_a_file_belongs_to_a_part_of_the_run(event: str, path: str, part: str | None) -> None:
    results = Path("/somewhere/results")
    arguments: dict[str, tuple[object, ...]] = {"open": ("w", _WRITES), "os.rename": (results, -1, -1)}
    assert part_of(event, (str(results / path), *arguments.get(event, (0o777, -1))), results) == part


def test_what_only_reads_is_no_moment() -> None:
    assert part_of("open", ("/results/study.yaml", "r", os.O_RDONLY), Path("/results")) is None
    assert part_of("os.fork", (), Path("/results")) == "fork"


def _forked(does: Callable[[], object]) -> int:
    pid = os.fork()
    if not pid:
        try:
            does()
        finally:
            os._exit(0)
    return pid


def _two_processes_write(folder: Path) -> None:
    """Three files each, one process after the other."""
    for number in range(2):
        os.waitpid(_forked(lambda: [(folder / f"{number}{each}").write_text("") for each in range(3)]), 0)  # noqa: B023


def _watched(hook: Callable[[Path], Hook], folder: Path) -> int:
    def run() -> None:
        install(hook(folder))
        _two_processes_write(folder)

    return _forked(run)


def test_processes_count_together_and_wait_until_they_are_let_go(tmp_path: Path) -> None:
    trap = Trap(Moment("report", 4))
    run = _watched(trap.hook, tmp_path)
    stopped = trap.reached(10.0)
    assert stopped not in (None, run), "its second child comes there"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["00", "01", "02", "10"]
    assert trap.reached(0.0) is None, "a moment comes once"
    trap.let_go()
    os.waitpid(run, 0)
    trap.close()
    assert len(list(tmp_path.iterdir())) == 6


def test_a_record_counts_what_a_run_does(tmp_path: Path) -> None:
    results, record = tmp_path / "results", Record(tmp_path / "record.txt")
    results.mkdir()
    os.waitpid(_watched(record.hook, results), 0)
    operations, imported = record.read()
    assert operations == {"report": 6, "fork": 2} and not imported
