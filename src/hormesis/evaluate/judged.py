"""From continuations and their scores to the table of prompts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from hormesis.corpus import Prompt
from hormesis.errors import HormesisError
from hormesis.evaluate.continuations import Generations
from hormesis.evaluate.text_metrics import text_measures
from hormesis.evaluate.toxicity import toxicity_metrics
from hormesis.measurements.prompt_table import KEYS, PromptTable


def prompt_table(domain: str, prompts: Sequence[Prompt], generations: Generations, scores: np.ndarray) -> PromptTable:
    """Summarise the scored ``generations`` of ``prompts``.

    :param domain: ``rtp``, ``toxigen``, ….
    :param scores: [prompts, strengths, samples], NaN where scoring failed.
    :raises HormesisError: the scores do not belong to the generations, or these not to the prompts.
    """
    shape = generations.tokens.shape[:3]
    if scores.shape != shape or len(prompts) != shape[0]:
        raise HormesisError(
            f"{len(prompts)} prompts, generations {shape} and scores {scores.shape} do not match",
            "pass the prompts that were continued and scores [prompts, strengths, samples]",
        )
    strengths = np.array(generations.strengths)
    texts = text_measures(generations)
    sound = np.isfinite(scores) & texts.sound
    measured = vars(toxicity_metrics(scores)) | {"sound": sound.sum(-1).astype(np.float64)}
    measured["sound_mean"] = np.where(sound, scores, 0.0).sum(-1) / np.where(sound.any(-1), sound.sum(-1), np.nan)
    if taken := sorted(texts.values.keys() & (measured.keys() | set(KEYS))):
        raise HormesisError(f"a text metric is called {taken[0]}, like a column", "give it another name")
    measured |= texts.values
    frame = pd.DataFrame({name: array.reshape(-1) for name, array in measured.items()})
    every = len(strengths)
    frame["domain"] = domain
    frame["prompt"] = np.repeat(np.arange(len(prompts)), every)
    frame["toxic"] = pd.array([p.toxic for p in prompts for _ in strengths], dtype="boolean")
    frame["group"] = [p.group for p in prompts for _ in strengths]
    frame["strength"] = np.tile(strengths, len(prompts))
    return PromptTable(frame)
