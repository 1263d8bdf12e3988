"""Continuations from tokens, or from texts."""

from __future__ import annotations

import numpy as np

from hormesis.evaluate import Generations, text_measures

PROMPT = "the calm river crosses the wide green meadow"


def of_tokens(tokens: list[list[list[list[int]]]]) -> Generations:
    """[prompts, strengths, samples, steps], -1 after the end."""
    ids = np.array(tokens, dtype=np.int32)
    texts = tuple(
        tuple(tuple("".join(f"w{token} " for token in row if token >= 0) for row in samples) for samples in prompt)
        for prompt in ids
    )
    return Generations(tuple("p" * (place + 1) for place in range(len(ids))), (0.0, 1.0)[: ids.shape[1]], texts, ids)


def of_texts(texts: list[str]) -> Generations:
    """The samples of one prompt at one strength."""
    tokens = np.arange(len(texts) * 6, dtype=np.int32).reshape(1, 1, len(texts), 6)
    return Generations((PROMPT,), (0.0,), ((tuple(texts),),), tokens)


LOOPING, ENDED, NOTHING = [1, 2, 1, 2, 1, 2], [1, 2, 3, -1, -1, -1], [-1] * 6
TWO_STRENGTHS = of_tokens([[[LOOPING, ENDED], [NOTHING, NOTHING]]])


def measured(metric: str) -> list[float]:
    """Of :data:`TWO_STRENGTHS`: at both strengths."""
    values: list[float] = text_measures(TWO_STRENGTHS).values[metric][0].tolist()
    return values
