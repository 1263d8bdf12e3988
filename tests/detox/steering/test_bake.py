from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel

from hormesis.detox import ResidualAddition
from hormesis.detox.steering import bake, iti
from hormesis.errors import HormesisError
from hormesis.representation import ModelLayout, ResidualDirection
from hormesis.representation.directions import random_vectors
from tests.detox.steered import an_intervention, logits, steered_logits
from tests.representation.tiny import FAMILIES, hook_count, tiny_model, tiny_tokenizer, tokens_and_masks


def reload(folder: Path, **keywords: object) -> PreTrainedModel:
    loaded = AutoModelForCausalLM.from_pretrained(folder, **keywords)
    return cast(PreTrainedModel, loaded)


def a_shift(model: PreTrainedModel) -> ResidualAddition:
    layout = ModelLayout.of(model)
    vector = random_vectors(1, layout.width, 7)[0].float()
    return ResidualAddition(ResidualDirection(1, vector, 0.5, "random", layout.layers, layout.architecture))


@pytest.mark.parametrize("family", FAMILIES)
def test_a_reloaded_bake_equals_the_hook_at_every_position(family: str, tmp_path: Path) -> None:
    model = tiny_model(family)
    intervention = an_intervention(model)
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    config = model.config.to_dict()
    folder = intervention.bake(model, 3.0, tmp_path / "baked", tokenizer=tiny_tokenizer())
    ids, _, _ = tokens_and_masks([9, 9, 9], "right", seed=3)
    baked, hooked = logits(reload(folder), ids), steered_logits(model, intervention, 3.0, ids)
    assert (baked - hooked).abs().max() <= 1e-5 * max(1.0, float(hooked.abs().max()))
    assert (baked - logits(model, ids)).abs().max() > 0.1  # and it acts
    assert model.config.to_dict() == config
    assert model.state_dict().keys() == before.keys()
    assert all(torch.equal(weight, before[name]) for name, weight in model.state_dict().items())
    assert hook_count(model) == 0
    assert AutoTokenizer.from_pretrained(folder)("w3 w4")["input_ids"] == [3, 4]


@pytest.mark.parametrize("family", ["llama", "smollm3", "gpt2", "gpt_neox"])
def test_a_shift_of_the_stream_is_a_bias_of_the_feed_forward_part(family: str, tmp_path: Path) -> None:
    model = tiny_model(family)
    shift = a_shift(model)
    folder = shift.bake(model, 3.0, tmp_path / "baked")
    ids, _, _ = tokens_and_masks([9, 9, 9], "right", seed=3)
    baked, hooked = logits(reload(folder), ids), steered_logits(model, shift, 3.0, ids)
    assert (baked - hooked).abs().max() <= 1e-5 * max(1.0, float(hooked.abs().max()))
    assert (baked - logits(model, ids)).abs().max() > 0.01
    changed = {name for name in load_file(folder / "model.safetensors") if name.endswith(".bias")}
    same = {name for name in model.state_dict() if name.endswith(".bias")}
    assert not any("attn" in name for name in changed - same), "attention got no biases that it does not need"


@pytest.mark.parametrize(
    ("family", "message"), [("olmo2", "weights cannot carry this intervention"), ("olmo", "cannot carry a bias at")]
)
def test_a_shift_of_the_stream_is_refused_where_nothing_can_carry_it(family: str, message: str, tmp_path: Path) -> None:
    model = tiny_model(family)
    shift = a_shift(model)
    with pytest.raises(HormesisError, match=message):
        shift.bake(model, 1.0, tmp_path / "baked")
    assert list(tmp_path.iterdir()) == []


def test_the_other_attention_biases_are_explicit_zeros(tmp_path: Path) -> None:
    model = tiny_model()
    intervention = an_intervention(model)
    intervention.bake(model, 2.0, tmp_path / "baked")
    weights = load_file(tmp_path / "baked" / "model.safetensors")
    biases = {name: weight for name, weight in weights.items() if name.endswith(".bias")}
    assert len(biases) == 12  # q, k, v, o of three layers
    acting = {name for name, bias in biases.items() if bool(bias.any())}
    assert acting == {f"model.layers.{layer}.self_attn.o_proj.bias" for layer in (0, 2)}
    projection = model.get_submodule("model.layers.0.self_attn.o_proj").weight
    assert isinstance(projection, Tensor)
    expected = projection.detach() @ (2.0 * intervention.displacements[0])
    torch.testing.assert_close(biases["model.layers.0.self_attn.o_proj.bias"], expected)


def test_an_existing_bias_is_added_to(tmp_path: Path) -> None:
    model = tiny_model("gpt2")
    bias = model.get_submodule("transformer.h.0.attn.c_proj").bias
    assert isinstance(bias, nn.Parameter)
    with torch.no_grad():
        bias.normal_()
    intervention = an_intervention(model)
    folder = intervention.bake(model, 1.0, tmp_path / "baked")
    ids, _, _ = tokens_and_masks([6], "right")
    torch.testing.assert_close(
        logits(reload(folder), ids), steered_logits(model, intervention, 1.0, ids), rtol=1e-5, atol=1e-5
    )


def test_tied_embeddings_stay_tied(tmp_path: Path) -> None:
    model = tiny_model("llama")
    model.config.tie_word_embeddings = True
    model.tie_weights()
    folder = an_intervention(model).bake(model, 1.0, tmp_path / "baked")
    again = reload(folder)
    assert again.get_input_embeddings().weight is again.get_submodule("lm_head").weight


def test_low_precision_is_kept(tmp_path: Path) -> None:
    model = tiny_model().bfloat16()
    folder = an_intervention(model).bake(model, 2.0, tmp_path / "baked")
    assert all(weight.dtype == torch.bfloat16 for weight in load_file(folder / "model.safetensors").values())


def test_an_architecture_without_the_bias_is_refused(tmp_path: Path) -> None:
    model = tiny_model("qwen2")
    with pytest.raises(HormesisError, match="qwen2 model cannot carry a bias"):
        an_intervention(model).bake(model, 2.0, tmp_path / "baked")
    assert list(tmp_path.iterdir()) == []


def test_low_precision_does_not_hide_a_dropped_bias(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = tiny_model().bfloat16()
    monkeypatch.setattr(bake, "_with_parameters", lambda model, _: model)
    with pytest.raises(HormesisError, match="differs from the changed one"):
        an_intervention(model).bake(model, 0.02, tmp_path / "baked")


@pytest.mark.parametrize("dtype", [torch.int8, torch.float8_e4m3fn])
def test_quantised_weights_are_refused(dtype: torch.dtype, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = tiny_model()
    projection = model.get_submodule("model.layers.2.self_attn.o_proj")
    projection.weight = nn.Parameter(torch.zeros(32, 32).to(dtype), requires_grad=False)
    with pytest.raises(HormesisError, match=r"layers\.2.*quantised"):
        bake.displaced_bias(projection, "model.layers.2.self_attn.o_proj", torch.ones(32), "input")
    model = tiny_model()
    monkeypatch.setattr(model, "is_quantized", True, raising=False)
    with pytest.raises(HormesisError, match="is quantised"):
        an_intervention(model).bake(model, 1.0, tmp_path / "baked")
    assert list(tmp_path.iterdir()) == []


def test_a_bake_without_the_projection_is_caught_on_save(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The published bake stores the displacement itself; so does this one, and nothing is left of it."""
    model = tiny_model()
    earlier = an_intervention(model).bake(model, 1.0, tmp_path / "baked")
    before = {path.name: path.read_bytes() for path in earlier.iterdir()}
    monkeypatch.setattr(iti, "displaced_bias", lambda _projection, _name, shift, _side: shift)
    with pytest.raises(HormesisError, match="differs from the changed one"):
        an_intervention(model).bake(model, 2.0, tmp_path / "baked")
    assert [path.name for path in tmp_path.iterdir()] == ["baked"]
    assert {path.name: path.read_bytes() for path in earlier.iterdir()} == before


def test_a_bias_that_is_dropped_on_reload_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_parameters = bake._with_parameters

    def forgetful(model: PreTrainedModel, biases: dict[str, Tensor]) -> PreTrainedModel:
        baked = with_parameters(model, biases)
        baked.config.attention_bias = False
        return baked

    monkeypatch.setattr(bake, "_with_parameters", forgetful)
    model = tiny_model()
    with pytest.raises(HormesisError, match="belong to no part of it .*o_proj.bias"):
        an_intervention(model).bake(model, 2.0, tmp_path / "baked")


def test_several_strengths_are_refused(tmp_path: Path) -> None:
    model = tiny_model()
    with pytest.raises(HormesisError, match="one strength"):
        an_intervention(model).bake(model, torch.ones(2), tmp_path / "baked")  # type: ignore[arg-type]
