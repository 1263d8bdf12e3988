"""A small soak: what is damaged in finished results is noticed, or changes nothing. ``make soak`` is the large one."""

from __future__ import annotations

from pathlib import Path

from benchmarks.soak.damage import damaged
from benchmarks.soak.small_study import STUDY
from tests.study.running import run_here


def test_damage_is_noticed_or_changes_nothing(tmp_path: Path) -> None:
    tally = damaged(run_here(STUDY, tmp_path), bits=40, files=12)
    assert tally.tried == 52
    assert not tally.faults, tally.examples
