"""What is found out about a quotation: a verdict, and the passages that it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hormesis.counterspeech.locate import Difference


class Verdict(StrEnum):
    """What the store says of a quotation; none says more than "in these documents"."""

    VERIFIED = "VERIFIED"
    ALTERED = "ALTERED"
    MISATTRIBUTED = "MISATTRIBUTED"
    DISPUTED = "DISPUTED"
    TOO_SHORT = "TOO_SHORT"
    NOT_FOUND = "NOT_FOUND"


@dataclass(frozen=True)
class Passage:
    """A place in a document, cut out of the store.

    :param document: its id.
    :param sentence: the whole sentence or sentences of the source around the place.
    :param start: of the place, in characters of the document's text.
    :param end: after it.
    """

    document: str
    author: str
    title: str
    year: int | None
    url: str | None
    licence: str | None
    sentence: str
    start: int
    end: int


@dataclass(frozen=True)
class Answer:
    """A verdict on one quotation.

    :param passages: that the verdict rests on; the first is the one that was judged.
    :param differences: words of the quotation, and those that the document has in their place.
    :param notes: what else is to be known, as sentences.
    :param searched: the number of documents in the store.
    """

    verdict: Verdict
    quotation: str
    claimed_author: str | None
    passages: tuple[Passage, ...]
    differences: tuple[Difference, ...]
    notes: tuple[str, ...]
    searched: int
