"""Ask a scorer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hormesis.evaluate.behaviour.functions import SNIPPETS, BehaviourFunction, behaviour_functions
from hormesis.evaluate.scorer import Scorer
from hormesis.measurements import BehaviourTable, FunctionResult
from hormesis.measurements.behaviour_table import TOXIC_SNIPPETS
from hormesis.measurements.rows import TOXIC_SCORE


def check_behaviour(
    scorer: Scorer, clean: Sequence[str] = (), toxic: Sequence[str] = (), *, english: bool = True
) -> BehaviourTable:
    """The share of each function's texts that ``scorer`` gives at least 0.5.

    :param clean: non-toxic texts of the kind that models are trained on, cut to what they write
        (:func:`~hormesis.evaluate.behaviour.snippets`).
    :param toxic: toxic ones, likewise; that some snippets of a toxic text are harmless is no error of the scorer's.
    :param english: whether to ask the shipped sentences, which another language's scorer cannot know.
    """
    functions = [*behaviour_functions()] if english else []
    cut = [
        BehaviourFunction(SNIPPETS, toxic=False, plain=True, sentences=tuple(clean)),
        BehaviourFunction(TOXIC_SNIPPETS, toxic=True, plain=False, sentences=tuple(toxic)),
    ]
    functions = [each for each in cut if each.sentences] + functions
    scores = scorer.score([text for each in functions for text in each.sentences])
    parts = np.split(scores, np.cumsum([len(each.sentences) for each in functions])[:-1]) if functions else []
    results = tuple(
        FunctionResult(
            each.name, each.toxic, each.plain, int((part >= TOXIC_SCORE).sum()), int(np.isfinite(part).sum())
        )
        for each, part in zip(functions, parts, strict=True)
    )
    return BehaviourTable(scorer.name, scorer.revision, results)
