"""An arm: which model of a study, and the coordinates that its measurement rows carry."""

from __future__ import annotations

from pydantic import model_validator

from hormesis.config import Config, Seed
from hormesis.measurements.rows import PLAIN


class Seeds(Config):
    """One replication. The initialisation is shared by all shares; data and order follow it unless given."""

    init: Seed
    data: Seed
    order: Seed

    @model_validator(mode="before")
    @classmethod
    def _from_number(cls, value: object) -> object:
        return {"init": value, "data": value, "order": value} if isinstance(value, int) else value


class Arm(Config):
    """Which model of the study: the coordinates that its measurement rows carry."""

    share: float
    budget: str
    seeds: Seeds
    recipe: str = PLAIN
    """How the corpus became training rows, as measurements name it."""
