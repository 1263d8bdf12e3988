"""Whether a quotation was said, by whom, and in these words: a verdict by stated rules.

In this order: the exact words with the claimed author are VERIFIED; with one to whom the document is also credited,
DISPUTED; inside a quotation by another speaker, NOT_FOUND with a note; of another author, MISATTRIBUTED; a quotation on
the list of disputes, DISPUTED; near, ALTERED; else NOT_FOUND. Fewer than six words are TOO_SHORT, unless one document
alone has them or the list of disputes does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz.distance import Indel

from hormesis.counterspeech.answer import Answer, Passage, Verdict
from hormesis.counterspeech.documents import Dispute
from hormesis.counterspeech.locate import Difference, Found, exact, nearest
from hormesis.counterspeech.names import claimed, name_words
from hormesis.counterspeech.quotation import LONGEST, Reading, readings
from hormesis.counterspeech.store import EvidenceStore, Source
from hormesis.counterspeech.wording import negates
from hormesis.errors import HormesisError

_SHORT = 6
_LIKE = 0.85  # an entry of the list of disputes; this many words at least
_NEARLY = 4
_SHOWN = 5
_DIALOGUE = 0.2  # of a document inside quotation marks: its characters speak, and their words are its author's
_SENTENCE_END = re.compile(r"[.!?][\"”’')\]]*(?=\s)|\n\s*\n")
_PAIRS = (('"', '"'), ("“", "”"), ("«", "»"))
_QUOTED = re.compile(r"\"[^\"]{1,2000}\"|“[^”]{1,2000}”|«[^»]{1,2000}»")
_LEADING = re.compile(r"^(?:As|And|But|When|Like|Once|It|In|For|President|Yet|So) ")
_NAME = re.compile(r"(?:[A-Z][a-z]+|[A-Z]\.)(?: (?:[A-Z][a-z]+|[A-Z]\.))*")


def attribute(store: EvidenceStore, quotation: str, author: str | None = None) -> Answer:
    """The verdict on one quotation.

    :param author: who is claimed to have said it, or None.
    :raises HormesisError: the quotation is longer than :data:`~hormesis.counterspeech.quotation.LONGEST`.
    """
    if len(quotation) > LONGEST:
        raise HormesisError(
            f"the quotation has {len(quotation):,} characters; at most {LONGEST:,} are looked for",
            "give the passage in question alone",
        )
    return _Question(store, quotation, claimed(author)).answer()


class _Question:
    """One quotation, while it is judged."""

    def __init__(self, store: EvidenceStore, quotation: str, claim: str | None) -> None:
        self.store, self.quotation, self.claim = store, quotation, claim
        self.notes: list[str] = []

    def answer(self) -> Answer:
        ways = readings(self.quotation)
        if not ways:
            return self._said(Verdict.TOO_SHORT, note="it holds no words")
        way, places = self._places(ways)
        if self.claim is None:
            self.claim = claimed(way.credited)
            if self.claim:
                self.notes.append(f"credited at its end to {self.claim}")
        whole = [each for each in places if not each.differences]
        dispute = self._dispute(ways)
        if len(way.words) < _SHORT and len({each.source.number for each in whole}) != 1:
            if dispute:
                return self._disputed(dispute)
            return self._said(
                Verdict.TOO_SHORT,
                note=f"fewer than {_SHORT} words, in {len({each.source.number for each in whole}) or 'no'} documents",
            )
        if whole:
            if way.brackets:
                self.notes.append("an editor's brackets are not compared: " + ", ".join(f"[{b}]" for b in way.brackets))
            return self._exact(whole, dispute)
        if dispute:
            return self._disputed(dispute)
        return self._near(ways, places)

    def _places(self, ways: Sequence[Reading]) -> tuple[Reading, list[Found]]:
        """The first reading whose words are exact, else the first that is but for a negation, else the first."""
        turned: tuple[Reading, list[Found]] | None = None
        for way in ways:
            found = exact(self.store, way)
            if any(not each.differences for each in found):
                return way, found
            if found and turned is None:
                turned = way, found
        return turned or (ways[0], [])

    def _exact(self, places: Sequence[Found], dispute: Dispute | None) -> Answer:
        quoted = {id(each): _quoted_by(each, self.store) for each in places}
        own = [each for each in places if quoted[id(each)] is None]
        if self.claim is None:
            first = [*own, *(each for each in places if each not in own)]
            if not own:
                self.notes.append(f"quoting {quoted[id(first[0])]}")
            self._several(first)
            return self._said(Verdict.VERIFIED, first)
        theirs = [each for each in places if self._compatible(each.source)]
        if theirs:
            best = [*(each for each in theirs if each in own), *(each for each in theirs if each not in own)]
            if best[0] not in own:
                self.notes.append(f"quoting {quoted[id(best[0])]}")
            self._several(best)
            return self._said(Verdict.VERIFIED, [*best, *(each for each in places if each not in best)])
        both = [
            each
            for each in places
            if each.source.disputed_with and self.store.authors.compatible(self.claim, each.source.disputed_with)
        ]
        if both:
            self.notes.append(f"its authorship is disputed: {both[0].source.author} or {both[0].source.disputed_with}")
            return self._said(Verdict.DISPUTED, both)
        if not own:
            if dispute:
                return self._disputed(dispute)
            self.notes.append(
                f"only {places[0].source.author} has these words, quoting {quoted[id(places[0])]}: "
                "that shows neither who said them first nor that it was another"
            )
            return self._said(Verdict.NOT_FOUND, places)
        self._several(own)
        return self._said(Verdict.MISATTRIBUTED, own)

    def _near(self, ways: Sequence[Reading], turned: Sequence[Found]) -> Answer:
        if turned:
            found: Found | None = turned[0]
        else:
            # An ellipsis or bracket that did not hold: its words, as if nothing were left out.
            tried = [nearest(self.store, words) for words in dict.fromkeys(way.words for way in ways[:4])]
            found = max((each for each in tried if each), key=lambda each: each.share, default=None)
        if found is None:
            return self._said(Verdict.NOT_FOUND)
        if found.pieces:
            self.notes.append("pieces of the document that do not stand together")
        turns = [word for pair in found.differences for side in pair for word in side.split() if negates(word)]
        if turns:
            self.notes.append(f"a negation differs: {', '.join(dict.fromkeys(turns))}")
        if self.claim and not self._compatible(found.source):
            self.notes.append(f"the nearest words are by {found.source.author}, not {self.claim}")
        return self._said(Verdict.ALTERED, [found], found.differences)

    def _compatible(self, source: Source) -> bool:
        return self.claim is not None and self.store.authors.compatible(self.claim, source.author, source.title)

    def _dispute(self, ways: Sequence[Reading]) -> Dispute | None:
        """The entry of the list with these words, or nearly; a part of an entry counts from six words on."""
        for mine in dict.fromkeys(way.words for way in ways):
            turns = any(map(negates, mine))
            for theirs, dispute in self.store.disputes:
                if mine == theirs:
                    return dispute
                if len(mine) < _NEARLY or not len(theirs) / 4 <= len(mine) <= 2 * len(theirs):
                    continue
                if len(mine) >= _SHORT and f" {' '.join(mine)} " in f" {' '.join(theirs)} ":
                    return dispute
                if Indel.normalized_similarity(mine, theirs, score_cutoff=_LIKE) and turns == any(map(negates, theirs)):
                    return dispute
        return None

    def _disputed(self, dispute: Dispute) -> Answer:
        said = f"often credited to {dispute.claimed_author} ({dispute.status})"
        source = f"; likely source: {dispute.likely_source}" if dispute.likely_source else ""
        seen = f"; see {dispute.seen_at}" if dispute.seen_at else ""
        return self._said(Verdict.DISPUTED, note=said + source + seen)

    def _several(self, places: Sequence[Found]) -> None:
        authors = list(dict.fromkeys(each.source.author for each in places))
        if len(authors) > 1:
            self.notes.append(f"in documents of {len(authors)} authors, earliest first: {', '.join(authors[:_SHOWN])}")

    def _said(
        self,
        verdict: Verdict,
        places: Sequence[Found] = (),
        differences: tuple[Difference, ...] = (),
        note: str | None = None,
    ) -> Answer:
        first = {each.source.number: each for each in reversed(places)}
        ordered = [each for each in dict.fromkeys(each.source.number for each in places)][:_SHOWN]
        passages = tuple(_passage(self.store, first[number]) for number in ordered)
        notes = tuple([*self.notes, note] if note else self.notes)
        return Answer(verdict, self.quotation, self.claim, passages, differences, notes, self.store.size)


def _passage(store: EvidenceStore, found: Found) -> Passage:
    source = found.source
    start, end = store.offsets(source, found.start, found.end)
    return Passage(
        source.id, source.author, source.title, source.year, source.url, source.licence,
        _sentence(source.text, start, end), start, end,
    )  # fmt: skip


def _sentence(text: str, start: int, end: int) -> str:
    """The whole sentence or sentences around a place, on one line."""
    low = max(start - 1000, 0)
    before = [each.end() for each in _SENTENCE_END.finditer(text, low, start)]
    after = _SENTENCE_END.search(text, max(end - 1, 0), min(end + 1000, len(text)))
    return " ".join(text[before[-1] if before else low : after.end() if after else min(end + 1000, len(text))].split())


def _quoted_by(found: Found, store: EvidenceStore) -> str | None:
    """Whom the document quotes where these words stand inside quotation marks; None where they are its own.

    In a document that is largely dialogue the words inside marks are its author's.
    """
    source = found.source
    start, end = store.offsets(source, found.start, found.end)
    low = source.text.rfind("\n\n", 0, start) + 1
    opening = -1
    for opens, closes in _PAIRS:
        before = source.text[low:start]
        alike = opens == closes
        inside = before.count(opens) % 2 == 1 if alike else before.rfind(opens) > before.rfind(closes)
        if inside and closes not in source.text[start:end]:
            opening = low + before.rfind(opens)
    if opening < 0:
        return None
    if sum(len(each) for each in _QUOTED.findall(source.text)) > _DIALOGUE * len(source.text):
        return None
    named = [
        each
        for each in (_LEADING.sub("", each) for each in _NAME.findall(source.text[max(opening - 160, low) : opening]))
        if " " in each
    ]
    return named[-1] if named and name_words(named[-1]) else "another speaker"
