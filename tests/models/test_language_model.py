"""What is asked of a model is read off it, and no state of it is changed."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from transformers import AutoConfig, BertConfig, GPT2Config, PreTrainedConfig, RobertaConfig

from hormesis.errors import HormesisError
from hormesis.models import LanguageModel, context_length, evaluating, learned_positions, load, start_token
from tests.evaluate.tiny import tiny_model, tiny_tokenizer
from tests.representation.tiny import FAMILIES
from tests.representation.tiny import tiny_model as model_of


@pytest.mark.parametrize(
    ("config", "declared", "learned"),
    [
        (GPT2Config(n_positions=77), 77, 77),
        (BertConfig(max_position_embeddings=77), 77, 77),
        (RobertaConfig(max_position_embeddings=514), 512, 512),
        (AutoConfig.for_model("olmo2", max_position_embeddings=77), 77, None),
        (AutoConfig.for_model("mpt", max_seq_len=77), 77, None),
        (PreTrainedConfig(), None, None),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, PreTrainedConfig) else str(value),
)
def test_the_context_is_what_the_config_declares(
    config: PreTrainedConfig, declared: int | None, learned: int | None
) -> None:
    assert context_length(config) == declared
    assert learned_positions(config) == learned


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_declares_its_context(family: str) -> None:
    model = model_of(family)
    assert LanguageModel.of(model, tiny_tokenizer()).context_length == 64
    tokens = torch.zeros((1, 65), dtype=torch.long)
    if learned_positions(model.config) is None:
        model(tokens)
    else:
        with pytest.raises(IndexError):
            model(tokens)


def test_a_roberta_reads_as_many_tokens_as_its_context_and_no_more() -> None:
    from transformers import RobertaModel

    config = RobertaConfig(
        vocab_size=16, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, max_position_embeddings=12
    )
    model = RobertaModel(config)
    longest = context_length(config)
    assert longest == 10
    model(torch.full((1, longest), 5))
    with pytest.raises((IndexError, RuntimeError)):
        model(torch.full((1, longest + 1), 5))


def test_every_module_is_back_in_its_own_mode() -> None:
    model = tiny_model()
    torch.nn.Module.train(model)
    frozen = model.get_submodule("model.layers.0")
    frozen.eval()
    before = {name: module.training for name, module in model.named_modules()}
    with pytest.raises(ZeroDivisionError), evaluating(model):
        assert not any(module.training for module in model.modules())
        raise ZeroDivisionError
    assert {name: module.training for name, module in model.named_modules()} == before
    assert len(set(before.values())) == 2


@pytest.mark.parametrize(
    ("bos", "eos", "start"), [(3, 5, 3), (0, 5, 0), (None, 5, 5), (None, 0, 0), (None, None, None)]
)
def test_a_text_starts_with_bos_or_else_with_eos(bos: int | None, eos: int | None, start: int | None) -> None:
    assert start_token(SimpleNamespace(bos_token_id=bos, eos_token_id=eos)) == start  # type: ignore[arg-type]


def test_it_is_a_value_with_a_name(tmp_path: Path) -> None:
    language_model = LanguageModel.of(tiny_model(), tiny_tokenizer())
    assert language_model.name == "Olmo2ForCausalLM"
    assert repr(language_model) == "LanguageModel('Olmo2ForCausalLM': Olmo2ForCausalLM, torch.float32 on cpu)"
    with pytest.raises(dataclasses.FrozenInstanceError):
        language_model.name = "other"  # type: ignore[misc]
    language_model.model.save_pretrained(tmp_path / "mild")
    language_model.tokenizer.save_pretrained(tmp_path / "mild")
    loaded = load(tmp_path / "mild")
    assert loaded.name == "mild"
    assert LanguageModel.of(loaded.model, loaded.tokenizer).name == "mild"
    assert LanguageModel.of(loaded.model, loaded.tokenizer, "mine").name == "mine"
    assert not loaded.model.training
    assert loaded.token_ids("a mild text") == language_model.token_ids("a mild text")
    assert loaded.end_tokens == language_model.end_tokens
    assert loaded.precision == torch.float32
    assert loaded.device == loaded.input_device


def test_what_is_no_model_is_explained(tmp_path: Path) -> None:
    with pytest.raises(HormesisError, match="cannot be read"):
        load(tmp_path)
    with pytest.raises(HormesisError, match="no precision"):
        load(tmp_path, dtype="int3")


def test_the_value_needs_no_torch() -> None:
    code = """
import sys
for heavy in ("torch", "transformers", "olmo_core"):
    sys.modules[heavy] = None
from hormesis.models import LanguageModel, context_length, evaluating, start_token
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
