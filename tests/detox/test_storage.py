"""An artefact is one thing: what is done to a model, and how strongly."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hormesis.detox import Prompting, load_intervention
from hormesis.detox.storage import intervention_hash, keep_strength, kept_strength
from hormesis.errors import HormesisError
from hormesis.files import content_hash, file_hash, write_json
from hormesis.marks import MARK
from tests.evaluate.tiny import tiny_iti, tiny_model


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tiny_iti().save(tmp_path / "iti")
    return tmp_path / "iti"


def test_the_strength_is_in_the_artefact_and_says_what_it_was_calibrated_to(folder: Path) -> None:
    assert kept_strength(folder) is None
    keep_strength(folder, 3.5, {"target": 0.1, "measure": "ce_cost", "curve": [[3.5, 0.09], [9.0, None]]})
    assert kept_strength(folder) == 3.5
    stored = json.loads((folder / "intervention.json").read_text(encoding="utf-8"))["calibration"]
    assert stored == {"strength": 3.5, "target": 0.1, "measure": "ce_cost", "curve": [[3.5, 0.09], [9.0, None]]}
    keep_strength(folder, 2.0)
    assert kept_strength(folder) == 2.0
    assert sorted(file.name for file in folder.iterdir()) == [MARK, "intervention.json", "intervention.safetensors"]
    model = tiny_model()
    loaded, made = load_intervention(folder), tiny_iti()
    assert loaded.layout(model) and loaded.name == made.name  # type: ignore[attr-defined]


def test_a_folder_from_before_keeps_its_strength(folder: Path) -> None:
    write_json(folder / "calibration.json", {"strength": 7.25, "target": 0.1})
    assert kept_strength(folder) == 7.25
    assert load_intervention(folder).name == "iti"
    keep_strength(folder, 1.0)
    assert kept_strength(folder) == 1.0, "what is in the artefact counts"


def test_another_strength_is_the_same_intervention(folder: Path, tmp_path: Path) -> None:
    before = intervention_hash(folder)
    files = [folder / "intervention.json", folder / "intervention.safetensors"]
    assert before == content_hash([file_hash(file) for file in files]), "as older results recorded it"
    for strength in (1.0, 2.0):
        keep_strength(folder, strength)
        assert intervention_hash(folder) == before
    Prompting("be mild.").save(tmp_path / "prompting")
    assert intervention_hash(tmp_path / "prompting") != before


def test_what_is_no_artefact_and_what_is_damaged_are_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(HormesisError, match="holds no intervention.json"):
        kept_strength(tmp_path)
    write_json(folder / "calibration.json", {"target": 0.1})
    with pytest.raises(HormesisError, match="damaged"):
        kept_strength(folder)
    (folder / "intervention.json").write_text("{", encoding="utf-8")
    with pytest.raises(HormesisError, match="damaged"):
        intervention_hash(folder)
