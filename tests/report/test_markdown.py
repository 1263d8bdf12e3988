"""The paper's table as Markdown."""

from __future__ import annotations

import pytest

from hormesis.report.markdown import paper_table
from hormesis.statistics.setting_tables import wide_table
from hormesis.statistics.view import Measurements
from tests.report.invented import invented


def test_every_setting_has_a_row_and_every_number_its_place() -> None:
    settings = wide_table(Measurements.of(invented(noise=0.0)))
    lines = [line.strip("| ").split(" | ") for line in paper_table(settings).splitlines()]
    headings, rows = lines[0], lines[2:]
    assert headings[:2] == ["share", "set-up"] and {"CE", "ΔCE"} <= set(headings)
    assert len(rows) == len(settings.frame) == len({tuple(row[:2]) for row in rows})
    assert all(len(row) == len(headings) for row in lines)
    assert any(name.startswith("*") for _, name, *_ in rows) and rows[0][1] == "as it is"
    for row, (_, kept) in zip(rows, settings.frame.iterrows(), strict=True):
        cost = row[headings.index("ΔCE")].split(" ")[0]
        assert float(cost) == pytest.approx(kept["clean.ce_cost"], abs=6e-4)


def test_a_name_neither_ends_a_cell_nor_is_a_tag() -> None:
    rows = invented(noise=0.0)
    hostile = rows.assign(domain=rows["domain"].replace("rtp", "r|t <b>p\n& so"))
    lines = paper_table(wide_table(Measurements.of(hostile))).splitlines()
    assert "r\\|t &lt;b>p &amp; so" in lines[0]
    assert len({len(line.replace("\\|", "").split("|")) for line in lines}) == 1
