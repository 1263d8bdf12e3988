"""The model itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from hormesis.detox.options import MethodOptions
from hormesis.detox.registry import Method, method

if TYPE_CHECKING:
    from hormesis.detox.evidence import Evidence
    from hormesis.detox.intervention import Intervention


class BaseOptions(MethodOptions):
    """There are none."""

    method: Literal["base"]


@method
class Base(Method[BaseOptions]):
    """Nothing is done: every comparison has it as its zero."""

    options = BaseOptions
    label = "no intervention"
    summary = "the model itself"
    source = ""
    needs = "nothing"
    made = "hormesis.detox.unsteered:Unsteered"
    of_options_alone = True

    def make(self, known: Evidence, options: BaseOptions) -> Intervention:  # noqa: ARG002
        """See :meth:`~hormesis.detox.Method.fit`."""
        from hormesis.detox.unsteered import Unsteered

        return Unsteered()
