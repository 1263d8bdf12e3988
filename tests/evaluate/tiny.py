"""A tiny language model, a tokenizer of invented words, and interventions on it; no network, no files."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, cast

import numpy as np
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    Olmo2Config,
    Olmo2ForCausalLM,
    PreTrainedTokenizerFast,
)

from hormesis.detox import InferenceTimeIntervention
from hormesis.representation import Directions

LAYERS, HEADS, WIDTH = 2, 2, 16


def tiny_tokenizer(*, end: bool = True) -> PreTrainedTokenizerFast:
    """Byte-level, one token a byte, and one that starts and ends documents."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {"<|end|>": 0, **{letter: place for place, letter in enumerate(alphabet, 1)}}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = {"bos_token": "<|end|>", "eos_token": "<|end|>", "pad_token": "<|end|>"} if end else {}
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, **special)  # type: ignore[no-untyped-call]


def tiny_model(*, seed: int = 0, context: int = 64, sharpness: float = 20.0) -> Olmo2ForCausalLM:
    """Random weights; sharper logits than initialisation gives, so that steering and sampling have something
    to move."""
    torch.manual_seed(seed)
    config = Olmo2Config(
        vocab_size=257,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        max_position_embeddings=context,
        eos_token_id=0,
        bos_token_id=0,
        pad_token_id=None,
    )
    model = Olmo2ForCausalLM(config)
    model.train(False)
    with torch.no_grad():
        model.lm_head.weight.mul_(sharpness)
    return model


def tiny_iti(*, seed: int = 0) -> InferenceTimeIntervention:
    """ITI along random directions at half of the heads."""
    vectors = torch.randn(2, WIDTH, generator=torch.Generator().manual_seed(seed))
    vectors = vectors / vectors.norm(dim=1, keepdim=True)
    directions = Directions(((0, 1), (1, 0)), vectors, torch.tensor([0.1, 0.2]), "random", LAYERS, HEADS)
    return InferenceTimeIntervention(directions)


def invented_texts(count: int, *, seed: int = 0, words: tuple[int, int] = (1, 6)) -> list[str]:
    """Sentences of invented words, of uneven length."""
    generator = np.random.default_rng(seed)
    lexicon = [f"{a}{b}" for a in ("mi", "ta", "ko", "zu", "re") for b in ("la", "no", "pi", "su", "ve")]
    return [" ".join(generator.choice(lexicon, generator.integers(*words))) for _ in range(count)]


def save_classifier(folder: Path, labels: list[str], problem: str | None = None) -> BertForSequenceClassification:
    """A sequence classifier of drawn weights, with the tiny tokenizer."""
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=257, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        max_position_embeddings=32, id2label=dict(enumerate(labels)), initializer_range=0.5,
        problem_type=cast(Literal["regression"] | None, problem),
    )  # fmt: skip
    model = BertForSequenceClassification(config)
    model.train(False)
    model.save_pretrained(folder)
    tiny_tokenizer().save_pretrained(folder)
    return model
