"""Civil texts before every prompt."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from hormesis.detox.options import MethodOptions
from hormesis.detox.registry import Method, method

if TYPE_CHECKING:
    from hormesis.detox.evidence import Evidence
    from hormesis.detox.intervention import Intervention


class FewShotOptions(MethodOptions):
    """How many of the concept's civil texts, from its fit rows."""

    method: Literal["few-shot"]
    shots: int = Field(default=4, ge=1, description="civil texts before every prompt")

    def tokens_before(self, count: Callable[[str], int]) -> int:  # noqa: ARG002
        """A token of each text, and its end of line: the texts are drawn later."""
        return 2 * self.shots


@method
class FewShot(Method[FewShotOptions]):
    """See :mod:`hormesis.detox.prompting`."""

    options = FewShotOptions
    label = "few-shot prompting"
    summary = "civil texts before the prompt"
    source = "Brown et al. 2020, arXiv 2005.14165"
    needs = "labelled texts"
    made = "hormesis.detox.prompting:Prompting"

    def make(self, known: Evidence, options: FewShotOptions) -> Intervention:
        """See :meth:`~hormesis.detox.Method.fit`."""
        from hormesis.detox.prompting import few_shot

        return few_shot(known.civil_examples, shots=options.shots, seed=known.seed)
