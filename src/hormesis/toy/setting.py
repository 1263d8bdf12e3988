"""One setting of the toy: all that the paper states or leaves open, as options with stated defaults."""

from __future__ import annotations

import json
from typing import cast

from pydantic import BaseModel, ConfigDict, Field, field_validator

from hormesis.errors import HormesisError
from hormesis.files import Json, content_hash
from hormesis.toy.chains import WorldConfig
from hormesis.toy.directions import ReadingConfig
from hormesis.toy.model import ModelConfig
from hormesis.toy.training import TrainingConfig

#: Nine shares of the rare chain, up to the one that makes three chains equal.
DEFAULT_SHARES = (0.005, 0.01, 0.02, 0.04, 0.08, 0.12, 0.18, 0.25, 1 / 3)


class Setting(BaseModel):
    """A world, a model, how it is trained and read, and which members are trained.

    The default is the paper's set-up (three chains over four states, 12 features, 4 layers, width 4); where the
    paper is silent, the default is what its independent replication took, or a stated choice of ours.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    world: WorldConfig = Field(default_factory=WorldConfig)
    model: ModelConfig = Field(default_factory=ModelConfig)
    training: TrainingConfig = Field(default_factory=TrainingConfig)
    reading: ReadingConfig = Field(default_factory=ReadingConfig)
    shares: tuple[float, ...] = Field(
        default=DEFAULT_SHARES, min_length=1, description="shares of the rare chain, of all tokens"
    )
    seeds: int = Field(default=20, ge=1, description="seeds at each share")
    first_seed: int = Field(default=0, ge=0, description="the first of the seeds")
    learned_excess: float = Field(
        default=0.1,
        gt=0,
        description="a chain counts as learned up to this loss above its floor, nats a token",
    )

    @field_validator("shares")
    @classmethod
    def _shares_rise(cls, shares: tuple[float, ...]) -> tuple[float, ...]:
        for share in shares:
            if not 0.0 < share < 1.0:
                raise HormesisError(
                    f"the rare chain's share is {share}: a chain that is never shown (or shown alone) has no "
                    "feature to compare",
                    "give shares above 0 and below 1",
                )
        if list(shares) != sorted(set(shares)):
            raise HormesisError(f"the shares {shares} do not rise", "give each share once, in rising order")
        return shares

    @property
    def seed_numbers(self) -> tuple[int, ...]:
        """The seeds themselves."""
        return tuple(range(self.first_seed, self.first_seed + self.seeds))

    def identity(self) -> str:
        """A hash of everything in the setting: equal settings give equal results."""
        return content_hash(self.as_json())

    def as_json(self) -> Json:
        """The setting as JSON values."""
        return cast(Json, json.loads(self.model_dump_json()))
