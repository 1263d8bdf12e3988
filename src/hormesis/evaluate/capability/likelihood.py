"""Log-likelihoods of one's own answers, by the rules of :mod:`~hormesis.evaluate.capability.steered_model`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch

from hormesis.detox import Intervention
from hormesis.models import LanguageModel
from hormesis.optional import needed_for


def likelihoods(
    lm: LanguageModel,
    pairs: Sequence[tuple[str, str]],
    intervention: Intervention,
    strengths: Sequence[float],
    *,
    progress: Callable[[int, int], None] | None = None,
) -> np.ndarray:
    """ln p(answer | question) in nats of each pair (question, answer) at each strength: float64 [strengths, pairs].

    :param progress: called with (pairs done, pairs), over all strengths.
    :raises HormesisError: lm-eval is not installed; an answer without a token; a pair that does not fit the context.
    """
    with needed_for("measuring likelihoods"):
        from lm_eval.api.instance import Instance

        from hormesis.evaluate.capability.steered_model import SteeredModel
    requests = [
        Instance(request_type="loglikelihood", doc={}, arguments=pair, idx=0, metadata=("", place, 1))
        for place, pair in enumerate(pairs)
    ]
    found = np.empty((len(strengths), len(pairs)))
    for round_, strength in enumerate(strengths):

        def show(done: int, whole: int, round_: int = round_) -> None:
            if progress is not None:
                progress(round_ * whole + done, len(strengths) * whole)

        steered = SteeredModel(lm, intervention, strength, show)
        with lm.evaluating(), torch.inference_mode():
            found[round_] = [value for value, _ in steered.loglikelihood(requests)]
    return found
