"""Preference optimisation on a model's own continuations, ranked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from hormesis.detox.options import FromOwnSamples, PreferenceOptions
from hormesis.detox.registry import Method, method
from hormesis.errors import HormesisError

if TYPE_CHECKING:
    from hormesis.detox.evidence import Evidence, Learner
    from hormesis.detox.intervention import Intervention
    from hormesis.detox.weights.delta import WeightDelta


def ranked(learner: Learner, options: PreferenceOptions, seed: int, method: str) -> WeightDelta:
    """Preference optimisation on pairs of continuations, as ``method``.

    :raises HormesisError: the pairs are whole texts.
    """
    if learner.whole:
        raise HormesisError(
            f"{method} learns from continuations of prompts, and these pairs have no prompt",
            "give --pair-prompt prompt (`hormesis pairs` writes that column), or take dpo, which learns whole ones",
        )
    return replace(learner.preferring(options, seed), method=method)


class DpoRankedOptions(PreferenceOptions, FromOwnSamples):
    """How it is tuned, and what is continued."""

    method: Literal["dpo-ranked"]


@method
class DpoRanked(Method[PreferenceOptions]):
    """See :mod:`hormesis.detox.weights.delta`."""

    options = DpoRankedOptions
    settings = PreferenceOptions
    label = "DPO on ranked own samples"
    summary = "DPO on the model's own continuations, ranked by a scorer that never evaluates"
    source = "Rafailov et al. 2023, arXiv 2305.18290; Lee et al. 2024, arXiv 2401.01967"
    needs = "pairs"
    made = "hormesis.detox.weights.delta:WeightDelta"
    strengths = (0.25, 0.5, 1.0)
    passes = 2 * (1 + 1 / 3)  # two texts, under the model and, forward alone, under its reference

    def make(self, known: Evidence, options: PreferenceOptions) -> Intervention:
        """See :meth:`~hormesis.detox.Method.fit`."""
        return ranked(known.paired_learner, options, known.seed, self.name)
