"""docs/statistics.md says what runs: its code is run, and its readers are given files of both tools' kind."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest

from hormesis.errors import HormesisError
from hormesis.statistics import Panel, paired_differences

PAGE = Path(__file__).parents[2] / "docs" / "statistics.md"


def test_its_code_runs_and_reads_files_of_lm_eval_and_inspect(tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), names)
    rows = []
    for share in (0, 1):
        for seed in range(3):
            right = [int((item + seed) % 4 < 2 + share) for item in range(8)]
            log, lines = tmp_path / "log.json", tmp_path / "samples.jsonl"
            lines.write_text("".join(json.dumps({"doc_id": i, "acc": r}) + "\n" for i, r in enumerate(right)))
            samples = [{"id": i, "scores": {"match": {"value": "C" if r else "I"}}} for i, r in enumerate(right)]
            log.write_text(json.dumps({"samples": samples}))
            of_lines, of_log = names["of_lm_eval"](lines, share, seed), names["of_inspect"](log, share, seed)  # type: ignore[operator]
            assert list(of_lines["value"]) == list(of_log["value"]) == right
            rows.append(of_log)
    (found,) = paired_differences(Panel.of_rows(pd.concat(rows)))
    assert found.student.value == pytest.approx(0.25) and found.student.n == 3


def test_rows_without_a_column_or_a_number_are_explained() -> None:
    rows = pd.DataFrame({"share": ["low"], "seed": [0], "value": [1.0]})
    with pytest.raises(HormesisError, match="must be numbers"):
        Panel.of_rows(rows)
    with pytest.raises(HormesisError, match="no column 'value'"):
        Panel.of_rows(rows.drop(columns="value"))
