"""Attacked and tampered rows beside the others of a study: in tables and figures of their own, and in no other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd

from hormesis.attacks import attack_measurements
from hormesis.attacks.campaign import Outcome
from hormesis.measurements import Origin, to_frame
from hormesis.report import write_report
from hormesis.report.figures import house_style
from hormesis.report.figures.tampering import tampering_figures
from hormesis.report.tampering import recovery_sentences
from hormesis.statistics import analyse
from tests.report.invented import invented
from tests.report.pages import words_of
from tests.statistics.test_recovery import curve


def outcomes(succeeded: list[bool]) -> list[Outcome]:
    return [
        Outcome("s", f"goal {place}", "sure", " suffix", 0.1, 2.0, 9, found, False, "sure")
        for place, found in enumerate(succeeded)
    ]


def test_they_have_tables_and_a_figure_and_change_nothing_else(tmp_path: Path) -> None:
    plain = invented((0.0, 0.1), domains=["rtp"])
    origin = Origin(cell="x", share=0.1, budget="additive", method="iti", code="test", init_seed=0)
    base = outcomes([True] * 9 + [False])
    attacked = attack_measurements(outcomes([True, *[False] * 9]), origin, 8.0, base=base)
    tampered = curve("base", 0, (0.5, 0.5, 0.5)) + curve("iti", 0, (0.1, 0.2, 0.4))
    everything = pd.concat([plain, to_frame([*attacked, *tampered])], ignore_index=True)
    write_report(analyse(plain), tmp_path / "plain", title="t", figures=True)
    page = words_of(write_report(analyse(everything), tmp_path / "all", title="t", figures=True))
    table = pd.read_csv(tmp_path / "all" / "tables" / "attack_success.csv")
    (row,) = table.to_dict("records")
    assert (row["n"], row["success"], row["differing"]) == (10, 0.1, 8)
    assert row["low"] < 0.1 < row["high"] and row["mcnemar_p"] == 2 * 0.5**8
    assert len(pd.read_csv(tmp_path / "all" / "tables" / "tampering.csv")) == 6
    assert (tmp_path / "all" / "figures" / "tampering_microworld.svg").is_file()
    assert "half of the removed toxicity (0.400) was back within 20 steps in 1 of 1 seeds; median 15 steps" in page
    same = [file.name for file in (tmp_path / "plain" / "figures").glob("*.svg")]
    assert same and all(
        (tmp_path / "plain" / "figures" / name).read_bytes() == (tmp_path / "all" / "figures" / name).read_bytes()
        for name in same
    )


def test_steps_are_ticked_where_they_were_measured() -> None:
    rows = [replace(row, tampering_steps=10 * (row.tampering_steps or 0)) for row in curve("base", 0, (0.5, 0.4, 0.3))]
    with house_style():
        (drawing,) = tampering_figures(to_frame(rows))
        drawn = drawing.saved(png=False)["svg"]
    assert b"mathdefault" not in drawn and all(f"<!-- {steps} -->".encode() in drawn for steps in (100, 200))


def test_nothing_returns_where_nothing_was_removed_on_average() -> None:
    base = curve("base", 0, (0.5,) * 3) + curve("base", 1, (0.5,) * 3)
    (said,) = recovery_sentences(to_frame([*base, *curve("iti", 0, (0.49, 0.5, 0.5)), *curve("iti", 1, (0.6,) * 3)]))
    assert "removed nothing" in said
