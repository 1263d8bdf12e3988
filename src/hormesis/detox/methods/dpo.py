"""Preference optimisation on pairs from a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from hormesis.detox.options import FromPairs, PreferenceOptions
from hormesis.detox.registry import Method, method

if TYPE_CHECKING:
    from hormesis.detox.evidence import Evidence
    from hormesis.detox.intervention import Intervention


class DpoOptions(PreferenceOptions, FromPairs):
    """How it is tuned, and the pairs."""

    method: Literal["dpo"]


@method
class Dpo(Method[PreferenceOptions]):
    """See :mod:`hormesis.detox.weights.delta`."""

    options = DpoOptions
    settings = PreferenceOptions
    label = "DPO"
    summary = "preference optimisation on pairs, as a change of weights"
    source = "Rafailov et al. 2023, arXiv 2305.18290; Lee et al. 2024, arXiv 2401.01967"
    needs = "pairs"
    made = "hormesis.detox.weights.delta:WeightDelta"
    strengths = (0.25, 0.5, 1.0)
    passes = 2 * (1 + 1 / 3)  # two texts, under the model and, forward alone, under its reference
    version = 2  # 1 learned from pairs with texts that were set aside

    def make(self, known: Evidence, options: PreferenceOptions) -> Intervention:
        """See :meth:`~hormesis.detox.Method.fit`."""
        return known.paired_learner.preferring(options, known.seed)
