"""Supervised fine-tuning on the preferred texts of pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from hormesis.detox.options import FromPairs, TuningOptions
from hormesis.detox.registry import Method, method

if TYPE_CHECKING:
    from hormesis.detox.evidence import Evidence
    from hormesis.detox.intervention import Intervention


class SftOptions(TuningOptions, FromPairs):
    """How it is tuned, and the pairs."""

    method: Literal["sft"]


@method
class Sft(Method[TuningOptions]):
    """See :mod:`hormesis.detox.weights.delta`."""

    options = SftOptions
    settings = TuningOptions
    label = "SFT"
    summary = "fine-tuning on the preferred texts, as a change of weights"
    source = "Li et al. 2025, arXiv 2505.04741; Hu et al. 2021, arXiv 2106.09685"
    needs = "pairs"
    made = "hormesis.detox.weights.delta:WeightDelta"
    strengths = (0.25, 0.5, 1.0)
    passes = 1.0
    version = 2  # 1 learned from pairs with texts that were set aside

    def make(self, known: Evidence, options: TuningOptions) -> Intervention:
        """See :meth:`~hormesis.detox.Method.fit`."""
        learner = known.paired_learner
        return learner.tuned([pair.prompt + pair.chosen for pair in learner.pairs], options, known.seed)
