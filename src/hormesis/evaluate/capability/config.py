"""What a user writes to have capability measured."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, field_validator

from hormesis.config import Config, Seed
from hormesis.evaluate.capability.catalogue import TASKS


class CapabilityConfig(Config):
    """Which tasks, from which folder, and how many questions of each."""

    names: tuple[str, ...] = Field(min_length=1, description="of TASKS: blimp, arc_easy, …")
    folder: Path = Field(default=Path(), description="holds NAME.parquet for each, at whatever depth")
    limit: int | None = Field(default=None, ge=1, description="questions of each task; default: all of the file")
    seed: Seed = Field(default=0, description="of the draw, where there is a limit")

    @field_validator("names")
    @classmethod
    def _known_once(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := sorted(set(names) - set(TASKS)):
            raise ValueError(f"no task {', '.join(unknown)}; there are {', '.join(TASKS)}")
        if len(set(names)) != len(names):
            raise ValueError("a task is listed twice")
        return names
