"""Scores of continuations, each text asked for once."""

from __future__ import annotations

import logging

import numpy as np

from hormesis.evaluate.continuations import Generations
from hormesis.evaluate.scorer import Scorer

logger = logging.getLogger(__name__)


def score_generations(generations: Generations, scorer: Scorer) -> np.ndarray:
    """Scores of all continuations, float64 [prompts, strengths, samples]; equal texts are scored once.

    Scores outside [0, 1] are a defect of a scorer, and raise ``ValueError``.
    """
    flat = [text for prompt in generations.texts for samples in prompt for text in samples]
    places = {text: place for place, text in enumerate(dict.fromkeys(flat))}
    distinct = np.asarray(scorer.score(list(places)), dtype=np.float64)
    if distinct.shape != (len(places),) or np.nanmin(distinct, initial=0) < 0 or np.nanmax(distinct, initial=1) > 1:
        raise ValueError(f"the scorer {scorer.name} does not give one score in [0, 1] for each text")
    scores = distinct[[places[text] for text in flat]]
    failed = int(np.isnan(scores).sum())
    if failed:
        logger.warning("%s gave no score to %d of %d continuations", scorer.name, failed, len(flat))
    return scores.reshape(generations.tokens.shape[:3])
