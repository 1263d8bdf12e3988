"""Tiny models of every known family, a word tokenizer, and activations to try things on; nothing is downloaded."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedModel, PreTrainedTokenizerFast

from hormesis.representation import GroupSplit, HeadActivations, split_by_group

VOCABULARY = 48
LAYERS, HEADS = 3, 4
FAMILIES = ("olmo", "olmo2", "olmo3", "llama", "gpt2", "gpt_neox")
MORE_FAMILIES = (
    "mistral", "qwen3", "gemma", "gemma2", "smollm3",
    "gemma3_text", "gemma3", "olmoe", "qwen3_moe", "mixtral", "phi3", "gpt_oss",
)  # fmt: skip
"""Known too, and built like one of the others."""
WORDS = tuple(f"w{index}" for index in range(VOCABULARY))


SHAPE: dict[str, object] = {
    "vocab_size": VOCABULARY,
    "pad_token_id": None,
    "bos_token_id": None,
    "eos_token_id": None,
    "hidden_size": 32,
    "intermediate_size": 40,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": HEADS,
    "initializer_range": 0.2,
    "max_position_embeddings": 64,
}
SPECIAL: dict[str, dict[str, object]] = {
    "olmo": {"num_key_value_heads": 2, "clip_qkv": 8.0},
    "olmo2": {"num_key_value_heads": 2},
    "olmo3": {"num_key_value_heads": 2, "sliding_window": 5},  # shorter than the texts: its caches slide
    "llama": {"num_key_value_heads": 2, "head_dim": 12},  # where hidden_size / heads is 8
    "qwen2": {"num_key_value_heads": 2},
    "mistral": {"num_key_value_heads": 2},
    "granite": {"num_key_value_heads": 2},
    "qwen3": {"num_key_value_heads": 2, "head_dim": 12},
    "gemma": {"num_key_value_heads": 2, "head_dim": 12},
    "gemma2": {"num_key_value_heads": 2, "head_dim": 12, "sliding_window": 5},
    "smollm3": {"num_key_value_heads": 2},
    "gemma3_text": {"num_key_value_heads": 2, "head_dim": 12, "sliding_window": 5},
    "olmoe": {"num_key_value_heads": 2, "num_experts": 4, "num_experts_per_tok": 2},
    "qwen3_moe": {
        "num_key_value_heads": 2,
        "head_dim": 12,
        "num_experts": 4,
        "num_experts_per_tok": 2,
        "moe_intermediate_size": 16,
    },
    "mixtral": {"num_key_value_heads": 2, "num_local_experts": 4, "num_experts_per_tok": 2},
    "phi3": {"num_key_value_heads": 2},
    "gpt_oss": {
        "num_key_value_heads": 2,
        "head_dim": 12,
        "num_local_experts": 4,
        "num_experts_per_tok": 2,
        "sliding_window": 5,
    },
    "qwen3_next": {
        "num_key_value_heads": 2,
        "head_dim": 16,
        "num_experts": 4,
        "num_experts_per_tok": 2,
        "moe_intermediate_size": 16,
        "shared_expert_intermediate_size": 16,
        "linear_num_value_heads": 8,
        "linear_value_head_dim": 8,
        "linear_num_key_heads": 4,
        "linear_key_head_dim": 8,
        "layer_types": ["linear_attention", "full_attention", "linear_attention"],
    },
    "lfm2": {
        "num_key_value_heads": 2,
        "layer_types": ["conv", "full_attention", "conv"],
        "block_auto_adjust_ff_dim": False,
    },
    "gpt_neox": {},
}


def tiny_model(family: str = "olmo2") -> PreTrainedModel:
    torch.manual_seed(0)
    if family == "gpt2":
        names = {"hidden_size": "n_embd", "num_hidden_layers": "n_layer", "num_attention_heads": "n_head"}
        names["max_position_embeddings"] = "n_positions"
        shape = {names.get(name, name): value for name, value in SHAPE.items() if name != "intermediate_size"}
    elif family == "gemma3":
        vision = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
        text = SHAPE | SPECIAL["gemma3_text"]
        shape = {"text_config": text, "vision_config": vision, "image_token_index": VOCABULARY - 1}
    else:
        shape = SHAPE | SPECIAL[family]
    config = AutoConfig.for_model(family, **shape)
    model: PreTrainedModel = AutoModelForCausalLM.from_config(config)  # type: ignore[no-untyped-call]
    torch.nn.Module.eval(model)
    return model


def tiny_tokenizer() -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.WordLevel({word: index for index, word in enumerate(WORDS)}, unk_token="w0"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="w0")  # type: ignore[no-untyped-call]


def random_texts(count: int, seed: int = 0, longest: int = 12) -> list[str]:
    random = np.random.default_rng(seed)
    return [" ".join(random.choice(WORDS, random.integers(1, longest + 1))) for _ in range(count)]


def hook_count(model: torch.nn.Module) -> int:
    return sum(len(module._forward_pre_hooks) + len(module._forward_hooks) for module in model.modules())


def labelled_activations(
    texts: int = 240, layers: int = LAYERS, heads: int = HEADS, width: int = 8, seed: int = 0
) -> tuple[HeadActivations, NDArray[np.bool_], GroupSplit]:
    """Gaussian activations whose toxic texts are shifted, by less and less from head to head."""
    random = np.random.default_rng(seed)
    labels = random.random(texts) < 0.4
    shifts = random.standard_normal((layers, heads, width)) * np.linspace(1.5, 0, layers * heads).reshape(
        layers, heads, 1
    )
    values = random.standard_normal((texts, layers, heads, width)) + labels[:, None, None, None] * shifts + 2
    groups = [f"group {number}" for number in random.integers(0, 30, texts)]
    return HeadActivations(torch.from_numpy(values).float()), labels, split_by_group(groups, seed)


def tokens_and_masks(lengths: list[int], side: str, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Random token ids, mask and position ids, [rows, longest], padded on one side; the same tokens for both sides."""
    generator = torch.Generator().manual_seed(seed)
    longest = max(lengths)
    ids = torch.zeros((len(lengths), longest), dtype=torch.long)
    mask = torch.zeros_like(ids)
    for row, length in enumerate(lengths):
        where = slice(longest - length, longest) if side == "left" else slice(0, length)
        ids[row, where] = torch.randint(1, VOCABULARY, (length,), generator=generator)
        mask[row, where] = 1
    return ids, mask, (mask.cumsum(1) - 1).clamp(min=0)
