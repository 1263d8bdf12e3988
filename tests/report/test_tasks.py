"""Capability tasks on the page: chance beside every accuracy."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from hormesis.measurements import Measurement, to_frame
from hormesis.report import write_report
from hormesis.statistics import analyse
from hormesis.statistics.task_tables import chance_lines, parts_of_tasks, tasks_table
from hormesis.statistics.view import Measurements
from tests.report.pages import words_of


def asked() -> pd.DataFrame:
    """Two tasks, one with a part, of two shares and two seeds, unsteered and under ITI and its control."""
    rows = []
    for share in (0.0, 0.1):
        for seed in (0, 1):
            for place, (method, strength) in enumerate(
                [("base", 0.0), ("iti", 2.0), ("iti", 8.0), ("iti-random-heads", 8.0)]
            ):
                for domain, chance in (("arc_easy", 0.25), ("blimp", 0.5), ("blimp/syntax", 0.5)):
                    value = chance + 0.2 - 0.05 * place + 0.02 * seed
                    for metric, found, wide in (("accuracy", value, 0.1), ("chance", chance, None)):
                        rows.append(
                            Measurement(
                                cell=f"{share}{seed}{method}",
                                share=share,
                                budget="additive",
                                method=method,
                                strength=strength,
                                code="0",
                                init_seed=seed,
                                data_seed=seed,
                                order_seed=seed,
                                metric=metric,
                                domain=domain,
                                value=found,
                                n=40,
                                low=None if wide is None else found - wide,
                                high=None if wide is None else found + wide,
                            )
                        )
    return to_frame(rows)


def test_the_table_has_a_column_for_each_task_and_says_its_chance() -> None:
    measurements = Measurements.of(asked())
    assert chance_lines(measurements) == {"arc_easy": 0.25, "blimp": 0.5}
    table = tasks_table(measurements)
    assert table is not None
    assert [column.group for column in table.columns] == ["arc_easy (chance 0.250)", "blimp (chance 0.500)"]
    assert len(table.frame) == 8
    first = table.frame.iloc[0]
    assert (first["share"], first["method"], first["blimp.accuracy"]) == (0.0, "base", pytest.approx(0.71))
    assert table.frame["method"].tolist()[:4] == ["base", "iti", "iti", "iti-random-heads"]
    parts = parts_of_tasks(measurements)
    assert set(parts["domain"]) == {"blimp/syntax"} and parts["chance"].eq(0.5).all()


def test_the_page_shows_them_only_if_they_were_asked(tmp_path: Path) -> None:
    page = words_of(write_report(analyse(asked()), tmp_path / "with", title="invented", figures=True))
    assert "Capability tasks and detection" in page and "arc_easy (chance 0.250)" in page
    assert (tmp_path / "with" / "figures" / "tasks.svg").is_file()
    assert len(pd.read_csv(tmp_path / "with" / "tables" / "tasks.csv")) == 8
    without = asked().assign(metric="ce", domain="clean").drop_duplicates(["cell", "strength"])
    page = words_of(write_report(analyse(without), tmp_path / "without", title="invented", figures=True))
    assert "Capability tasks" not in page
    assert not (tmp_path / "without" / "figures" / "tasks.svg").exists()
