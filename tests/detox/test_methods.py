from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import PreTrainedTokenizerFast

from hormesis.detox import (
    METHODS,
    Evidence,
    InferenceTimeIntervention,
    Intervention,
    Learner,
    PreferencePair,
    Prompting,
    Unsteered,
    load_intervention,
)
from hormesis.errors import HormesisError
from hormesis.models import LanguageModel
from hormesis.representation import DirectionKind, capture_heads_and_residual, fit_probes, split_by_group
from tests.detox.steered import logits, steered_logits
from tests.representation.tiny import hook_count, random_texts, tiny_model, tiny_tokenizer, tokens_and_masks


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    texts = random_texts(120)
    labels = np.array([int(text.split()[-1][1:]) < 20 for text in texts])
    activations, residual = capture_heads_and_residual(LanguageModel.of(tiny_model(), tiny_tokenizer()), texts)
    split = split_by_group([str(row) for row in range(120)], 0)
    probes = fit_probes(activations, labels, split)
    pairs = tuple(PreferencePair("w7 ", f"w1 w2 w{i}", f"w3 w4 w{i}") for i in range(5, 15))
    return Evidence(
        activations,
        labels,
        probes,
        seed=3,
        residual=residual,
        read_texts=lambda: texts,
        learner=Learner(
            LanguageModel.of(tiny_model(), with_end(tiny_tokenizer())),
            pairs,
        ),
    )


def fitted(name: str, evidence: Evidence) -> Intervention:
    """By its defaults, but for how small all of it is."""
    small = {"heads": 4, "steps": 3, "batch": 4, "learning_rate": 0.01, "rank": 2}
    method = METHODS[name]
    own = {option: small[option] for option in set(small) & set((method.settings or method.options).model_fields)}
    return method.fit(evidence, method.defaults(evidence, **own))


def with_end(tokenizer: PreTrainedTokenizerFast) -> PreTrainedTokenizerFast:
    tokenizer.eos_token = "w0"
    return tokenizer


@pytest.mark.parametrize("name", METHODS)
def test_fit_apply_save_load_same_logits(name: str, evidence: Evidence, tmp_path: Path) -> None:
    model = tiny_model()
    ids, mask, _ = tokens_and_masks([6, 3], "left")
    made = fitted(name, evidence)
    strengths = torch.tensor([2.0, 5.0] if made.rowwise else [2.0, 2.0])
    prompts = torch.tensor([2, 3])
    assert made.name == name
    steered = steered_logits(model, made, strengths, ids, mask, prompts)
    assert torch.equal(steered, logits(model, ids, mask)) != METHODS[name].uses_strength
    made.save(tmp_path / name)
    loaded = load_intervention(tmp_path / name)
    assert loaded.name == name
    assert type(loaded) is type(made)
    assert loaded.prepare("w1") == made.prepare("w1")
    assert torch.equal(steered_logits(model, loaded, strengths, ids, mask, prompts), steered)
    assert hook_count(model) == 0
    loaded.save(tmp_path / name)  # replaces it whole


@pytest.mark.parametrize("kind", ["mass-mean", "probe-weight"])
def test_the_artefact_holds_split_kind_and_sign(kind: DirectionKind, evidence: Evidence, tmp_path: Path) -> None:
    made = METHODS["iti"].fit(evidence, METHODS["iti"].defaults(heads=4, direction=kind))
    assert isinstance(made, InferenceTimeIntervention)
    made.save(tmp_path / "iti")
    settings = json.loads((tmp_path / "iti" / "intervention.json").read_text())
    assert settings["directions"]["kind"] == kind
    assert settings["directions"]["points_to"] == "non-toxic"
    loaded = type(made).load(tmp_path / "iti").directions
    assert loaded.split is not None
    np.testing.assert_array_equal(loaded.split.test, evidence.probes.split.test)
    assert loaded.architecture == evidence.activations.architecture


def test_prompting_puts_its_words_first_and_leaves_the_model_alone(tmp_path: Path) -> None:
    prompting = Prompting("be kind: ")
    assert prompting.prepare("w1 w2") == "be kind: w1 w2"
    prompting.save(tmp_path / "prompting")
    assert Prompting.load(tmp_path / "prompting") == prompting


def test_missing_foreign_and_damaged_artefacts_are_refused(evidence: Evidence, tmp_path: Path) -> None:
    with pytest.raises(HormesisError, match="holds no intervention.json"):
        load_intervention(tmp_path)
    Unsteered().save(tmp_path / "base")
    with pytest.raises(HormesisError, match="'base' intervention, not one of few-shot, prompting"):
        Prompting.load(tmp_path / "base")
    fitted("iti", evidence).save(tmp_path / "iti")
    settings = tmp_path / "iti" / "intervention.json"
    content = json.loads(settings.read_text())
    settings.write_text(json.dumps(content | {"name": "magic"}))
    with pytest.raises(HormesisError, match="'magic'.*iti-random-heads"):
        load_intervention(tmp_path / "iti")
    settings.write_text(json.dumps(content | {"directions": {}}))
    with pytest.raises(HormesisError, match="damaged"):
        load_intervention(tmp_path / "iti")
    settings.write_text("{")
    with pytest.raises(HormesisError, match="damaged"):
        load_intervention(tmp_path / "iti")
