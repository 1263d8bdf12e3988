"""Where the families of Hugging Face models keep their attention heads, as three strings each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType

from hormesis.errors import HormesisError


@dataclass(frozen=True)
class Architecture:
    """The module names of one family of models: a value, so that it can be given, saved and compared.

    :raises HormesisError: ``projection`` has no ``{layer}`` in it.
    """

    model_type: str
    """The family's ``config.model_type``."""
    decoder: str
    """Name of the module that runs the layers and is handed ``past_key_values``, e.g. ``"model"``."""
    projection: str
    """Name of the attention output projection with ``{layer}`` for the number of the layer; its input holds the heads
    side by side, e.g. ``"model.layers.{layer}.self_attn.o_proj"``."""

    def __post_init__(self) -> None:
        if "{layer}" not in self.projection:
            raise HormesisError(
                f"the projection name {self.projection!r} of {self.model_type!r} has no {{layer}}",
                'write {layer} for the number of the layer, e.g. "model.layers.{layer}.self_attn.o_proj"',
            )

    def to_json(self) -> dict[str, str]:
        """The fields as JSON."""
        return asdict(self)


def _llama_like(model_type: str) -> Architecture:
    return Architecture(model_type, "model", "model.layers.{layer}.self_attn.o_proj")


ARCHITECTURES: Mapping[str, Architecture] = MappingProxyType(
    {
        architecture.model_type: architecture
        for architecture in (
            *map(_llama_like, ("llama", "olmo", "olmo2", "olmo3", "qwen2")),
            Architecture("gpt2", "transformer", "transformer.h.{layer}.attn.c_proj"),
            Architecture("gpt_neox", "gpt_neox", "gpt_neox.layers.{layer}.attention.dense"),
        )
    }
)
"""The families known without being told, by ``config.model_type``."""
