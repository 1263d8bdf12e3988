"""LEACE at the attention of every layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from hormesis.detox.options import SteeredOptions
from hormesis.detox.registry import Method, method

if TYPE_CHECKING:
    from hormesis.detox.evidence import Evidence
    from hormesis.detox.intervention import Intervention


class LeaceOptions(SteeredOptions):
    """Strengths alone."""

    method: Literal["leace"]


@method
class Leace(Method[LeaceOptions]):
    """See :mod:`hormesis.detox.steering.leace`."""

    options = LeaceOptions
    label = "LEACE"
    summary = "least-squares erasure of the concept from the attention's output"
    source = "Belrose et al. 2023, arXiv 2306.03819"
    needs = "labelled texts"
    made = "hormesis.detox.steering.leace:ConceptErasure"
    strengths = (0.25, 0.5, 0.75, 1.0)
    largest = 1.0

    def make(self, known: Evidence, options: LeaceOptions) -> Intervention:  # noqa: ARG002
        """See :meth:`~hormesis.detox.Method.fit`."""
        from hormesis.detox.steering.leace import fit_leace

        return fit_leace(known.activations, known.labels, known.probes.split)
