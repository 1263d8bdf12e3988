from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from hormesis.errors import HormesisError
from hormesis.representation import Architecture, ModelLayout
from tests.representation.tiny import FAMILIES, HEADS, LAYERS, MORE_FAMILIES, hook_count, tiny_model

GRANITE = Architecture("granite", "model", "model.layers.{layer}.self_attn.o_proj")


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_is_known_and_leaves_no_hook(family: str) -> None:
    model = tiny_model(family)
    layout = ModelLayout.of(model)
    assert (layout.layers, layout.heads) == (LAYERS, HEADS)
    assert layout.head_width == (12 if family == "llama" else 8)  # llama's head_dim is not hidden_size / heads
    assert hook_count(model) == 0


@pytest.mark.parametrize("family", MORE_FAMILIES)
def test_the_others_are_known_too(family: str) -> None:
    layout = ModelLayout.of(tiny_model(family))
    assert (layout.layers, layout.heads, layout.width) == (LAYERS, HEADS, 32)
    assert len(layout.writers()) == 1 + 2 * LAYERS


@pytest.mark.parametrize(
    ("family", "mixer", "width"), [("lfm2", "conv.out_proj", 8), ("qwen3_next", "linear_attn.out_proj", 16)]
)
def test_layers_without_attention_have_the_heads_of_their_mixer(
    family: str, mixer: str, width: int, tmp_path: Path
) -> None:
    model = tiny_model(family)
    attention = "self_attn.out_proj" if family == "lfm2" else "self_attn.o_proj"
    names = {"model_type": family, "decoder": "model", "block": "model.layers.{layer}"}
    names |= {
        "projection": f"model.layers.{{layer}}.{attention}",
        "without_attention": f"model.layers.{{layer}}.{mixer}",
    }
    (tmp_path / "names.json").write_text(json.dumps(names))
    architecture = Architecture.from_file(tmp_path / "names.json")
    assert Architecture.from_json(architecture.to_json()) == architecture
    layout = ModelLayout.of(model, architecture=architecture)
    assert (layout.layers, layout.heads, layout.head_width) == (LAYERS, HEADS, width)
    ends = [type(projection).__name__ for projection in layout.output_projections]
    assert ends == ["Linear"] * LAYERS and len(set(layout.output_projections)) == LAYERS


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"decoder": "model"}', '{"model_type": 3, "decoder": 1}', "no"])
def test_a_file_that_names_no_modules_is_explained(text: str, tmp_path: Path) -> None:
    file = tmp_path / "names.json"
    file.write_text(text)
    with pytest.raises(HormesisError, match="names no modules"):
        Architecture.from_file(file)
    with pytest.raises(HormesisError, match="names no modules"):
        Architecture.from_file(tmp_path / "nothing.json")


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
    config = SimpleNamespace(model_type="olmo2", num_hidden_layers=3)
    config.get_text_config = lambda **_: config
    monkeypatch.setattr(model, "config", config)
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
