"""Where the families of Hugging Face models keep what is read and steered, as names of modules."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import cast

from hormesis.errors import HormesisError
from hormesis.files import Json


@dataclass(frozen=True)
class Architecture:
    """The module names of one family of models: a value, so that it can be given, saved and compared.

    Heads need the first three names alone; steering of the residual stream also needs ``block``, and ablation
    ``writers``.

    :raises HormesisError: ``projection`` has no ``{layer}`` in it.
    """

    model_type: str
    """The family's ``config.model_type``."""
    decoder: str
    """Name of the module that runs the layers and is handed ``past_key_values``, e.g. ``"model"``."""
    projection: str
    """Name of the attention output projection with ``{layer}`` for the number of the layer; its input holds the heads
    side by side, e.g. ``"model.layers.{layer}.self_attn.o_proj"``."""
    block: str | None = None
    """Name of a layer, whose output is the residual stream after it, e.g. ``"model.layers.{layer}"``."""
    writers: tuple[str, ...] = ()
    """Names of all modules whose output is added to the residual stream, the embedding among them, last what a layer
    adds last. Where these are linear, an ablation or a shift can be written into their weights; where they are norms
    (OLMo-2, OLMo-3), it cannot."""
    without_attention: str | None = None
    """Name of what stands for ``projection`` in layers that have no attention (Qwen3-Next, LFM2): the output projection
    of their mixer. Its input is read as heads of the same width, which it must have room for."""

    def __post_init__(self) -> None:
        for name in (self.projection, self.without_attention):
            if name is not None and "{layer}" not in name:
                raise HormesisError(
                    f"the projection name {name!r} of {self.model_type!r} has no {{layer}}",
                    'write {layer} for the number of the layer, e.g. "model.layers.{layer}.self_attn.o_proj"',
                )

    def to_json(self) -> dict[str, Json]:
        """The fields as JSON."""
        fields = asdict(self)
        if self.without_attention is None:  # folders from before there was such a field stay what they are
            del fields["without_attention"]
        return fields

    @classmethod
    def from_file(cls, path: Path) -> Architecture:
        """The module names that a JSON file holds, under the names of the fields.

        :raises HormesisError: no such file, no JSON, or other fields.
        """
        example = (
            '{"model_type": "own", "decoder": "model", "projection": "model.layers.{layer}.self_attn.o_proj", '
            '"block": "model.layers.{layer}", "writers": ["model.embed_tokens", "model.layers.{layer}.mlp"]}'
        )
        try:
            fields = json.loads(path.read_text(encoding="utf-8"))
            found = cls.from_json(fields)
            given = [*(fields[name] for name in fields if name != "writers"), *fields.get("writers", ())]
            if found is None or not all(isinstance(value, str) for value in given):
                raise TypeError("a name is no string")
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise HormesisError(
                f"{path} names no modules ({type(error).__name__}: {error})",
                f"write a JSON object with the names that print(model) shows: {example}",
            ) from error
        return found

    @classmethod
    def from_json(cls, fields: Json) -> Architecture | None:
        """What :meth:`to_json` gave; None for null.

        :raises TypeError: the fields are others.
        """
        if not fields:
            return None
        given = dict(cast("Mapping[str, Json]", fields))
        writers = tuple(cast("Sequence[str]", given.pop("writers", ())))
        return cls(**cast("dict[str, str]", given), writers=writers)


def _llama_like(
    model_type: str,
    attention_writer: str = "self_attn.o_proj",
    feed_forward_writer: str = "mlp.down_proj",
    decoder: str = "model",
) -> Architecture:
    block = f"{decoder}.layers.{{layer}}"
    return Architecture(
        model_type,
        decoder,
        f"{block}.self_attn.o_proj",
        block,
        (f"{decoder}.embed_tokens", f"{block}.{attention_writer}", f"{block}.{feed_forward_writer}"),
    )


def _norm_behind(model_type: str, decoder: str = "model") -> Architecture:
    """OLMo-2 and its heirs, Gemma 2 and 3 normalise what a sublayer gives before it is added to the stream."""
    return _llama_like(model_type, "post_attention_layernorm", "post_feedforward_layernorm", decoder)


def _mixture_of_experts(model_type: str) -> Architecture:
    """What the experts of a layer write is one sum: the output of the module that holds them."""
    return _llama_like(model_type, feed_forward_writer="mlp")


ARCHITECTURES: Mapping[str, Architecture] = MappingProxyType(
    {
        architecture.model_type: architecture
        for architecture in (
            *map(_llama_like, ("llama", "olmo", "mistral", "qwen2", "qwen3", "gemma", "smollm3", "phi3")),
            *map(_mixture_of_experts, ("olmoe", "qwen3_moe", "mixtral", "gpt_oss")),
            *map(_norm_behind, ("olmo2", "olmo3", "gemma2", "gemma3_text")),
            _norm_behind("gemma3", "model.language_model"),
            Architecture(
                "gpt2",
                "transformer",
                "transformer.h.{layer}.attn.c_proj",
                "transformer.h.{layer}",
                (
                    "transformer.wte",
                    "transformer.wpe",
                    "transformer.h.{layer}.attn.c_proj",
                    "transformer.h.{layer}.mlp.c_proj",
                ),
            ),
            Architecture(
                "gpt_neox",
                "gpt_neox",
                "gpt_neox.layers.{layer}.attention.dense",
                "gpt_neox.layers.{layer}",
                (
                    "gpt_neox.embed_in",
                    "gpt_neox.layers.{layer}.attention.dense",
                    "gpt_neox.layers.{layer}.mlp.dense_4h_to_h",
                ),
            ),
        )
    }
)
"""The families known without being told, by ``config.model_type``."""
