"""From labelled texts and a model to what every method is fitted on; each text is read once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from hormesis.corpus import LabelledTexts
from hormesis.detox import Evidence, Learner, PreferencePair
from hormesis.models import LanguageModel
from hormesis.representation import Architecture, capture_heads_and_residual, fit_probes, split_by_group


def gather(
    lm: LanguageModel,
    concept: LabelledTexts | None,
    *,
    seed: int = 0,
    batch_size: int = 32,
    pairs: Sequence[PreferencePair] = (),
    architecture: Architecture | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Evidence:
    """Capture heads and residual stream on the concept's texts, split them by group, and fit the probes.

    :param concept: None for a method that needs no labelled texts: nothing is read, and any architecture will do.
    :param seed: of the split and of the controls' draws.
    :param pairs: for methods that fine-tune (a copy of) the model.
    :param architecture: module names of a family that is not known.
    :param progress: called with (texts captured, texts).
    :raises HormesisError: unknown architecture, a text without a token, labels of one class, too few groups.
    """
    learner = Learner(lm, tuple(pairs))
    if concept is None:
        return Evidence(None, np.zeros(0, dtype=bool), None, seed=seed, learner=learner)
    activations, residual = capture_heads_and_residual(
        lm,
        concept.texts,
        batch_size=batch_size,
        architecture=architecture,
        progress=progress,
    )
    probes = fit_probes(activations, concept.labels, split_by_group(concept.groups, seed))
    return Evidence(
        activations,
        concept.labels,
        probes,
        seed=seed,
        residual=residual,
        read_texts=lambda: concept.texts,
        learner=learner,
    )
