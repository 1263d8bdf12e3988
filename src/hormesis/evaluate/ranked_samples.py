"""Pairs of a model's own continuations, ranked by a scorer: what preference tuning learns from.

As Tian et al. 2023 (arXiv 2311.08401) rank samples of the model that is tuned; here by toxicity.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hormesis.detox import PreferencePair, Unsteered, ranked_pairs
from hormesis.evaluate.continuations import GenerationConfig
from hormesis.evaluate.generation import generate
from hormesis.evaluate.scorer import Scorer
from hormesis.evaluate.scoring import score_generations
from hormesis.models import LanguageModel


def own_pairs(
    lm: LanguageModel,
    prompts: Sequence[str],
    scorer: Scorer,
    generation: GenerationConfig,
    *,
    margin: float,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[PreferencePair, ...]:
    """Continue ``prompts``, score the continuations, and rank them (:func:`~hormesis.detox.ranked_pairs`).

    :param scorer: one that never evaluates the result.
    :param progress: called with (prompts continued, prompts).
    :raises HormesisError: as :func:`generate` and :func:`~hormesis.detox.ranked_pairs`.
    """
    continued = generate(lm, prompts, Unsteered(), (0.0,), generation, progress=progress)
    scores = score_generations(continued, scorer)[:, 0]
    return ranked_pairs(prompts, [samples[0] for samples in continued.texts], scores, margin=margin)
