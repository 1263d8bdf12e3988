"""What a user says of attacks that fine-tune."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field, field_validator

from hormesis.config import Config, Seed

if TYPE_CHECKING:
    from hormesis.detox import SupervisedConfig

TamperingKind = Literal["benign", "adversarial"]


class TamperingConfig(Config):
    """The attacker's budgets, and how the attacker trains."""

    steps: tuple[int, ...] = Field(default=(5, 10, 20, 50, 100, 200), min_length=1, description="beside 0")
    batch: int = Field(default=16, ge=1, description="examples of a step")
    learning_rate: float = Field(default=1e-4, gt=0, description="at its peak")
    rank: int | None = Field(default=None, ge=1, description="of LoRA; null: all weights are trained")
    max_length: int = Field(default=128, ge=2, description="tokens of an example")
    seed: Seed = 0

    @field_validator("steps")
    @classmethod
    def _ascending(cls, steps: tuple[int, ...]) -> tuple[int, ...]:
        if min(steps) < 1 or len(set(steps)) != len(steps):
            raise ValueError("a number of steps is below 1 (0 is always measured) or listed twice")
        return tuple(sorted(steps))

    def supervised(self, steps: int, longest: int) -> SupervisedConfig:
        """One attack of ``steps`` steps, with examples of at most ``longest`` tokens."""
        from hormesis.detox import SupervisedConfig

        return SupervisedConfig(
            steps=steps,
            batch=self.batch,
            learning_rate=self.learning_rate,
            rank=self.rank,
            max_length=min(self.max_length, longest),
            seed=self.seed,
        )
