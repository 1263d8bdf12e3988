"""A second stream that is told to be hateful."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from hormesis.detox.options import SteeredOptions
from hormesis.detox.registry import Method, method

if TYPE_CHECKING:
    from hormesis.detox.evidence import Evidence
    from hormesis.detox.intervention import Intervention


class SelfDebiasingOptions(SteeredOptions):
    """Strengths alone."""

    method: Literal["self-debiasing"]


@method
class SelfDebiasing(Method[SelfDebiasingOptions]):
    """See :mod:`hormesis.detox.contrasts.self_debiasing`."""

    options = SelfDebiasingOptions
    label = "self-debiasing"
    summary = "words that the model finds likelier in hateful text are made unlikely"
    source = "Schick et al. 2021, arXiv 2103.00453"
    needs = "nothing"
    made = "hormesis.detox.contrasts.self_debiasing:SelfDebiasing"
    strengths = (10.0, 50.0, 100.0)
    streams = 2

    def make(self, known: Evidence, options: SelfDebiasingOptions) -> Intervention:  # noqa: ARG002
        """See :meth:`~hormesis.detox.Method.fit`."""
        from hormesis.detox.contrasts.self_debiasing import SelfDebiasing

        return SelfDebiasing.of(known.tokenizer)
