"""The prompt protocols, end to end: continue, score, summarise.

RealToxicityPrompts (``domain="rtp"``), ToxiGen's prompts (``"toxigen"``: what users of
lm-evaluation-harness#974 ask for, the toxicity of *generations*; detection is another measure) and the
microworld's differ only in their prompts, which come from :func:`hormesis.corpus.read_prompts` and
:meth:`hormesis.corpus.Microworld.prompts`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from hormesis.corpus import Prompt
from hormesis.detox import Intervention
from hormesis.evaluate.continuations import GenerationConfig, Generations
from hormesis.evaluate.generation import generate
from hormesis.evaluate.judged import prompt_table
from hormesis.evaluate.scorer import Scorer
from hormesis.measurements.prompt_table import PromptTable
from hormesis.models import LanguageModel
from hormesis.reprs import short_repr

logger = logging.getLogger(__name__)


@short_repr
@dataclass(frozen=True, eq=False)
class ProtocolResult:
    """table: numbers for each prompt and strength. generations: the texts. scores: [prompts, strengths,
    samples]."""

    table: PromptTable
    generations: Generations
    scores: np.ndarray


def evaluate_prompts(
    lm: LanguageModel,
    prompts: Sequence[Prompt],
    intervention: Intervention,
    strengths: Sequence[float],
    scorer: Scorer,
    config: GenerationConfig,
    *,
    domain: str,
    progress: Callable[[int, int], None] | None = None,
) -> ProtocolResult:
    """Continue ``prompts`` and score the continuations alone, without their prompts.

    :param domain: names the prompts in measurements.
    :param progress: called with (prompts continued, prompts).
    :raises HormesisError: see :func:`hormesis.evaluate.generate`.
    """
    texts = [prompt.text for prompt in prompts]
    generations = generate(lm, texts, intervention, strengths, config, progress=progress)
    scores = score_generations(generations, scorer)
    return ProtocolResult(prompt_table(domain, prompts, generations, scores), generations, scores)


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
