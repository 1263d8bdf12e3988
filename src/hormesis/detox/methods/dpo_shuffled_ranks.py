"""A control: preference optimisation on a model's own continuations whose ranks say nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from hormesis.detox.methods.dpo_ranked import ranked
from hormesis.detox.options import FromOwnSamples, PreferenceOptions
from hormesis.detox.registry import Method, method

if TYPE_CHECKING:
    from hormesis.detox.evidence import Evidence
    from hormesis.detox.intervention import Intervention


class DpoShuffledRanksOptions(PreferenceOptions, FromOwnSamples):
    """Those of DPO on ranked own samples."""

    method: Literal["dpo-shuffled-ranks"]


@method
class DpoShuffledRanks(Method[PreferenceOptions]):
    """The very pairs of ``dpo-ranked``, in a random half of which the worse continuation is the preferred one: what
    tuning does that is not told what is toxic."""

    options = DpoShuffledRanksOptions
    settings = PreferenceOptions
    label = "DPO, shuffled ranks (control)"
    summary = "DPO on the model's own continuations, half of the pairs turned round"
    source = "control"
    needs = "pairs"
    made = "hormesis.detox.weights.delta:WeightDelta"
    strengths = (0.25, 0.5, 1.0)
    passes = 2 * (1 + 1 / 3)
    control_of = "dpo-ranked"

    def make(self, known: Evidence, options: PreferenceOptions) -> Intervention:
        """See :meth:`~hormesis.detox.Method.fit`."""
        learner = known.paired_learner
        order = np.random.default_rng(known.seed).permutation(len(learner.pairs))
        turned = set(order[: len(order) // 2].tolist())
        pairs = tuple(
            replace(pair, chosen=pair.rejected, rejected=pair.chosen) if place in turned else pair
            for place, pair in enumerate(learner.pairs)
        )
        return ranked(replace(learner, pairs=pairs), options, known.seed, self.name)
