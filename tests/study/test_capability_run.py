"""Capability tasks and detection in a study: from two lines of YAML to rows, pooled rows and the page."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import yaml

from hormesis.errors import HormesisError
from hormesis.measurements import read_measurements
from hormesis.study.config import parse_study
from hormesis.study.plan import make_plan
from tests.evaluate.capability.invented import arc_rows, blimp_rows, written
from tests.evaluate.tiny import invented_texts
from tests.report.pages import words_of
from tests.study.conftest import TINY_STUDY
from tests.study.running import run_here

pytest.importorskip("lm_eval")

EVALUATION = {
    **TINY_STUDY["evaluation"],  # type: ignore[dict-item]
    "tasks": {"names": ["arc_easy", "blimp"], "limit": 6},
    "detection": {"path": "annotated.parquet"},
}
CHANGES = {
    "evaluation": EVALUATION,
    "mixture": {"shares": [0.25], "tokens": 8192},
    "training": {"preset": "micro", "sequence_length": 64, "batch_rows": 16, "compile": False},
    "methods": [{"method": "prompting", "prefix": "calm."}, {"method": "iti", "heads": 3, "strengths": [2]}],
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    written(
        folder, arc_easy=arc_rows([2] * 10), blimp=blimp_rows({"islands": ("syntax", 5), "verbs": ("morphology", 5)})
    )
    pd.DataFrame(
        {
            "text": invented_texts(40, words=(1, 3)),
            "target_group": [f"g{place % 8 // 2}" for place in range(40)],
            "toxicity_ai": [4.0, 1.0] * 20,
            "toxicity_human": 2.0,
        }
    ).to_parquet(folder / "annotated.parquet")
    return folder


@pytest.fixture(scope="module")
def results(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_here(TINY_STUDY | CHANGES, tmp_path_factory.mktemp("study"), data)


def test_every_model_and_method_is_asked(results: Path) -> None:
    rows = read_measurements(results / "measurements.parquet")
    accuracy = rows[(rows["metric"] == "accuracy") & (rows["domain"] == "blimp")]
    seeds = accuracy[accuracy["cell"] != "pooled"]
    assert seeds.groupby("method")["n"].apply(list).to_dict() == {"base": [6, 6], "iti": [6, 6], "prompting": [6, 6]}
    pooled = accuracy[accuracy["cell"] == "pooled"].set_index("method")
    for method, values in seeds.groupby("method")["value"]:
        assert pooled.loc[str(method), "value"] == pytest.approx(values.mean())
        assert pooled.loc[str(method), "n"] == 12
    detected = rows[rows["domain"] == "toxigen-detection"].groupby("method")["metric"].apply(set)
    assert "linear_probe_auroc" in detected["base"] and "zero_shot_auroc" in detected["iti"]


def test_the_page_shows_tasks_with_their_chance(results: Path) -> None:
    page = words_of(results / "report.html")
    assert "blimp (chance 0.500)" in page and "toxigen-detection (chance 0.500)" in page
    assert (results / "figures" / "tasks.svg").is_file()
    parts = pd.read_csv(results / "tables" / "tasks_parts.csv")
    assert {"blimp/syntax", "blimp/morphology", "toxigen-detection/g0"} <= set(parts["domain"])


def test_without_them_cells_keep_their_names_and_with_them_only_evaluations_change(data: Path) -> None:
    plain = {key: value for key, value in EVALUATION.items() if key not in ("tasks", "detection")}

    def names(evaluation: dict[str, object]) -> dict[str, set[str]]:
        study = parse_study(yaml.safe_dump(TINY_STUDY | CHANGES | {"evaluation": evaluation}), where="tiny")
        cells = make_plan(study, data).cells
        assert all("tasks" not in str(cell.description) for cell in cells) or "tasks" in evaluation
        return {kind: {cell.name for cell in cells if cell.inputs.kind == kind} for kind in ("pretrain", "evaluate")}

    before, after = names(plain), names(EVALUATION)
    assert before["pretrain"] == after["pretrain"]
    assert not before["evaluate"] & after["evaluate"]


def test_results_are_looked_at_without_the_data(data: Path, tmp_path: Path) -> None:
    study = parse_study(yaml.safe_dump(TINY_STUDY | CHANGES), where="tiny")
    plan = make_plan(study, data)
    again = make_plan(study, tmp_path, plan.data)
    assert [cell.name for cell in again.cells] == [cell.name for cell in plan.cells]
    with pytest.raises(HormesisError):
        make_plan(study, tmp_path)
