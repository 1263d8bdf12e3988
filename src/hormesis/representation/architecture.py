"""Where the families of Hugging Face models keep what is read and steered, as names of modules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
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

    def __post_init__(self) -> None:
        if "{layer}" not in self.projection:
            raise HormesisError(
                f"the projection name {self.projection!r} of {self.model_type!r} has no {{layer}}",
                'write {layer} for the number of the layer, e.g. "model.layers.{layer}.self_attn.o_proj"',
            )

    def to_json(self) -> dict[str, Json]:
        """The fields as JSON."""
        return asdict(self)

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
    model_type: str, attention_writer: str = "self_attn.o_proj", feed_forward_writer: str = "mlp.down_proj"
) -> Architecture:
    block = "model.layers.{layer}"
    return Architecture(
        model_type,
        "model",
        f"{block}.self_attn.o_proj",
        block,
        ("model.embed_tokens", f"{block}.{attention_writer}", f"{block}.{feed_forward_writer}"),
    )


def _norm_behind(model_type: str) -> Architecture:
    """OLMo-2 and its heirs, and Gemma 2, normalise what a sublayer gives before it is added to the stream."""
    return _llama_like(model_type, "post_attention_layernorm", "post_feedforward_layernorm")


ARCHITECTURES: Mapping[str, Architecture] = MappingProxyType(
    {
        architecture.model_type: architecture
        for architecture in (
            *map(_llama_like, ("llama", "olmo", "mistral", "qwen2", "qwen3", "gemma", "smollm3")),
            *map(_norm_behind, ("olmo2", "olmo3", "gemma2")),
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
