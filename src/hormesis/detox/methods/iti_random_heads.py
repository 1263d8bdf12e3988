"""A control: ITI at random heads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from hormesis.detox.methods.iti import HeadMethod, reference
from hormesis.detox.options import HeadOptions
from hormesis.detox.registry import method

if TYPE_CHECKING:
    from hormesis.detox.evidence import Evidence
    from hormesis.detox.intervention import Intervention


class RandomHeadsOptions(HeadOptions):
    """Those of ITI."""

    method: Literal["iti-random-heads"]


@method
class ItiRandomHeads(HeadMethod[RandomHeadsOptions]):
    """A control: ITI at random heads."""

    options = RandomHeadsOptions
    label = "ITI, random heads (control)"
    summary = "ITI at heads drawn at random"
    control_of = "iti"
    version = 2  # 1 had the norms of ITI's heads

    def make(self, known: Evidence, options: RandomHeadsOptions) -> Intervention:
        """See :meth:`~hormesis.detox.Method.fit`."""
        from hormesis.detox.steering.controls import random_heads

        own = reference(known, options)
        return random_heads(own, known.activations, known.labels, known.probes, seed=known.seed)
