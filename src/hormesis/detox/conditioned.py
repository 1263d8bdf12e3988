"""An intervention on a model that was trained to expect a condition before its text."""

from __future__ import annotations

from dataclasses import dataclass

from hormesis.detox.wrapped import Wrapped


@dataclass(frozen=True)
class Conditioned(Wrapped):
    """``intervention`` with a recipe's ``condition`` (:mod:`hormesis.corpus.recipes`) before every prompt."""

    condition: str
    belongs_to = "a condition belongs to the recipe of a model"

    def prepare(self, prompt: str) -> str:
        """The condition, then the prompt as the wrapped intervention prepares it."""
        return self.condition + self.intervention.prepare(prompt)
