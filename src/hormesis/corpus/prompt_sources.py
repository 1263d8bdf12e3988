"""What a user writes about prompts: from a file, or from the microworld."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from hormesis.config import Config
from hormesis.corpus.prompts import PromptConfig


class FilePrompts(PromptConfig):
    """Prompts from a file."""

    source: Literal["file"] = "file"


class MicroworldPrompts(Config):
    """Prompts from the microworld of the corpus."""

    source: Literal["microworld"]
    count: int = Field(default=120, ge=3)


def source_of(value: object) -> str:
    """Which member of a union a section means: a file, unless it says ``source: microworld``."""
    named = value.get("source", "file") if isinstance(value, Mapping) else getattr(value, "source", "file")
    return str(named)


Prompts = Annotated[
    Annotated[FilePrompts, Tag("file")] | Annotated[MicroworldPrompts, Tag("microworld")], Discriminator(source_of)
]
