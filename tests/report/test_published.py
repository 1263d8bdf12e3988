"""What was published still follows from its rows: docs/results' summaries, worked out anew."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from hormesis.measurements import read_measurements
from hormesis.report.said import Said
from hormesis.report.summary import summary_json
from hormesis.statistics import analyse

RESULTS = Path(__file__).parents[2] / "docs" / "results"


@pytest.mark.parametrize("study", ["microworld", "microworld_placebo", "forum_tampering"])
def test_the_rows_still_give_the_published_numbers_and_sentences(study: str) -> None:
    folder = RESULTS / study
    rows = read_measurements(folder / "measurements.parquet")
    of_models = rows["share"].notna()
    analysis = analyse(rows[of_models], about=rows[~of_models], prompt_rows=pd.read_parquet(folder / "prompts.parquet"))
    published = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    found: dict[str, Any] = json.loads(json.dumps(summary_json(analysis, Said.of(analysis), title="", notes=[])))
    assert found["sentences"] == published["sentences"]
    for key in ("shares", "seeds", "scorers", "capability_budgets", "capability_domain"):
        assert found[key] == published[key]
    assert _numbers(found["headlines"]) == pytest.approx(_numbers(published["headlines"]), abs=1e-9)


def _numbers(value: object) -> list[float]:
    """All numbers in a JSON value, in order."""
    if isinstance(value, dict):
        return [number for key in sorted(value) for number in _numbers(value[key])]
    if isinstance(value, list | tuple):
        return [number for each in value for number in _numbers(each)]
    return [float(value)] if isinstance(value, int | float) and not isinstance(value, bool) else []
