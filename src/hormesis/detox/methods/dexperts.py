"""An expert and an anti-expert that read along."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from hormesis.detox.options import FromPairs, TuningOptions
from hormesis.detox.registry import Method, method

if TYPE_CHECKING:
    from hormesis.detox.evidence import Evidence
    from hormesis.detox.intervention import Intervention


class DExpertsOptions(TuningOptions, FromPairs):
    """How each is tuned, and the pairs."""

    method: Literal["dexperts"]


@method
class DExpertsMethod(Method[TuningOptions]):
    """See :mod:`hormesis.detox.contrasts.dexperts`."""

    options = DExpertsOptions
    settings = TuningOptions
    label = "DExperts"
    summary = "the difference between an expert and an anti-expert, added to the logits"
    source = "Liu et al. 2021, arXiv 2105.03023"
    needs = "pairs"
    made = "hormesis.detox.contrasts.dexperts:DExperts"
    strengths = (0.5, 1.0, 2.0)
    passes = 2.0  # two models are trained
    streams = 3
    version = 2  # 1 learned from pairs with texts that were set aside

    def make(self, known: Evidence, options: TuningOptions) -> Intervention:
        """See :meth:`~hormesis.detox.Method.fit`."""
        from hormesis.detox.contrasts.dexperts import DExperts

        learner = known.paired_learner
        expert = learner.tuned([pair.prompt + pair.chosen for pair in learner.pairs], options, known.seed)
        return DExperts(
            expert, learner.tuned([pair.prompt + pair.rejected for pair in learner.pairs], options, known.seed)
        )
