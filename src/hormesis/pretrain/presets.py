"""Model shapes by name: two small ones for one machine, and OLMo-core's own OLMo-2 ladder."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import cast

from olmo_core.nn.transformer import TransformerBlockType, TransformerConfig

from hormesis.errors import HormesisError
from hormesis.files import Json, content_hash


@dataclass(frozen=True)
class Preset:
    """A shape, with the learning rate that suits it.

    :param build: vocabulary size → OLMo-core's config of the model.
    :param learning_rate: peak AdamW learning rate where a training config names none.
    :param vocabulary_multiple: the embedding has this multiple of rows, at least as many as the tokenizer has tokens.
    :param description: one line for people.
    """

    build: Callable[[int], TransformerConfig]
    learning_rate: float
    vocabulary_multiple: int
    description: str


def _small(vocabulary: int, *, width: int, layers: int, heads: int, feed_forward_multiple: int) -> TransformerConfig:
    return TransformerConfig.llama_like(
        d_model=width,
        n_layers=layers,
        n_heads=heads,
        vocab_size=vocabulary,
        hidden_size_multiple_of=feed_forward_multiple,
        # What makes a llama-like model an OLMo-2: norms behind the sublayers, and on queries and keys.
        block_name=TransformerBlockType.reordered_norm,
        qk_norm=True,
        rope_theta=500_000,
        layer_norm_eps=1e-6,
    )


def _ladder(name: str, learning_rate: float, description: str) -> Preset:
    # OLMo pads its embedding to a multiple of 128 rows: 100 278 tokens, 100 352 rows.
    return Preset(getattr(TransformerConfig, name), learning_rate, 128, description)


PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        "micro": Preset(
            partial(_small, width=128, layers=4, heads=8, feed_forward_multiple=8),
            4e-3,
            1,
            "4 layers of 8 heads, width 128, FFN 344: 1.05 M parameters at 1024 tokens; the microworld study",
        ),
        "tiny": Preset(
            partial(_small, width=128, layers=5, heads=8, feed_forward_multiple=8),
            4e-3,
            1,
            "5 layers of 8 heads, width 128, FFN 344: 2.04 M parameters at 4096 tokens; real text on one machine",
        ),
        "olmo2-30m": _ladder("olmo2_30M", 2e-3, "OLMo-core's olmo2_30M (named for its size at OLMo's vocabulary)"),
        "olmo2-60m": _ladder("olmo2_60M", 1.5e-3, "OLMo-core's olmo2_60M"),
        "olmo2-100m": _ladder("olmo2_100M", 1e-3, "OLMo-core's olmo2_100M"),
        "olmo2-190m": _ladder("olmo2_190M", 1e-3, "OLMo-core's olmo2_190M"),
        "olmo2-370m": _ladder("olmo2_370M", 8e-4, "OLMo-core's olmo2_370M"),
        "olmo2-600m": _ladder("olmo2_600M", 6e-4, "OLMo-core's olmo2_600M"),
        "olmo2-760m": _ladder("olmo2_760M", 5e-4, "OLMo-core's olmo2_760M"),
        # Not `olmo2_1B`: the released OLMo-2-0425-1B has 16 layers, which OLMo-core calls v2.
        "olmo2-1b": _ladder("olmo2_1B_v2", 4e-4, "the released OLMo-2-0425-1B (olmo2_1B_v2): 1.48 B parameters"),
        "olmo2-7b": _ladder("olmo2_7B", 3e-4, "OLMo-core's olmo2_7B"),
        "olmo2-13b": _ladder("olmo2_13B", 3e-4, "OLMo-core's olmo2_13B"),
    }
)


def preset_named(name: str) -> Preset:
    """:raises HormesisError: there is no such preset; the fix names the nearest one."""
    if name not in PRESETS:
        near = difflib.get_close_matches(name, PRESETS, n=1)
        hint = f"did you mean '{near[0]}'? " if near else ""
        raise HormesisError(f"there is no preset '{name}'", f"{hint}choose one of: {', '.join(PRESETS)}")
    return PRESETS[name]


def model_config(preset: str, vocabulary: int, sequence_length: int | None = None) -> TransformerConfig:
    """OLMo-core's config of a preset.

    :param vocabulary: rows of the embedding, taken as given (see :func:`embedding_rows` for the padding).
    :param sequence_length: accepted for symmetry with training; rotary positions need no size.
    :raises HormesisError: unknown preset, or a size that is no positive number.
    """
    for name, value in (("vocabulary", vocabulary), ("sequence_length", sequence_length)):
        if value is not None and value < 1:
            raise HormesisError(f"{name} = {value} is not a size", f"give a positive {name}")
    return preset_named(preset).build(vocabulary)


def embedding_rows(preset: str, vocabulary: int) -> int:
    """How many rows the embedding gets for a tokenizer of ``vocabulary`` tokens: padded as OLMo does in the ladder."""
    multiple = preset_named(preset).vocabulary_multiple
    return -(-vocabulary // multiple) * multiple


def shape_hash(preset: str) -> str:
    """What a preset's name stood for when something was trained: the hash of OLMo-core's config, at a vocabulary of 1.

    A name is no shape: a preset may be redefined, here or by an OLMo-core release, and a model trained before must
    not pass for one trained after.
    """
    return content_hash(cast(Json, model_config(preset, 1).as_config_dict()))


def parameter_count(preset: str, vocabulary: int) -> int:
    """Parameters of a preset, embedding and output matrix included, without allocating any."""
    return int(model_config(preset, vocabulary).num_params)
