"""What a model's size allows, known from its preset before it is trained."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from hormesis.detox import FromOwnSamples
from hormesis.errors import HormesisError

if TYPE_CHECKING:
    from hormesis.study.config import StudyConfig
    from hormesis.study.methods import MethodArms


def check_lengths(config: StudyConfig, root: Path | None) -> None:
    """:raises HormesisError: a continuation, or what a method puts before prompts, would leave no room for a prompt."""
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
    room, count = length - config.evaluation.generation.max_new_tokens, _count(config, root)
    for method in config.methods:
        if (before := method.tokens_before(count)) >= room:
            raise HormesisError(
                f"{method.method} puts {before:,} tokens or more before every prompt, and"
                f" {config.evaluation.generation.max_new_tokens} are to be written after it: models are trained on rows"
                f" of {length} tokens, which is all that they read",
                "shorten what stands before the prompt, lower max_new_tokens, or raise `training.sequence_length`",
            )


def _count(config: StudyConfig, root: Path | None) -> Callable[[str], int]:
    """Tokens of a text: exactly, if the tokenizer is there; else its words, each of which is a token at least."""
    path = config.tokenizer.path
    if path is None:
        return lambda text: len(text.split())
    from hormesis.corpus import load_tokenizer

    tokenizer = load_tokenizer(path if root is None else root / path)
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False))


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
