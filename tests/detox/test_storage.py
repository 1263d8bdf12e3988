"""An artefact is one thing: what is done to a model, and how strongly."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
import torch

from hormesis.detox import METHODS, Prompting, load_intervention
from hormesis.detox.storage import intervention_hash, keep_strength, kept_strength
from hormesis.errors import HormesisError
from hormesis.files import content_hash, file_hash, write_json
from hormesis.marks import MARK
from hormesis.models import LanguageModel
from hormesis.workbench import gather
from hormesis.workbench.steps import concept
from tests.evaluate.tiny import invented_texts, tiny_iti, tiny_model, tiny_tokenizer
from tests.models.tokenizing import CHAT


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


def test_an_artefact_is_for_the_weights_that_it_was_fitted_on(tmp_path: Path) -> None:
    lm, other = (LanguageModel.of(tiny_model(seed=seed), tiny_tokenizer(), f"mild{seed}") for seed in (0, 1))
    texts = invented_texts(60, words=(2, 6))
    rows = pd.DataFrame({"text": texts, "label": [place % 2 for place in range(60)]})
    evidence = gather(lm, concept(rows, label="label"))
    made = METHODS["caa"].fit(evidence)
    made.save(tmp_path / "caa")
    assert load_intervention(tmp_path / "caa", lm).fitted_on == made.fitted_on
    half = LanguageModel.of(tiny_model().to(torch.bfloat16), tiny_tokenizer())  # type: ignore[arg-type]
    assert load_intervention(tmp_path / "caa", half).fitted_on is not None, "the same weights, rounded"
    with pytest.raises(HormesisError, match="fitted on the weights of mild0, and mild1 has others"):
        load_intervention(tmp_path / "caa", other)
    again = load_intervention(tmp_path / "caa")
    again.save(tmp_path / "again")
    with pytest.raises(HormesisError, match="mild1 has others"):
        load_intervention(tmp_path / "again", other)
    words = METHODS["few-shot"].fit(evidence)
    words.save(tmp_path / "words")
    assert load_intervention(tmp_path / "words", other).fitted_on is None, "words belong to no model"


def test_an_artefact_tells_that_it_was_fitted_on_a_chat(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    tokenizer = tiny_tokenizer()
    tokenizer.chat_template = CHAT
    chat, plain = (LanguageModel.of(tiny_model(), tokenizer, "mild", chat=chat) for chat in (True, False))
    texts = invented_texts(60, words=(2, 6))
    rows = concept(pd.DataFrame({"text": texts, "label": [place % 2 for place in range(60)]}), label="label")
    for lm, folder in ((chat, tmp_path / "chat"), (plain, tmp_path / "plain")):
        METHODS["caa"].fit(gather(lm, rows)).save(folder)
        made = load_intervention(folder, lm).fitted_on
        assert made is not None and made.chat == lm.chat
        described = json.loads((folder / "intervention.json").read_text(encoding="utf-8"))
        assert described["fitted_on"].get("chat", False) is lm.chat
    assert not caplog.records
    load_intervention(tmp_path / "chat", plain)
    assert "was fitted on turns of a chat, and is applied to plain text" in caplog.text
