"""A quotation as it is typed: what an editor did to it, and the readings that this leaves to look for.

An ellipsis leaves out words, brackets hold an editor's words, a hyphen at the end of a line may or may not belong to
the word, and ``— Name, 1961`` after the quotation is who is credited. Each reading is a list of segments, which must
stand in one document, in order, each pair with a gap of a bounded number of words between them.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from hormesis.counterspeech.wording import forms, negates

LONGEST = 20_000
"""Characters of the longest quotation that is looked for."""

_ELLIPSIS_GAP = 60  # words
_BRACKET_GAP = 4
_SHORTEST_SEGMENT = 3

_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>")
_LINE_MARK = re.compile(r"^[ \t]*(?:>[ \t]?)+", re.MULTILINE)
_LINE_HYPHEN = re.compile(r"(?<=[^\W\d_])[-‐\u00ad][ \t]*\r?\n\s*(?=[^\W\d_])")
_ELLIPSIS = re.compile(r"[\[(]\s*(?:…|\.\s?\.\s?\.)\s*[\])]|…[.…]*|\.(?:\s?\.){2,}")
_INSIDE = re.compile(r"\[(\w{1,3})\](?=\w)|(?<=\w)\[(\w{1,12})\]")
_BRACKET = re.compile(r"\[([^\[\]]{0,200})\]")
_CREDIT = re.compile(
    r"^\s*(?P<said>[\"“«„'‘].*[\"”»“'’])[\s.,]*(?:[—–―]|--?)\s*(?P<by>[^\"“”«»\n]{2,80})\s*$", re.DOTALL
)
_BARE_CREDIT = re.compile(
    r"^\s*(?P<said>.*[.!?…])\s*(?:[—–―]|--)\s*"
    r"(?P<by>(?:[A-Z][\w.’'-]*|of|de|von|van|the)(?: (?:[A-Z][\w.’'-]*|of|de|von|van|the)){0,5}(?:, \d{4})?)\.?\s*$",
    re.DOTALL,
)
_YEAR = re.compile(r"[,\s(]+(?:c\. ?)?\d{3,4}\b.*$")


@dataclass(frozen=True)
class Reading:
    """One way to read a quotation.

    :param segments: of words that must stand as they are.
    :param gaps: the most words that may lie between two segments, one fewer than the segments.
    :param negation: an editor's bracket, left out of the segments, holds this negation.
    :param brackets: what an editor's brackets hold that this reading leaves out.
    :param credited: who is credited at the end of the quotation, or None.
    """

    segments: tuple[tuple[str, ...], ...]
    gaps: tuple[int, ...] = ()
    negation: str | None = None
    brackets: tuple[str, ...] = ()
    credited: str | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """All words, without gaps."""
        return tuple(word for segment in self.segments for word in segment)

    @property
    def sound(self) -> bool:
        """Whether its segments are long enough to be looked for apart: none of one or two words."""
        return len(self.segments) == 1 or all(len(each) >= _SHORTEST_SEGMENT for each in self.segments)


def readings(quotation: str) -> list[Reading]:
    """All readings, the most literal first; none without a word."""
    text = quotation.encode("utf-8", "replace").decode()  # a lone surrogate is no text
    text = _LINE_MARK.sub("", _TAG.sub(" ", html.unescape(text)))
    found: list[Reading] = []
    for said, credited in _without_credit(text):
        for joined in _hyphens(said):
            found += [each for each in _bracketed(joined, credited) if each.segments]
    return list(dict.fromkeys(found))


def _without_credit(text: str) -> Iterator[tuple[str, str | None]]:
    if credit := _CREDIT.match(text):
        yield credit["said"], _YEAR.sub("", credit["by"]).strip(" .,()") or None
        return
    yield text, None
    if credit := _BARE_CREDIT.match(text):
        yield credit["said"], _YEAR.sub("", credit["by"]).strip(" .,()") or None


def _hyphens(text: str) -> Iterator[str]:
    """Hyphens at the ends of lines, joined and kept: each apart where there are few."""
    pieces = _LINE_HYPHEN.split(text)
    count = len(pieces) - 1
    choices = product(("", "-"), repeat=count) if count <= 3 else [("",) * count, ("-",) * count]
    for marks in choices:
        yield pieces[0] + "".join(mark + piece for mark, piece in zip(marks, pieces[1:], strict=True))


def _bracketed(text: str, credited: str | None) -> Iterator[Reading]:
    text = _ELLIPSIS.sub(" \x00 ", text)
    text = _INSIDE.sub(lambda found: found.group(1) or found.group(2), text)
    whole = text.replace("\x00", "\x01")
    yield _reading(whole, credited=credited)
    inside = tuple(" ".join(each.split()) for each in _BRACKET.findall(text) if each.strip())
    if not inside:
        return
    negation = next((word for each in inside for word in forms(each) if negates(word)), None)
    without = _BRACKET.sub(" ", whole)
    yield _reading(without, credited=credited, negation=negation, brackets=inside)
    yield _reading(_BRACKET.sub(" \x02 ", whole), credited=credited, negation=negation, brackets=inside)


def _reading(
    text: str, *, credited: str | None, negation: str | None = None, brackets: tuple[str, ...] = ()
) -> Reading:
    """Segments between the marks ``\\x01`` (an ellipsis) and ``\\x02`` (a bracket)."""
    segments: list[tuple[str, ...]] = []
    gaps: list[int] = []
    mark = ""
    for piece in re.split("([\x01\x02])", text):
        if piece in ("\x01", "\x02"):
            mark = max(mark, piece) if mark != "\x01" else mark
        elif found := tuple(forms(piece)):
            if segments:
                gaps.append(_BRACKET_GAP if mark == "\x02" else _ELLIPSIS_GAP)
            segments.append(found)
            mark = ""
    return Reading(tuple(segments), tuple(gaps), negation, brackets, credited)
