"""A control: random directions at ITI's heads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from hormesis.detox.methods.iti import HeadMethod, reference
from hormesis.detox.options import HeadOptions
from hormesis.detox.registry import method

if TYPE_CHECKING:
    from hormesis.detox.evidence import Evidence
    from hormesis.detox.intervention import Intervention


class RandomDirectionOptions(HeadOptions):
    """Those of ITI."""

    method: Literal["iti-random-direction"]


@method
class ItiRandomDirection(HeadMethod[RandomDirectionOptions]):
    """A control: random directions at ITI's heads."""

    options = RandomDirectionOptions
    label = "ITI, random direction (control)"
    summary = "ITI's heads and norms, random directions"
    control_of = "iti"

    def make(self, known: Evidence, options: RandomDirectionOptions) -> Intervention:
        """See :meth:`~hormesis.detox.Method.fit`."""
        from hormesis.detox.steering.controls import random_direction

        return random_direction(reference(known, options), seed=known.seed)
