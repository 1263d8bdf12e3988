"""Geometry cells: what names them, and a tiny study that has them."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pandas as pd
import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from hormesis.cli import app
from hormesis.representation import ConceptBank
from hormesis.study.cells.geometry import GeometryInputs, GeometrySection
from hormesis.study.config import StudyConfig
from hormesis.study.engine.cost import estimate_cells
from hormesis.study.plan import make_plan
from tests.report.pages import data_of, markup_of
from tests.study.conftest import TINY_STUDY
from tests.study.running import run_here

GEOMETRY: dict[str, object] = {"bank": {"source": "microworld", "minimum": 12}}


def _with_geometry(study: StudyConfig, section: dict[str, object]) -> StudyConfig:
    return study.model_copy(update={"geometry": GeometrySection.model_validate(section)})


def test_a_geometry_section_adds_a_cell_a_model_and_renames_nothing(tiny_study: StudyConfig) -> None:
    before = {cell.name for cell in make_plan(tiny_study, None).cells}
    plan = make_plan(_with_geometry(tiny_study, GEOMETRY), None)
    after = {cell.name for cell in plan.cells}
    assert before < after and len(after - before) == len(plan.of(GeometryInputs)) == 4
    assert all(cell.needs.keys() == {"model"} for cell in plan.of(GeometryInputs))
    other = make_plan(_with_geometry(tiny_study, {**GEOMETRY, "layers": [0]}), None)
    assert not {cell.name for cell in plan.of(GeometryInputs)} & {cell.name for cell in other.of(GeometryInputs)}


def test_files_of_the_bank_are_part_of_the_name(forum_like: tuple[StudyConfig, Path]) -> None:
    study, data = forum_like
    (data / "bank.jsonl").write_text('{"text": "a", "forum": "b"}\n', encoding="utf-8")
    section: dict[str, object] = {"bank": {"source": "file", "path": "bank.jsonl", "concept": "forum"}}
    before = make_plan(_with_geometry(study, section), data)
    assert "bank.jsonl" in before.data
    (data / "bank.jsonl").write_text('{"text": "a", "forum": "c"}\n', encoding="utf-8")
    after = make_plan(_with_geometry(study, section), data)
    assert before.of(GeometryInputs)[0].name != after.of(GeometryInputs)[0].name


def test_a_bank_of_the_microworld_needs_its_corpus(forum_like: tuple[StudyConfig, Path]) -> None:
    values = forum_like[0].model_dump(mode="json") | {"geometry": GEOMETRY}
    with pytest.raises(ValidationError, match="from the microworld need"):
        StudyConfig.model_validate(values)


def test_its_cost_is_estimated_by_the_texts_that_it_reads(tiny_study: StudyConfig) -> None:
    def tokens(section: dict[str, object]) -> int:
        plan = make_plan(_with_geometry(tiny_study, section), None)
        estimates = estimate_cells(plan, 1e9)
        return sum(estimates[cell.name].tokens for cell in plan.of(GeometryInputs))

    assert tokens(GEOMETRY) < tokens({"bank": {"source": "microworld", "minimum": 24}})


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    concept = {"source": "microworld", "texts": 400}
    training = cast("dict[str, object]", TINY_STUDY["training"]) | {"snapshots": [0]}
    values = TINY_STUDY | {"geometry": GEOMETRY, "seeds": [0], "methods": [], "concept": concept, "training": training}
    return run_here(values, tmp_path_factory.mktemp("geometry"))


def test_a_study_measures_every_model_and_draws_it(finished: Path) -> None:
    rows = pd.read_parquet(finished / "measurements.parquet")
    rows = rows[rows["training_tokens"].isna()]
    own = rows[(rows["metric"] == "entanglement") & (rows["domain"] == "toxicity")]
    assert set(own["share"]) == {0, 0.25} and own["value"].between(0, 1).all()
    for baseline in ("random", "covariance", "shuffled", "welch"):
        assert len(rows[(rows["metric"] == "entanglement") & (rows["domain"] == baseline)]) == len(own)
    table = pd.read_parquet(finished / "tables" / "geometry.parquet")
    assert len(table) == rows["metric"].isin(set(table["metric"])).sum()
    assert (finished / "figures" / "entanglement.svg").is_file()
    assert "probe_accuracy" in set(pd.read_parquet(finished / "tables" / "probes.parquet")["metric"])
    assert "entanglement" not in set(pd.read_parquet(finished / "tables" / "probes.parquet")["metric"])
    (folder, *_) = finished.glob("cells/geometry-*")
    assert ConceptBank.load(folder / "bank" / "0").concepts[0] == "toxicity"


def test_models_are_measured_on_the_way_too(finished: Path) -> None:
    table = pd.read_parquet(finished / "tables" / "geometry_along_training.parquet")
    entangled = table[(table["metric"] == "entanglement") & (table["domain"] == "toxicity")]
    curves = entangled.groupby(["share", "site"])["tokens"]
    assert (curves.nunique() == 2).all() and (curves.min() == 0).all(), "untrained and finished"
    assert (curves.apply(lambda tokens: tokens.is_monotonic_increasing)).all()
    untrained = table[(table["tokens"] == 0) & (table["site"] == "0")].groupby(["metric", "domain"])["value"]
    assert (untrained.nunique() == 1).all(), "the initialisation is shared by all shares"
    assert (finished / "figures" / "geometry-along-training.svg").is_file()


def test_tokens_are_hidden_and_the_figure_is_redrawn_without_a_model(finished: Path, tmp_path: Path) -> None:
    lenses = data_of(finished / "report.html")["lenses"]
    assert len(lenses) == 2 and all(promoted and suppressed for _, promoted, suppressed in lenses)
    assert "<details open" not in markup_of(finished / "report.html")
    for name in ("measurements.parquet", "prompts.parquet", "documents.parquet", "study.yaml", "data.json"):
        (tmp_path / name).write_bytes((finished / name).read_bytes())
    assert CliRunner().invoke(app, ["study", "report", str(tmp_path), "--figures"]).exit_code == 0
    again, before = (folder / "figures" / "entanglement.svg" for folder in (tmp_path, finished))
    assert again.read_bytes() == before.read_bytes()
    assert data_of(tmp_path / "report.html")["lenses"] == [], "tokens stay with their cells"
