"""Tokens along a direction, shown only to those who ask for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import jinja2

from hormesis.legible import legible
from hormesis.reprs import short_repr


@short_repr
@dataclass(frozen=True)
class Lens:
    """The tokens that a direction makes likelier and less likely. They may be slurs: pages escape and hide them.

    :param heading: which model and layer; shown.
    """

    heading: str
    promoted: tuple[str, ...]
    suppressed: tuple[str, ...]

    @classmethod
    def of(cls, heading: str, promoted: Iterable[Sequence[object]], suppressed: Iterable[Sequence[object]]) -> Lens:
        """From (token, change of logit) pairs, in their order."""
        return cls(heading, *(tuple(legible(str(pair[0])) for pair in pairs) for pairs in (promoted, suppressed)))


def lens_page(lenses: Sequence[Lens], title: str) -> str:
    """A page of its own that needs no network and no script; each reading is folded away."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("hormesis.report", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
    )
    return environment.get_template("lens.html.jinja").render(title=legible(title), lenses=lenses)
