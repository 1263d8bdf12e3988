"""Where a command says what it found: tables and lines for people, or one JSON value; progress goes to stderr."""

from __future__ import annotations

import dataclasses
import json
import logging
import math
from collections.abc import Mapping
from contextlib import AbstractContextManager
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hormesis.legible import legible

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from hormesis.cli.progress import Steps
    from hormesis.files import Json


class Screen:
    """What a person, or a program that called us, gets to see.

    Text is printed as it is: ``[brackets]`` in a path or prompt are no markup.
    """

    def __init__(self) -> None:
        self.as_json = self.quiet = False

    def choose(self, *, as_json: bool = False, quiet: bool = False, verbose: bool = False) -> None:
        """Take what a user chose, before or after the name of a command."""
        self.as_json |= as_json
        self.quiet |= quiet
        if verbose:
            logging.getLogger().setLevel(logging.INFO)

    @property
    def console(self) -> Console:
        """Standard output, for people: silent with ``--json`` and ``--quiet``."""
        return legible_console(quiet=self.as_json or self.quiet)

    @property
    def progress(self) -> Console:
        """Standard error, for what is only true for a while: silent with ``--quiet``."""
        return legible_console(stderr=True, quiet=self.quiet)

    def say(self, *lines: RenderableType) -> None:
        """Lines and tables for people."""
        from rich.text import Text

        console = self.console
        for line in lines:
            console.print(line, soft_wrap=isinstance(line, str | Text))

    def result(self, value: object) -> None:
        """What was found, for programs: printed with ``--json`` alone, and last."""
        if self.as_json:
            print(json.dumps(as_json(value), indent=2, ensure_ascii=False, allow_nan=False))  # noqa: T201

    def steps(self) -> AbstractContextManager[Steps]:
        """The progress of named steps, until the block ends."""
        from hormesis.cli.progress import Steps

        return Steps.shown(self.progress)


def legible_console(*, stderr: bool = False, quiet: bool = False) -> Console:
    """Prints text as it is: brackets are no markup, and control characters, which could command a terminal, are shown
    as U+FFFD."""
    from rich.console import Console  # ``--version`` does without
    from rich.text import Text

    class LegibleConsole(Console):
        def render_str(self, text: str, **how: Any) -> Text:
            return super().render_str(legible(text), **how)

        def print(self, *lines: RenderableType, **how: Any) -> None:
            super().print(*(_legible(line) for line in lines), **how)

    def _legible(line: RenderableType) -> RenderableType:
        if isinstance(line, Text) and legible(line.plain) != line.plain:
            line = line.copy()
            line.plain = legible(line.plain)  # as long as it was: its styles stay where they are
        return line

    return LegibleConsole(stderr=stderr, quiet=quiet, markup=False, highlight=False)


def as_json(value: object) -> Json:
    """``value`` as JSON has it: dataclasses, frames and arrays by their contents, what is not finite as null."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Enum):
        return as_json(value.value)
    if isinstance(value, Mapping):
        return {str(key): as_json(each) for key, each in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if hasattr(value, "to_dict"):  # a frame
        return as_json(value.to_dict("records"))
    if hasattr(value, "model_dump"):
        return as_json(value.model_dump(mode="json"))
    if hasattr(value, "tolist"):  # arrays and their numbers
        return as_json(value.tolist())
    if isinstance(value, list | tuple | set | frozenset):
        return [as_json(each) for each in value]
    return None if str(value) in ("<NA>", "NaT") else str(value)
