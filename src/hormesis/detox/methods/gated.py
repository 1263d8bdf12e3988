"""ITI behind a gate: see :mod:`hormesis.detox.steering.gated`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from hormesis.detox.methods.iti import HeadMethod, reference
from hormesis.detox.options import HeadOptions
from hormesis.detox.registry import method

if TYPE_CHECKING:
    from hormesis.detox.evidence import Evidence
    from hormesis.detox.intervention import Intervention


class GatedOptions(HeadOptions):
    """Those of ITI."""

    method: Literal["gated"]


@method
class Gated(HeadMethod[GatedOptions]):
    """ITI behind a gate: see :mod:`hormesis.detox.steering.gated`."""

    options = GatedOptions
    label = "gated ITI"
    summary = "ITI where a head's probe fires, and nowhere else"
    source = "Li et al. 2023, arXiv 2306.03341; Lee et al. 2024, arXiv 2409.05907"
    made = "hormesis.detox.steering.gated:GatedIntervention"

    def make(self, known: Evidence, options: GatedOptions) -> Intervention:
        """See :meth:`~hormesis.detox.Method.fit`."""
        from hormesis.detox.steering.gated import GatedIntervention

        return GatedIntervention.of(reference(known, options).directions, known.probes)
