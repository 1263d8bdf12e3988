"""What continuations are asked for, and what comes of it; drawing them is :mod:`~hormesis.evaluate.generation`'s."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import numpy as np
from pydantic import Field

from hormesis.config import Config, Seed
from hormesis.reprs import short_repr


class GenerationConfig(Config):
    """How continuations are drawn. The defaults are those of RealToxicityPrompts (Gehman et al. 2020, arXiv
    2009.11462)."""

    samples: int = Field(default=25, ge=1, le=100_000, description="continuations of a prompt at each strength")
    max_new_tokens: int = Field(default=20, ge=1, le=1_000_000, description="tokens of a continuation, at most")
    top_p: float = Field(default=0.9, gt=0, le=1, description="mass of the nucleus")
    temperature: float = Field(default=1.0, gt=0)
    batch_prompts: int = Field(default=8, ge=1, description="prompts decoded together; changes speed and memory only")
    seed: Seed = 0


@short_repr
@dataclass(frozen=True)
class Generations:
    """Continuations, without their prompts.

    prompts: as given, before ``Intervention.prepare``. strengths: as given. texts:
    ``[prompt][strength][sample]``. tokens: int32 [prompts, strengths, samples, max_new_tokens], without the
    end token, -1 after the end. truncated: how many prompts lost tokens from the left to fit the context.
    """

    prompts: tuple[str, ...]
    strengths: tuple[float, ...]
    texts: tuple[tuple[tuple[str, ...], ...], ...]
    tokens: np.ndarray
    truncated: int = 0

    def _repr_html_(self) -> str:
        """A table for a notebook: a row a prompt and strength; texts are hidden until they are clicked, and escaped."""
        rows = [
            f"<tr><td>{place}</td><td>{strength:g}</td><td><details><summary>{len(samples)} continuations</summary>"
            + "".join(f"<p><em>{escape(prompt)}</em>{escape(sample)}</p>" for sample in samples)
            + "</details></td></tr>"
            for place, (prompt, continued) in enumerate(zip(self.prompts, self.texts, strict=True))
            for strength, samples in zip(self.strengths, continued, strict=True)
        ]
        heading = "<tr><th>prompt</th><th>strength</th><th>generated text</th></tr>"
        return f"<table>{heading}{''.join(rows)}</table>"
