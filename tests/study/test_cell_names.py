"""No cell is renamed by accident: a finished study must find its cells again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hormesis.study.config import load_study
from hormesis.study.plan import make_plan

_ROOT = Path(__file__).parents[2]
_GOLDEN: dict[str, Any] = json.loads((Path(__file__).parent / "cell_names.json").read_text(encoding="utf-8"))
"""By study: fingerprints of its data (so that the data itself is not needed), and ``LABEL: NAME`` of every cell."""


@pytest.mark.parametrize("study", _GOLDEN)
def test_every_cell_of_a_published_study_keeps_its_name(study: str) -> None:
    golden = _GOLDEN[study]
    plan = make_plan(load_study(_ROOT / study if "/" in study else study), None, recorded=dict(golden["data"]))
    assert [f"{cell.label}: {cell.name}" for cell in plan.cells] == golden["cells"]


def test_the_golden_names_are_of_every_study_that_is_written_down() -> None:
    written = {f"studies/{path.name}" for path in (_ROOT / "studies").glob("*.yaml")}
    assert set(_GOLDEN) == written | {"microworld"}
