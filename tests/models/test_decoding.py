"""Generation decodes with a cache only where that gives what a whole pass gives, and so is right for every model."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
import torch
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedModel

from hormesis.detox import Unsteered
from hormesis.detox.reload import sample_logits
from hormesis.evaluate import GenerationConfig, generate, language_model_cost
from hormesis.models import Decoding, LanguageModel
from tests.evaluate.tiny import tiny_tokenizer
from tests.representation import tiny as families

SHAPE: Mapping[str, object] = {
    "vocab_size": 257, "hidden_size": 32, "intermediate_size": 40, "num_hidden_layers": 2, "num_attention_heads": 4,
    "num_key_value_heads": 2, "initializer_range": 0.3, "max_position_embeddings": 64,
    "pad_token_id": None, "bos_token_id": None, "eos_token_id": None,
}  # fmt: skip
CACHED, ALONE, UNCACHED = Decoding(True, True), Decoding(True, False), Decoding(False, False)
FAMILIES: Mapping[str, tuple[Decoding, Mapping[str, object]]] = {
    "mamba": (UNCACHED, {}),
    "mamba2": (UNCACHED, {"num_heads": 8, "head_dim": 8, "n_groups": 2, "state_size": 8}),
    "rwkv": (UNCACHED, {"attention_hidden_size": 32}),
    "recurrent_gemma": (UNCACHED, {"head_dim": 8}),  # keeps states in its modules: they do not branch with the cache
    "mpt": (ALONE, {"d_model": 32, "n_heads": 4, "n_layers": 2, "max_seq_len": 64}),  # is told no positions
    "gpt2": (CACHED, {"n_embd": 32, "n_head": 4, "n_layer": 2}),
    "lfm2": (CACHED, {"layer_types": ["conv", "full_attention"]}),
}


def tiny(family: str) -> PreTrainedModel:
    torch.manual_seed(0)
    config = AutoConfig.for_model(family, **{**SHAPE, **FAMILIES[family][1]})
    model: PreTrainedModel = AutoModelForCausalLM.from_config(config)  # type: ignore[no-untyped-call]
    torch.nn.Module.eval(model)
    return model


@pytest.mark.parametrize("family", FAMILIES)
def test_greedy_continuations_are_those_of_whole_passes(family: str) -> None:
    lm = LanguageModel.of(tiny(family), tiny_tokenizer(end=False))
    assert lm.decoding == FAMILIES[family][0]
    prompts = ["mila tano", "ko", "zupi", "rela"]
    config = GenerationConfig(samples=2, max_new_tokens=5, top_p=1e-9, batch_prompts=3)
    found = generate(lm, prompts, Unsteered(), (0.0,), config)
    for place, prompt in enumerate(prompts):
        ids = list(lm.token_ids(prompt))
        for _ in range(5):
            with torch.no_grad():
                ids.append(int(lm.model(torch.tensor([ids]), use_cache=False).logits[0, -1].argmax()))
        assert found.tokens[place, 0].tolist() == [ids[-5:]] * 2


def test_the_proof_is_made_once() -> None:
    lm = LanguageModel.of(tiny("gpt2"), tiny_tokenizer())
    passes: list[int] = []
    lm.model.register_forward_hook(lambda *_: passes.append(1))
    assert lm.decoding is lm.decoding
    once = len(passes)
    assert lm.decoding.cached and len(passes) == once > 0


def test_the_text_part_of_a_model_of_images_is_measured_as_any() -> None:
    model = families.tiny_model("gemma3")
    tokenizer = families.tiny_tokenizer()
    tokenizer.eos_token = "w0"
    lm = LanguageModel.of(model, tokenizer)
    assert (lm.context_length, lm.vocabulary, lm.decoding) == (64, families.VOCABULARY, CACHED)
    found = generate(lm, ["w3 w4 w5", "w7"], Unsteered(), (0.0,), GenerationConfig(samples=2, max_new_tokens=4))
    assert found.tokens.shape == (2, 1, 2, 4)
    cost = language_model_cost(lm, ["w3 w4 w5 w6"], Unsteered(), (0.0,), domain="mild").frame
    assert cost["tokens"].tolist() == [4] and cost["nll"].iloc[0] > 0
    assert sample_logits(model).shape == (2, 8, families.VOCABULARY)
