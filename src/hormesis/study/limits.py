"""What a model's size allows, known from its preset before it is trained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hormesis.detox import FromOwnSamples
from hormesis.errors import HormesisError

if TYPE_CHECKING:
    from hormesis.study.config import StudyConfig
    from hormesis.study.methods import MethodArms


def check_lengths(config: StudyConfig) -> None:
    """:raises HormesisError: a continuation would leave no room for a prompt."""
    length = config.training.sequence_length
    wanted = {"evaluation.generation": config.evaluation.generation.max_new_tokens}
    wanted |= {one.arm: one.max_new_tokens for one in config.methods if isinstance(one, FromOwnSamples)}
    for name, tokens in wanted.items():
        if tokens >= length:
            raise HormesisError(
                f"`max_new_tokens: {tokens}` of {name} leaves no room for a prompt: models are trained on rows of"
                f" {length} tokens, which is all that they read",
                "lower max_new_tokens, or raise `training.sequence_length`",
            )


def check_sites(method: MethodArms, preset: str, layers: int, heads: int) -> None:
    """:raises HormesisError: the method edits heads or a layer that the preset's model has not."""
    if method.edited_heads is not None and method.edited_heads > layers * heads:
        raise HormesisError(
            f"{method.arm} asks for {method.edited_heads:,} heads, and {preset} has {layers * heads}",
            f"choose between 1 and {layers * heads} heads",
        )
    layer = getattr(method, "layer", None)
    if isinstance(layer, int) and layer >= layers:
        raise HormesisError(
            f"{method.arm} asks for layer {layer}, and {preset} has the layers 0 to {layers - 1}",
            "name one of them, or none: that of the best probe is then taken",
        )
