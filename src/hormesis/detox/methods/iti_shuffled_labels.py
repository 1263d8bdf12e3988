"""A control: ITI from shuffled labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from hormesis.detox.methods.iti import HeadMethod, reference
from hormesis.detox.options import HeadOptions
from hormesis.detox.registry import method

if TYPE_CHECKING:
    from hormesis.detox.evidence import Evidence
    from hormesis.detox.intervention import Intervention


class ShuffledLabelsOptions(HeadOptions):
    """Those of ITI."""

    method: Literal["iti-shuffled-labels"]


@method
class ItiShuffledLabels(HeadMethod[ShuffledLabelsOptions]):
    """A control: ITI from shuffled labels."""

    options = ShuffledLabelsOptions
    label = "ITI, shuffled labels (control)"
    summary = "ITI from shuffled labels"
    control_of = "iti"
    version = 2  # 1 had the norms of ITI's heads

    def make(self, known: Evidence, options: ShuffledLabelsOptions) -> Intervention:
        """See :meth:`~hormesis.detox.Method.fit`."""
        from hormesis.detox.steering.controls import shuffled_labels

        return shuffled_labels(
            reference(known, options),
            known.activations,
            known.labels,
            known.probes.split,
            seed=known.seed,
            regularisation=known.probes.regularisation,
        )
