"""Model shapes by name: two small ones for one machine, and OLMo-core's own OLMo-2 ladder."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from hormesis.errors import HormesisError
from hormesis.files import Json, content_hash
from hormesis.optional import needed_for

if TYPE_CHECKING:
    from olmo_core.nn.transformer import TransformerConfig


@dataclass(frozen=True)
class Preset:
    """A shape, with the learning rate that suits it.

    :param build: vocabulary size → OLMo-core's config of the model.
    :param learning_rate: peak AdamW learning rate where a training config names none.
    :param vocabulary_multiple: the embedding has this multiple of rows, at least as many as the tokenizer has tokens.
    :param description: one line for people.
    :param shape: the hash of OLMo-core's config at a vocabulary of 1, written down so that a plan can be made, and a
        finished study read, without OLMo-core; :func:`check_shape` compares them before anything is trained.
    :param sizes: (parameters without the vocabulary, parameters a token of it), written down for the same reason.
    """

    build: Callable[[int], TransformerConfig]
    learning_rate: float
    vocabulary_multiple: int
    description: str
    shape: str
    sizes: tuple[int, int] = (0, 0)


def _small(vocabulary: int, *, width: int, layers: int, heads: int, feed_forward_multiple: int) -> TransformerConfig:
    from olmo_core.nn.transformer import TransformerBlockType, TransformerConfig

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


def _olmo2(vocabulary: int, *, name: str) -> TransformerConfig:
    from olmo_core.nn.transformer import TransformerConfig

    return cast("TransformerConfig", getattr(TransformerConfig, name)(vocabulary))


def _ladder(name: str, learning_rate: float, description: str, shape: str, sizes: tuple[int, int]) -> Preset:
    # OLMo pads its embedding to a multiple of 128 rows: 100 278 tokens, 100 352 rows.
    return Preset(partial(_olmo2, name=name), learning_rate, 128, description, shape, sizes)


PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        "micro": Preset(
            partial(_small, width=128, layers=4, heads=8, feed_forward_multiple=8),
            4e-3,
            1,
            "4 layers of 8 heads, width 128, FFN 344: 1.05 M parameters at 1024 tokens; the microworld study",
            "c35d1ad414500879fa5c7cbec52982ec4171a929088d1d224e62d3ec9b6f36d6",
            (792_704, 256),
        ),
        "tiny": Preset(
            partial(_small, width=128, layers=5, heads=8, feed_forward_multiple=8),
            4e-3,
            1,
            "5 layers of 8 heads, width 128, FFN 344: 2.04 M parameters at 4096 tokens; real text on one machine",
            "eb832018dd51128be123f7e316eba8ae8931772ceed5be4ef18b7bf9e893ab02",
            (990_848, 256),
        ),
        "olmo2-30m": _ladder(
            "olmo2_30M",
            2e-3,
            "OLMo-core's olmo2_30M (named for its size at OLMo's vocabulary)",
            "44778e01ddf514abe3b5afe7cce53d9e2c00a835071200d77785347b4371098f",
            (3_412_224, 512),
        ),
        "olmo2-60m": _ladder(
            "olmo2_60M",
            1.5e-3,
            "OLMo-core's olmo2_60M",
            "827aa8f69d5ab3b78413ae47a4eb3fcef910aae84d34b304ca49d8c6c4aaf27c",
            (18_887_040, 768),
        ),
        "olmo2-100m": _ladder(
            "olmo2_100M",
            1e-3,
            "OLMo-core's olmo2_100M",
            "64295d335c39252445b9e6722e12889a8fb637d7e4719dfcf0be67b555615a76",
            (50_356_736, 1_024),
        ),
        "olmo2-190m": _ladder(
            "olmo2_190M",
            1e-3,
            "OLMo-core's olmo2_190M",
            "df358d5d6497aa7f3f7ecacb0f7621aab45da5b8937df0735593305deca7a118",
            (113_283_840, 1_536),
        ),
        "olmo2-370m": _ladder(
            "olmo2_370M",
            8e-4,
            "OLMo-core's olmo2_370M",
            "ab88bc55e930ab36a056960e64e7c4bc4e44555cec156b8346af4c9412bc8b1c",
            (268_502_016, 2_048),
        ),
        "olmo2-600m": _ladder(
            "olmo2_600M",
            6e-4,
            "OLMo-core's olmo2_600M",
            "469d5b8cf25c2fee00d7a23213f72523cbf4a80692917dd6ece20fc60bf12991",
            (462_509_376, 2_688),
        ),
        "olmo2-760m": _ladder(
            "olmo2_760M",
            5e-4,
            "OLMo-core's olmo2_760M",
            "2cb88d7361c6ff5a23e068348781ad3e7249318fe488596f178b8ddb6333a1ad",
            (604_079_616, 3_072),
        ),
        # Not `olmo2_1B`: the released OLMo-2-0425-1B has 16 layers, which OLMo-core calls v2.
        "olmo2-1b": _ladder(
            "olmo2_1B_v2",
            4e-4,
            "the released OLMo-2-0425-1B (olmo2_1B_v2): 1.48 B parameters",
            "62bba0f2b0e7d2e9ccfb32e44157d1aea5772444c97985fca04207b8bf51ba3c",
            (1_073_874_944, 4_096),
        ),
        "olmo2-7b": _ladder(
            "olmo2_7B",
            3e-4,
            "OLMo-core's olmo2_7B",
            "d977352eef7070becbc475bd78e45994334f16cdb9e2206f80f5658869c39ab7",
            (6_476_533_760, 8_192),
        ),
        "olmo2-13b": _ladder(
            "olmo2_13B",
            3e-4,
            "OLMo-core's olmo2_13B",
            "b52780932568c2df333ab6a60a79919fe78f0524257d3259fba052a1cf8d5db8",
            (12_688_593_920, 10_240),
        ),
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
    :raises HormesisError: unknown preset, a size that is no positive number, or OLMo-core is not installed.
    """
    for name, value in (("vocabulary", vocabulary), ("sequence_length", sequence_length)):
        if value is not None and value < 1:
            raise HormesisError(f"{name} = {value} is not a size", f"give a positive {name}")
    with needed_for("a preset's model"):
        return preset_named(preset).build(vocabulary)


def embedding_rows(preset: str, vocabulary: int) -> int:
    """How many rows the embedding gets for a tokenizer of ``vocabulary`` tokens: padded as OLMo does in the ladder."""
    multiple = preset_named(preset).vocabulary_multiple
    return -(-vocabulary // multiple) * multiple


def layers_and_heads(preset: str) -> tuple[int, int]:
    """How many layers a preset has, and how many attention heads each.

    :raises HormesisError: as :func:`model_config`.
    """
    config = model_config(preset, 1)
    return int(config.n_layers), int(config.block.sequence_mixer.n_heads)  # type: ignore[union-attr]


def shape_hash(preset: str) -> str:
    """What a preset's name stands for: the hash of OLMo-core's config, at a vocabulary of 1.

    A name is no shape: a preset may be redefined, here or by an OLMo-core release, and a model trained before must
    not pass for one trained after.
    """
    return preset_named(preset).shape


def built_shape(preset: str) -> str:
    """:func:`shape_hash` as the OLMo-core at hand builds it."""
    return content_hash(cast(Json, model_config(preset, 1).as_config_dict()))


def check_shape(preset: str) -> None:
    """:raises HormesisError: the OLMo-core at hand builds another shape than the preset's."""
    if built_shape(preset) != shape_hash(preset):
        raise HormesisError(
            f"OLMo-core {version('ai2-olmo-core')} builds another model for the preset '{preset}' than the one that"
            " studies were planned with",
            "install the OLMo-core that hormesis names (pip install 'hormesis[train]')",
        )


def parameter_count(preset: str, vocabulary: int) -> int:
    """Parameters of a preset, embedding and output matrix included, without allocating any.

    :raises HormesisError: unknown preset, or a vocabulary that is no positive number.
    """
    if vocabulary < 1:
        raise HormesisError(f"vocabulary = {vocabulary} is not a size", "give a positive vocabulary")
    fixed, each = preset_named(preset).sizes
    return fixed + each * vocabulary
