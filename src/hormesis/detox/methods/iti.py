"""Inference-time intervention, and what it shares with the methods and controls that are made of its heads."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, TypeVar

from hormesis.detox.options import HeadOptions
from hormesis.detox.registry import Method, method

if TYPE_CHECKING:
    from hormesis.detox.evidence import Evidence
    from hormesis.detox.intervention import Intervention
    from hormesis.detox.steering.iti import InferenceTimeIntervention

H = TypeVar("H", bound=HeadOptions)
_HEADS_SHARE = 30 / 256
"""Of all heads: how many the paper edits."""


class HeadMethod(Method[H]):
    """A method of the most telling heads."""

    source: ClassVar[str] = "Li et al. 2023, arXiv 2306.03341"
    needs = "labelled texts"
    made: ClassVar[str] = "hormesis.detox.steering.iti:InferenceTimeIntervention"
    strengths = (4.0, 8.0, 12.0, 24.0)

    def proposed(self, known: Evidence | None) -> dict[str, object]:
        """The paper's share of all heads, 30 of 256, at least one."""
        if known is None or known.captured is None:
            return {}
        return {"heads": max(1, round(_HEADS_SHARE * known.captured.layers * known.captured.heads))}


def reference(known: Evidence, options: HeadOptions) -> InferenceTimeIntervention:
    """ITI at the best heads, which its controls refer to."""
    from hormesis.detox.steering.iti import InferenceTimeIntervention
    from hormesis.representation import supervised_directions

    best = known.probes.top(options.heads)
    return InferenceTimeIntervention(
        supervised_directions(options.direction, known.activations, known.labels, known.probes, best)
    )


class ItiOptions(HeadOptions):
    """Heads and direction."""

    method: Literal["iti"]


@method
class Iti(HeadMethod[ItiOptions]):
    """See :mod:`hormesis.detox.steering.iti`."""

    options = ItiOptions
    label = "ITI"
    summary = "shift of the most telling heads from toxic to non-toxic"

    def make(self, known: Evidence, options: ItiOptions) -> Intervention:
        """See :meth:`~hormesis.detox.Method.fit`."""
        return reference(known, options)
