"""Long work says how far it is, on a terminal and in a log."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from hormesis.cli import progress
from hormesis.cli.progress import Steps


def test_a_log_gets_a_line_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("hormesis.cli.progress.time.monotonic", lambda: now)
    written = io.StringIO()
    with Steps.shown(Console(file=written)) as step:
        for done in range(1, 101):
            now = float(done)
            step("continues prompts", done, 1000)
        now += progress.SECONDS_BETWEEN_LINES
        step.note("strength 4 costs 0.1")
    assert written.getvalue().splitlines() == [
        "continues prompts: 30 of 1,000",
        "continues prompts: 60 of 1,000",
        "continues prompts: 90 of 1,000",
        "strength 4 costs 0.1",
    ]


def test_a_terminal_gets_bars_and_no_lines() -> None:
    written = io.StringIO()
    with Steps.shown(Console(file=written, force_terminal=True)) as step:
        step("continues prompts", 3, 10)
        step.note("strength 4 costs 0.1")
    assert "30%" in written.getvalue() and "of 10" not in written.getvalue()
