"""The scorer that knows the microworld's truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from hormesis.corpus import Microworld
from hormesis.errors import HormesisError
from hormesis.evaluate.scorer import Scorer
from hormesis.evaluate.scorers.base import ScorerKind
from hormesis.evaluate.scorers.registry import scorer
from hormesis.files import content_hash


@dataclass(frozen=True)
class MicroworldScorer:
    """The exact toxicity of a text of ``microworld``."""

    microworld: Microworld
    name: str = "microworld"

    @property
    def revision(self) -> str:
        """The hash of the world's config."""
        return content_hash(self.microworld.config.model_dump(mode="json"))[:12]

    def score(self, texts: Sequence[str]) -> np.ndarray:
        """See :class:`Scorer`."""
        return np.array([self.microworld.toxicity(text) for text in texts], dtype=np.float64)


@scorer
class MicroworldKind(ScorerKind):
    """The exact truth of the microworld."""

    kind: Literal["microworld"]
    needs_microworld = True
    worth_caching = False

    def open(self, folder: Path, world: Microworld | None) -> Scorer:  # noqa: ARG002
        """See :class:`MicroworldScorer`."""
        if world is None:
            raise HormesisError("the microworld's scorer judges texts of a microworld", "take another scorer")
        return MicroworldScorer(world)

    def is_same_model(self, other: ScorerKind) -> bool:
        """There is one truth."""
        return isinstance(other, MicroworldKind)
