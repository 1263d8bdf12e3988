"""Where a quotation stands in a store: word for word (:func:`exact`), or the nearest words (:func:`nearest`).

The index only proposes documents; what is found is always checked in the whole document's words, so that a quotation
may run over the ends of paragraphs, and a document that the index proposes wrongly is dropped.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel, LCSseq

from hormesis.counterspeech.quotation import Reading
from hormesis.counterspeech.store import EvidenceStore, Row, Source
from hormesis.counterspeech.wording import negates

Difference = tuple[str, str]
"""Words of the quotation, and those that the document has in their place; either may be empty."""

_SEED = 6  # words of a phrase that the index is asked for
_PHRASES = 6  # rare phrases of three words that the index ranks by
_RARE = 8  # and rare words
_RANKED = 12  # rows that are compared in full
_NEAR = 0.7  # of the words, in order, in one passage of the quotation's length
_RUN = 5  # words in a row that are a piece of a document
_PIECES = 0.6  # of the words, in such pieces of one document
_LONG_RUN = 8
_COMPARED = 300  # characters of the longest quotation that is aligned letter by letter; a longer one has a long run
_CLOSE = 0.9  # of the words: nothing nearer is looked for


@dataclass(frozen=True)
class Found:
    """A passage of a document.

    :param start: of its first word, in :attr:`Source.words`.
    :param end: after its last.
    :param differences: in order; empty where the words are exact.
    :param share: of the quotation's words that the passage has, in order.
    :param pieces: whether the quotation is joined of pieces of the document that do not stand together.
    """

    source: Source
    start: int
    end: int
    differences: tuple[Difference, ...] = ()
    share: float = 1.0
    pieces: bool = False


def exact(store: EvidenceStore, reading: Reading) -> list[Found]:
    """All passages with the words of ``reading``, a few a document, the earliest document first.

    A gap that hides a negation is a difference, and so is an editor's bracket that holds one.
    """
    if not reading.sound:
        return []
    longest = max(reading.segments, key=len)
    numbers = list(dict.fromkeys(number for seed in _seeds(store, longest) for number in store.with_phrase(seed)))
    if not numbers:
        numbers = list(dict.fromkeys(each.document for each in _ranked(store, longest)))
    found = [each for number in numbers for each in _in_source(store.source(number), reading)]
    return sorted(found, key=lambda each: (each.source.year is None, each.source.year or 0, each.source.number))


def _seeds(store: EvidenceStore, segment: Sequence[str]) -> Iterator[Sequence[str]]:
    """Up to three phrases of a segment, around its rarest words; one that ends a paragraph may miss."""
    if len(segment) <= _SEED:
        yield segment
        return
    third = max(len(segment) // 3, 1)
    for first in (0, third, 2 * third):
        last = first + third if first < 2 * third else len(segment)
        rarest = min(range(first, last), key=lambda at: (store.frequency(segment[at]), at))
        start = min(max(rarest - _SEED // 2, 0), len(segment) - _SEED)
        yield segment[start : start + _SEED]


def _in_source(source: Source, reading: Reading) -> list[Found]:
    """A few passages of one document, those without a hidden negation first."""
    kept: list[Found] = []
    for start, end, hidden in _chains(source.words, reading):
        differences: tuple[Difference, ...] = (("", hidden),) if hidden else ()
        if reading.negation:
            differences = (*differences, (reading.negation, ""))
        kept.append(Found(source, start, end, differences))
        if len(kept) == 8:
            break
    return sorted(kept, key=lambda each: len(each.differences))


def _chains(text: str, reading: Reading) -> Iterator[tuple[int, int, str | None]]:
    """Start, end and hidden negation of each place with all segments in order."""
    needles = [f" {' '.join(segment)} " for segment in reading.segments]

    def rest(index: int, at: int, hidden: str | None) -> Iterator[tuple[int, str | None]]:
        if index == len(needles):
            yield at, hidden
            return
        most = reading.gaps[index - 1]
        place = text.find(needles[index], at, at + 30 * most + len(needles[index]))
        while place >= 0:
            between = text[at:place].split()
            if len(between) > most:
                return
            turned = hidden or next((each for each in between if negates(each)), None)
            yield from rest(index + 1, place + len(needles[index]) - 1, turned)
            place = text.find(needles[index], place + 1, at + 30 * most + len(needles[index]))

    start = text.find(needles[0])
    while start >= 0:
        for end, hidden in rest(1, start + len(needles[0]) - 1, None):
            yield start + 1, end, hidden
        start = text.find(needles[0], start + 1)


def _ranked(store: EvidenceStore, said: Sequence[str]) -> list[Row]:
    """The rows nearest by what is rare in a quotation: three words in a row, then single words."""
    counted = {word: store.frequency(word) for word in dict.fromkeys(said)}
    threes = [tuple(said[at : at + 3]) for at in range(len(said) - 2)]
    known = [each for each in dict.fromkeys(threes) if all(counted[word] for word in each)]
    known.sort(key=lambda each: min(counted[word] for word in each))  # stable: the first of equals
    chosen = known[: _PHRASES + len(said) // 16][:24]
    rows = store.ranked(chosen, _RANKED) if chosen else []
    rare = sorted((count, word) for word, count in counted.items() if count and len(word) < 100)
    common = store.rows // 8
    single = [word for count, word in rare if count <= common][:_RARE] or [word for _, word in rare[:3]]
    rows += store.ranked([(word,) for word in single], _RANKED) if single else []
    return list(dict.fromkeys(rows))


def nearest(store: EvidenceStore, said: Sequence[str]) -> Found | None:
    """The passage nearest to these words, or None where nothing is near."""
    rows = _ranked(store, said)
    best: Found | None = None
    for row in rows if len(" ".join(said)) <= _COMPARED else ():
        found = _aligned(store, row, said)
        if found is not None and (best is None or found.share > best.share):  # of equals, the first
            best = found
            if best.share >= _CLOSE:
                return best
    if best is not None and best.share >= _NEAR:
        return best
    joined = [_joined(store.source(number), said) for number in dict.fromkeys(each.document for each in rows)]
    return max((each for each in joined if each is not None), key=lambda each: each.share, default=None)


def _aligned(store: EvidenceStore, row: Row, said: Sequence[str]) -> Found | None:
    """The stretch of about the quotation's length that is most like it, from a paragraph and a little around it."""
    source = store.source(row.document)
    quotation = " ".join(said)
    before = source.words.rfind(" ", 0, max(row.words_start - len(quotation), 1)) + 1
    after = source.words.find(" ", min(row.words_end + len(quotation), len(source.words) - 1))
    text = source.words[before:after]
    alignment = fuzz.partial_ratio_alignment(quotation, text, score_cutoff=55)
    if alignment is None:
        return None
    if len(quotation) > len(text):
        start, end = 0, len(text)
    else:
        start, end = alignment.dest_start, alignment.dest_end
    start = text.rfind(" ", 0, start + 1) + 1
    end = (text + " ").find(" ", end)
    return _compared(source, before + start, before + end, said)


def _compared(source: Source, start: int, end: int, said: Sequence[str]) -> Found | None:
    """A stretch and a few words about it, cut to what the quotation shares with it."""
    start = _words_back(source.words, start, 4)
    end = _words_on(source.words, end, 4)
    there = source.words[start:end].split(" ")
    edits = Indel.opcodes(said, there)
    same = [each for each in edits if each.tag == "equal"]
    if not same:
        return None
    first, last = same[0], same[-1]
    # Words before the first and after the last shared one stand for as many of the quotation's.
    low = max(first.dest_start - first.src_start, 0)
    high = min(last.dest_end + len(said) - last.src_end, len(there))
    kept = there[low:high]
    starts = start + sum(len(each) + 1 for each in there[:low])
    share = LCSseq.similarity(said, kept) / max(len(said), 1)
    return Found(source, starts, starts + len(" ".join(kept)), _differences(said, kept), share)


def _differences(said: Sequence[str], there: Sequence[str]) -> tuple[Difference, ...]:
    changes: list[tuple[list[str], list[str]]] = []
    open_change = False
    for edit in Indel.opcodes(said, there):
        if edit.tag == "equal":
            open_change = False
            continue
        if not open_change:
            changes.append(([], []))
            open_change = True
        changes[-1][0].extend(said[edit.src_start : edit.src_end])
        changes[-1][1].extend(there[edit.dest_start : edit.dest_end])
    return tuple((" ".join(mine), " ".join(theirs)) for mine, theirs in changes)


def _joined(source: Source, said: Sequence[str]) -> Found | None:
    """A quotation joined of pieces of one document: runs of words that stand there as they are."""
    runs: list[tuple[int, int, int]] = []  # first word, after the last, place in the document
    at = 0
    while at < len(said):
        length, place = _longest_run(source.words, said, at)
        if length >= _RUN:
            runs.append((at, at + length, place))
            at += length
        else:
            at += 1
    covered = sum(last - first for first, last, _ in runs)
    longest = max((last - first for first, last, _ in runs), default=0)
    if not runs:
        return None
    first, last, place = max(runs, key=lambda each: each[1] - each[0])
    end = place + len(" ".join(said[first:last]))
    around = _words_back(source.words, place, first), _words_on(source.words, end, len(said) - last)
    together = _compared(source, *around, said)
    if together is not None and together.share >= _NEAR:
        return together
    if covered < _PIECES * len(said) and not (longest >= _LONG_RUN and covered >= 0.4 * len(said)):
        return None
    inside = {at for start, stop, _ in runs for at in range(start, stop)}
    strange = " ".join(word for at, word in enumerate(said) if at not in inside)
    return Found(source, place, end, ((strange, ""),) if strange else (), covered / len(said), pieces=True)


def _longest_run(text: str, said: Sequence[str], at: int) -> tuple[int, int]:
    """How many words from ``at`` on stand in a row somewhere, and where; nothing below :data:`_RUN`."""

    def find(length: int) -> int:
        place = text.find(f" {' '.join(said[at : at + length])} ")
        return place + 1 if place >= 0 else -1

    most = len(said) - at
    if most < _RUN or find(_RUN) < 0:
        return 0, -1
    length = bisect_right(range(_RUN, most + 1), False, key=lambda each: find(each) < 0) + _RUN - 1
    return length, find(length)


def _words_back(text: str, at: int, count: int) -> int:
    for _ in range(count):
        if at <= 1:
            break
        at = text.rfind(" ", 0, at - 1) + 1
    return max(at, 1)


def _words_on(text: str, at: int, count: int) -> int:
    for _ in range(count):
        if at >= len(text) - 1:
            break
        at = text.find(" ", at + 1)
    return min(at, len(text) - 1)
