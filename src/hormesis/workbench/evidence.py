"""From labelled texts and a model to what every method is fitted on; each text is read once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from hormesis.corpus import LabelledTexts
from hormesis.detox import Evidence, Learner, PreferenceConfig, PreferencePair, SupervisedConfig
from hormesis.representation import Architecture, DirectionKind, capture_heads_and_residual, fit_probes, split_by_group
from hormesis.workbench.loading import Loaded

_HEADS_SHARE = 30 / 256
"""Of all heads: how many the paper edits."""


def gather(
    loaded: Loaded,
    concept: LabelledTexts | None,
    *,
    heads: int | None = None,
    layer: int | None = None,
    direction: DirectionKind = "mass-mean",
    seed: int = 0,
    batch_size: int = 32,
    pairs: Sequence[PreferencePair] = (),
    supervised: SupervisedConfig | None = None,
    preference: PreferenceConfig | None = None,
    architecture: Architecture | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Evidence:
    """Capture heads and residual stream on the concept's texts, split them by group, and fit the probes.

    :param concept: None for a method that needs no labelled texts: nothing is read, and any architecture will do.
    :param heads: how many heads are edited; None: the paper's share of all heads, 30 of 256, at least one.
    :param layer: for methods on the residual stream; None: that of the best probe on validation.
    :param seed: of the split and of the controls' draws.
    :param pairs: for methods that fine-tune (a copy of) the model.
    :param supervised: how SFT and the experts of DExperts are trained.
    :param preference: how DPO is trained.
    :param architecture: module names of a family that is not known.
    :param progress: called with (texts captured, texts).
    :raises HormesisError: unknown architecture, a text without a token, labels of one class, too few groups.
    """
    learner = Learner(
        loaded.model,
        loaded.tokenizer,
        tuple(pairs),
        supervised or SupervisedConfig(),
        preference or PreferenceConfig(),
    )
    if concept is None:
        return Evidence(None, np.zeros(0, dtype=bool), None, heads=0, seed=seed, learner=learner)
    activations, residual = capture_heads_and_residual(
        loaded.model,
        loaded.tokenizer,
        concept.texts,
        batch_size=batch_size,
        architecture=architecture,
        progress=progress,
    )
    probes = fit_probes(activations, concept.labels, split_by_group(concept.groups, seed))
    every = activations.layers * activations.heads
    return Evidence(
        activations,
        concept.labels,
        probes,
        heads=heads or max(1, round(_HEADS_SHARE * every)),
        seed=seed,
        direction=direction,
        residual=residual,
        layer=layer,
        texts=concept.texts,
        learner=learner,
    )
