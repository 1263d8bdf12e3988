from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch

from hormesis.errors import HormesisError
from hormesis.representation import Architecture, ModelLayout
from tests.representation.tiny import FAMILIES, HEADS, LAYERS, hook_count, tiny_model

GRANITE = Architecture("granite", "model", "model.layers.{layer}.self_attn.o_proj")


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_is_known_and_leaves_no_hook(family: str) -> None:
    model = tiny_model(family)
    layout = ModelLayout.of(model)
    assert (layout.layers, layout.heads) == (LAYERS, HEADS)
    assert layout.head_width == (12 if family == "llama" else 8)  # llama's head_dim is not hidden_size / heads
    assert hook_count(model) == 0


def test_its_shape_is_told_in_a_line() -> None:
    said = ModelLayout.of(tiny_model("llama")).shape
    assert said == f"llama: {LAYERS} layers × {HEADS} heads × 12 features, residual stream of 32"


def test_an_unknown_family_is_refused_with_the_fix_and_works_when_told() -> None:
    model = tiny_model("granite")
    with pytest.raises(HormesisError, match="'granite'.*\n.*Architecture"):
        ModelLayout.of(model)
    assert ModelLayout.of(model, architecture=GRANITE).layers == LAYERS


def test_a_missing_module_is_named() -> None:
    wrong = Architecture("olmo2", "model", "model.layers.{layer}.attention.o_proj")
    with pytest.raises(HormesisError, match=r"model\.layers\.0\.attention\.o_proj"):
        ModelLayout.of(tiny_model(), architecture=wrong)


def test_a_config_without_the_number_of_heads_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    model = tiny_model()
    monkeypatch.setattr(model, "config", SimpleNamespace(model_type="olmo2", num_hidden_layers=3))
    with pytest.raises(HormesisError, match="num_attention_heads"):
        ModelLayout.of(model)


def test_a_projection_name_needs_the_layer() -> None:
    with pytest.raises(HormesisError, match="layer"):
        Architecture("olmo2", "model", "model.layers.0.self_attn.o_proj")


def test_a_forward_pass_that_contradicts_the_layout_is_refused() -> None:
    model = tiny_model()
    shared = model.get_submodule("model.layers.0.self_attn.o_proj")
    model.get_submodule("model.layers.1.self_attn").o_proj = shared
    with pytest.raises(HormesisError, match="contradicts"):
        ModelLayout.of(model)
    assert hook_count(model) == 0


def test_a_compiled_model_is_refused() -> None:
    model = tiny_model()
    with pytest.raises(HormesisError, match="compiled"):
        ModelLayout.of(torch.compile(model))  # type: ignore[arg-type]
    model.get_submodule("model.layers.1").compile()
    with pytest.raises(HormesisError, match="compiled"):
        ModelLayout.of(model)
