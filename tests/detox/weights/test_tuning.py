"""Fine-tuning and preference tuning of tiny models: what they learn, what they leave behind, what they refuse."""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

import numpy as np
import pytest
import torch
from transformers import PreTrainedModel

from hormesis.detox.intervention import Intervention
from hormesis.detox.pairs import PreferencePair
from hormesis.detox.unsteered import Unsteered
from hormesis.detox.weights.change import DenseChange, LowRankChange
from hormesis.detox.weights.delta import WeightDelta
from hormesis.detox.weights.dpo import PreferenceConfig, preference_optimisation
from hormesis.detox.weights.sft import SupervisedConfig, supervised_fine_tuning
from hormesis.detox.weights.tuned import changes_of
from hormesis.detox.weights.tuning import TuningConfig, lora
from hormesis.errors import HormesisError
from hormesis.models import LanguageModel
from tests.detox.steered import logits, steered_logits
from tests.detox.steering.test_iti import assert_close
from tests.evaluate.tiny import invented_texts, tiny_model, tiny_tokenizer
from tests.representation import tiny as families

TEXTS = invented_texts(12)
PAIRS = [PreferencePair("zu", f" {good}", f" {bad}") for good, bad in zip(TEXTS[:6], TEXTS[6:], strict=True)]
RANKS = [4, None]


@pytest.fixture
def model() -> PreTrainedModel:
    return tiny_model(sharpness=1.0)


def log_probability(model: PreTrainedModel, intervention: Intervention, prompt: Sequence[int], text: str) -> float:
    """Of ``text`` after ``prompt``, with the intervention at strength 1."""
    ids = torch.tensor([[*prompt, *tiny_tokenizer()(text)["input_ids"]]])
    log_p = torch.log_softmax(steered_logits(model, intervention, 1.0, ids), -1)[0, :-1]
    return float(log_p.gather(1, ids[0, 1:, None])[len(prompt) - 1 :].sum())


def fit(
    model: PreTrainedModel,
    method: str,
    rank: int | None,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> WeightDelta:
    rate = 1e-2 if rank else 1e-3
    if method == "sft":
        fast = SupervisedConfig(steps=20, batch=6, learning_rate=rate, rank=rank, max_length=40, seed=seed)
        return supervised_fine_tuning(LanguageModel.of(model, tiny_tokenizer()), TEXTS, fast, progress=progress)
    config = PreferenceConfig(steps=10, batch=6, learning_rate=rate, rank=rank, max_length=48, seed=seed)
    return preference_optimisation(LanguageModel.of(model, tiny_tokenizer()), PAIRS, config, progress=progress)


def seeded_draws() -> tuple[float, float, float]:
    random.seed(3)
    np.random.seed(3)
    torch.manual_seed(3)
    return random.random(), np.random.random(), float(torch.rand(1))


@pytest.mark.parametrize("rank", RANKS)
def test_fine_tuning_lowers_the_loss_on_its_texts(model: PreTrainedModel, rank: int | None) -> None:
    delta = fit(model, "sft", rank)
    before = sum(log_probability(model, Unsteered(), [0], text) for text in TEXTS)
    after = sum(log_probability(model, delta, [0], text) for text in TEXTS)
    assert after > 0.98 * before
    assert delta.name == "sft"
    kinds = {type(change) for change in delta.changes.values()}
    assert kinds == ({LowRankChange} if rank else {DenseChange})


@pytest.mark.parametrize("rank", RANKS)
def test_preference_tuning_raises_the_margin_of_the_chosen_texts(model: PreTrainedModel, rank: int | None) -> None:
    delta = fit(model, "dpo", rank)
    prompt = [0, *tiny_tokenizer()("zu")["input_ids"]]

    def margins(intervention: Intervention) -> list[float]:
        return [
            log_probability(model, intervention, prompt, pair.chosen)
            - log_probability(model, intervention, prompt, pair.rejected)
            for pair in PAIRS
        ]

    gains = np.subtract(margins(delta), margins(Unsteered()))
    assert gains.mean() > 1
    assert delta.name == "dpo"


@pytest.mark.parametrize("method", ["sft", "dpo"])
@pytest.mark.parametrize("rank", RANKS)
def test_training_leaves_nothing_behind(
    model: PreTrainedModel,
    method: str,
    rank: int | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    weights = {name: weight.clone() for name, weight in model.state_dict().items()}
    config, seen = model.config.to_dict(), list[tuple[int, int]]()
    expected = seeded_draws()
    random.seed(3)
    np.random.seed(3)
    torch.manual_seed(3)
    fit(model, method, rank, progress=lambda done, steps: seen.append((done, steps)))
    assert (random.random(), np.random.random(), float(torch.rand(1))) == expected
    assert seen == [(step, len(seen)) for step in range(1, len(seen) + 1)]
    assert model.config.to_dict() == config
    assert all(torch.equal(weight, weights[name]) for name, weight in model.state_dict().items())
    assert all(weight.grad is None for weight in model.parameters())
    assert list(tmp_path.iterdir()) == []
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("method", ["sft", "dpo"])
def test_a_seed_decides_and_the_result_is_kept(model: PreTrainedModel, method: str, tmp_path: Path) -> None:
    first, second, other = (fit(model, method, 4, seed) for seed in (1, 1, 2))
    first.save(tmp_path / "saved")
    loaded = WeightDelta.load(tmp_path / "saved")
    for name, change in first.changes.items():
        full = change.full(torch.device("cpu"))
        assert torch.equal(full, second.changes[name].full(full.device))
        assert torch.equal(full, loaded.changes[name].full(full.device))
    name, change = next(iter(first.changes.items()))
    assert not torch.equal(change.full(model.device), other.changes[name].full(model.device))
    stored = (tmp_path / "saved" / "intervention.safetensors").stat().st_size
    assert stored < 0.5 * sum(weight.numel() * 4 for weight in model.parameters())


@pytest.mark.parametrize("family", families.FAMILIES)
def test_the_factors_of_an_adapter_act_as_it_does(family: str) -> None:
    from peft import get_peft_model

    model, adapted = families.tiny_model(family), families.tiny_model(family)
    settings = lora(model, TuningConfig(rank=3))
    assert settings is not None
    wrapped = get_peft_model(adapted, settings)
    with torch.no_grad():
        for name, weight in wrapped.named_parameters():
            if "lora_" in name:
                weight.normal_(std=0.2)
    delta = WeightDelta(changes_of(cast(torch.nn.Module, wrapped), model), "sft")
    ids, _, _ = families.tokens_and_masks([7], "right")
    assert_close(steered_logits(model, delta, 1.0, ids), logits(adapted, ids))
    assert (logits(adapted, ids) - logits(model, ids)).abs().max() > 0.1


def test_a_prompt_gives_way_to_the_continuations(model: PreTrainedModel) -> None:
    long = [PreferencePair("zu " * 40, " mila", " kosu"), PreferencePair("", "ta" * 40, "no" * 40)]
    config = PreferenceConfig(steps=2, batch=2, rank=2, max_length=16, whole=True)
    assert preference_optimisation(LanguageModel.of(model, tiny_tokenizer()), long, config).changes


def test_what_cannot_be_trained_is_refused(model: PreTrainedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    tokenizer = tiny_tokenizer()
    with pytest.raises(HormesisError, match="no text"):
        supervised_fine_tuning(LanguageModel.of(model, tokenizer), ["", ""])
    with pytest.raises(HormesisError, match="no pair"):
        preference_optimisation(LanguageModel.of(model, tokenizer), [PreferencePair("zu", "mi", "mi")])
    with pytest.raises(HormesisError, match="no eos token"):
        supervised_fine_tuning(LanguageModel.of(model, tiny_tokenizer(end=False)), TEXTS)
    with pytest.raises(HormesisError, match="128 tokens do not fit the context of 64"):
        supervised_fine_tuning(LanguageModel.of(model, tokenizer), TEXTS)
    wild = SupervisedConfig(steps=3, batch=2, learning_rate=1e30, rank=None, max_length=40)
    with pytest.raises(HormesisError, match="diverged"):
        supervised_fine_tuning(LanguageModel.of(model, tokenizer), TEXTS, wild)
    monkeypatch.setattr(model, "is_quantized", True, raising=False)
    with pytest.raises(HormesisError, match="quantised"):
        fit(model, "dpo", 4)
    monkeypatch.setitem(sys.modules, "trl", None)
    with pytest.raises(HormesisError, match=r"trl.*not installed\n.*hormesis\[post\]"):
        fit(model, "sft", 4)
