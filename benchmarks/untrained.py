"""Models that no one trained, at the shapes of models that someone would, and ITI on them."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import Olmo2Config, Olmo2ForCausalLM, PreTrainedTokenizerFast

from hormesis.detox import InferenceTimeIntervention
from hormesis.representation import Directions

VOCABULARY = 4096


@dataclass(frozen=True)
class Shape:
    """Layers, heads of each, and their width."""

    layers: int = 4
    heads: int = 4
    head_width: int = 32


def model_of(shape: Shape) -> Olmo2ForCausalLM:
    """Random weights; logits spread alike at every width, so that sampling costs alike."""
    torch.manual_seed(0)
    width = shape.heads * shape.head_width
    config = Olmo2Config(
        vocab_size=VOCABULARY,
        hidden_size=width,
        intermediate_size=8 * round(width / 3),
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        max_position_embeddings=128,
        bos_token_id=0,
        eos_token_id=0,
        pad_token_id=None,
    )
    model = Olmo2ForCausalLM(config)
    model.train(False)
    with torch.no_grad():
        model.lm_head.weight.mul_(6 * (128 / width) ** 0.5)
        model.lm_head.weight[0] = 0
    return model


def tokenizer_of_words() -> PreTrainedTokenizerFast:
    """One token a word: w1, w2, …"""
    vocabulary = {"<|end|>": 0, **{f"w{token}": token for token in range(1, VOCABULARY)}}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<|end|>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    fast: PreTrainedTokenizerFast = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer, eos_token="<|end|>", bos_token="<|end|>"
    )
    return fast


def iti_on(shape: Shape) -> InferenceTimeIntervention:
    """Random directions at half of all heads."""
    heads = tuple((layer, head) for layer in range(shape.layers) for head in range(shape.heads // 2))
    vectors = torch.nn.functional.normalize(torch.randn(len(heads), shape.head_width), dim=1)
    return InferenceTimeIntervention(
        Directions(heads, vectors, torch.full((len(heads),), 0.01), "random", shape.layers, shape.heads)
    )
