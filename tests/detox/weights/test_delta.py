from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
import torch
from torch import Tensor, nn
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel

from hormesis.detox.weights.bake import bake_weights
from hormesis.detox.weights.change import DenseChange, LowRankChange
from hormesis.detox.weights.delta import WeightDelta
from hormesis.errors import HormesisError
from tests.detox.contrasting import a_delta
from tests.detox.steered import cached_logits, logits, steered_logits
from tests.detox.steering.test_iti import assert_close
from tests.representation.tiny import FAMILIES, hook_count, tiny_model, tiny_tokenizer, tokens_and_masks


def weights_of(model: PreTrainedModel) -> dict[str, Tensor]:
    return {name: weight.clone() for name, weight in model.state_dict().items()}


def unchanged(model: PreTrainedModel, before: dict[str, Tensor]) -> bool:
    return all(torch.equal(weight, before[name]) for name, weight in model.state_dict().items())


@pytest.fixture(params=FAMILIES)
def model(request: pytest.FixtureRequest) -> PreTrainedModel:
    return tiny_model(request.param)


def test_weights_are_changed_by_strength_times_the_change_and_come_back(model: PreTrainedModel) -> None:
    delta, before = a_delta(model), weights_of(model)
    ids, mask, _ = tokens_and_masks([6, 4], "left")
    plain = logits(model, ids, mask)
    with delta.apply(model, -1.5):
        for name, weight in model.named_parameters():
            change = delta.changes.get(name)
            expected = before[name] if change is None else before[name] - 1.5 * change.full(weight.device)
            assert_close(weight.detach(), expected)
        steered = logits(model, ids, mask)
    assert (steered - plain).abs().max() > 0.01
    assert unchanged(model, before)
    assert torch.equal(logits(model, ids, mask), plain)


def test_strength_zero_is_bit_identical(model: PreTrainedModel) -> None:
    delta = a_delta(model)
    ids, mask, _ = tokens_and_masks([6, 4], "right")
    plain = logits(model, ids, mask)
    assert torch.equal(steered_logits(model, delta, 0.0, ids, mask), plain)
    assert torch.equal(steered_logits(model, delta, torch.zeros(2), ids, mask, torch.tensor([2, 1])), plain)


def test_cached_logits_are_teacher_forced_logits(model: PreTrainedModel) -> None:
    delta = a_delta(model)
    ids, mask, _ = tokens_and_masks([6, 1, 4], "left")
    with delta.apply(model, 1.0, prompt_lengths=torch.tensor([3, 1, 1]), attention_mask=mask):
        cached = cached_logits(model, ids, mask, [1, 3, 2])
    assert_close(cached[mask.bool()], steered_logits(model, delta, 1.0, ids, mask)[mask.bool()])


def test_an_exception_leaves_every_bit_as_it_was(model: PreTrainedModel) -> None:
    model.bfloat16()  # where W + ΔW − ΔW would not be W
    delta, before = a_delta(model), weights_of(model)
    with pytest.raises(RuntimeError, match="halt"), torch.inference_mode(), delta.apply(model, 2.0):
        assert not unchanged(model, before)
        raise RuntimeError("halt")
    assert unchanged(model, before)
    with delta.apply(model, 1.0), delta.apply(model, -0.3):
        pass
    assert unchanged(model, before)
    assert hook_count(model) == 0


def test_rows_share_one_strength() -> None:
    model = tiny_model()
    delta = a_delta(model)
    ids, _, _ = tokens_and_masks([5, 5], "right")
    assert not delta.rowwise
    assert torch.equal(
        steered_logits(model, delta, torch.tensor([0.5, 0.5]), ids), steered_logits(model, delta, 0.5, ids)
    )
    with (
        pytest.raises(HormesisError, match=r"\[0.0, 0.5\].*\n.*by themselves"),
        delta.apply(model, torch.tensor([0.5, 0.0])),
    ):
        pass


def test_a_reloaded_bake_has_the_changed_weights(model: PreTrainedModel, tmp_path: Path) -> None:
    delta, before, config = a_delta(model), weights_of(model), model.config.to_dict()
    folder = delta.bake(model, 0.8, tmp_path / "baked", tokenizer=tiny_tokenizer())
    assert model.config.to_dict() == config
    reloaded = cast(PreTrainedModel, AutoModelForCausalLM.from_pretrained(folder))
    ids, _, _ = tokens_and_masks([7, 7], "right")
    steered = steered_logits(model, delta, 0.8, ids)
    assert (logits(reloaded, ids) - steered).abs().max() <= 1e-5 * max(1.0, float(steered.abs().max()))
    assert unchanged(model, before)
    assert AutoTokenizer.from_pretrained(folder)("w3 w4")["input_ids"] == [3, 4]


def test_tied_weights_stay_tied(tmp_path: Path) -> None:
    model = tiny_model("llama")
    model.config.tie_word_embeddings = True
    model.tie_weights()
    name, weight = next(iter(model.named_parameters()))
    delta = WeightDelta({name: DenseChange(torch.randn(weight.shape) * 0.1)}, "dpo")
    ids, _, _ = tokens_and_masks([6], "right")
    folder = delta.bake(model, 1.0, tmp_path / "baked")
    again = cast(PreTrainedModel, AutoModelForCausalLM.from_pretrained(folder))
    assert again.get_input_embeddings().weight is again.get_submodule("lm_head").weight
    assert_close(logits(again, ids), steered_logits(model, delta, 1.0, ids))


def test_a_reload_that_differs_leaves_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = tiny_model()
    before = weights_of(model)
    save = PreTrainedModel.save_pretrained

    def forgetful(self: PreTrainedModel, folder: Path) -> None:
        with torch.no_grad():
            next(iter(self.parameters())).add_(0.1)
        save(self, folder)
        with torch.no_grad():
            next(iter(self.parameters())).sub_(0.1)

    monkeypatch.setattr(PreTrainedModel, "save_pretrained", forgetful)
    name = "lm_head.weight"
    with pytest.raises(HormesisError, match="differs from the changed one"):
        WeightDelta({name: DenseChange(torch.ones_like(before[name]))}, "sft").bake(model, 1.0, tmp_path / "baked")
    assert list(tmp_path.iterdir()) == []
    assert torch.equal(model.state_dict()[name], before[name])


def test_saved_and_loaded_it_gives_the_same_logits(model: PreTrainedModel, tmp_path: Path) -> None:
    delta = a_delta(model)
    delta.save(tmp_path / "saved")
    again = WeightDelta.load(tmp_path / "saved")
    ids, _, _ = tokens_and_masks([7, 7], "right")
    assert torch.equal(steered_logits(model, again, 1.3, ids), steered_logits(model, delta, 1.3, ids))
    assert again.name == "sft"
    assert {type(change) for change in again.changes.values()} == {DenseChange, LowRankChange}


def test_other_models_and_quantised_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = tiny_model("llama")
    delta = a_delta(model)
    with pytest.raises(HormesisError, match="shape"), delta.apply(tiny_model("olmo2"), 1.0):
        pass
    with pytest.raises(HormesisError, match="no such weight"), delta.apply(tiny_model("gpt2"), 1.0):
        pass
    monkeypatch.setattr(model, "is_quantized", True, raising=False)
    with pytest.raises(HormesisError, match="is quantised"):
        delta.bake(model, 1.0, tmp_path / "baked")
    name = next(iter(delta.changes))
    module = model.get_submodule(name.removesuffix(".weight"))
    module.weight = nn.Parameter(torch.zeros(delta.changes[name].shape, dtype=torch.int8), requires_grad=False)
    with pytest.raises(HormesisError, match="int8.*\n.*unquantised"), delta.apply(model, 1.0):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_bake_keeps_the_precision(tmp_path: Path) -> None:
    model = tiny_model().bfloat16()
    folder = bake_weights(model, tmp_path / "baked")
    assert next(AutoModelForCausalLM.from_pretrained(folder).parameters()).dtype == torch.bfloat16
