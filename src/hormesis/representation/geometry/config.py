"""What a user says about a survey of geometry."""

from __future__ import annotations

from typing import Literal

from hormesis.config import Config, Seed

Place = Literal["residual", "heads", "head"]
"""The residual stream after a layer; all heads of a layer side by side; every head on its own."""
Estimator = Literal["mean-difference", "lda"]
"""Of directions; ``lda`` whitens by the noise."""


class SurveyConfig(Config):
    """Where in a model concepts are surveyed, and how their directions are found."""

    place: Place = "residual"
    """The residual stream after each layer, all ``heads`` of a layer side by side, or every ``head`` on its own."""
    layers: tuple[int, ...] | None = None
    """Which, counted from 0; None: all."""
    estimator: Estimator = "mean-difference"
    lens: bool = True
    """Whether the toxicity direction of each layer is read through the unembedding; for the residual stream alone."""
    seed: Seed = 0
    """Of the split and of everything drawn."""
