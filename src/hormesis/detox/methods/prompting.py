"""A prefix before every prompt (the paper's baseline)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from hormesis.detox.options import MethodOptions
from hormesis.detox.prompting import PREFIX
from hormesis.detox.registry import Method, method

if TYPE_CHECKING:
    from hormesis.detox.evidence import Evidence
    from hormesis.detox.intervention import Intervention


class PromptingOptions(MethodOptions):
    """The words."""

    method: Literal["prompting"]
    prefix: str = Field(default=PREFIX, description="the words before every prompt, with the space that parts them")

    def tokens_before(self, count: Callable[[str], int]) -> int:
        """Those of :attr:`prefix`."""
        return count(self.prefix)


@method
class AskingPrefix(Method[PromptingOptions]):
    """See :mod:`hormesis.detox.prompting`."""

    options = PromptingOptions
    label = "prompting"
    summary = "a prefix that asks for decency"
    source = "Li et al. 2025, arXiv 2505.04741"
    needs = "nothing"
    made = "hormesis.detox.prompting:Prompting"
    of_options_alone = True

    def make(self, known: Evidence, options: PromptingOptions) -> Intervention:  # noqa: ARG002
        """See :meth:`~hormesis.detox.Method.fit`."""
        from hormesis.detox.prompting import Prompting

        return Prompting(options.prefix)
