"""Whether a claimed author can be an author of the store: the same surname and given names that do not contradict.

Two people of one surname are kept apart ("Theodore" is not "Franklin D."; "George W." is not "George H. W."), a surname
alone fits all who bear it, and a name that is another author's exact name is that author's
alone. The claim may also be the title of the document.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

_NICKNAMES = (
    "bill william will billy", "jimmy james jim jamie", "joe joseph", "teddy theodore ted", "ben benjamin",
    "dick richard rick", "ron ronald ronnie", "jerry gerald gerry", "tom thomas", "jack john johnny",
    "bob robert rob",
    "abe abraham", "harry henry harold", "mike michael", "dan daniel", "liz elizabeth eliza", "kate katherine",
    "ed edward edmund", "fred frederick", "sam samuel", "tony anthony", "alex alexander", "chris christopher",
    "al albert",
    "don donald", "matt matthew", "steve steven stephen", "andy andrew", "zach zachary", "cal calvin", "woody woodrow",
)  # fmt: skip
_SAME = {name: group for group, line in enumerate(_NICKNAMES) for name in line.split()}
_TITLES = frozenset(
    [
        "president",
        "senator",
        "sir",
        "mr",
        "mrs",
        "ms",
        "dr",
        "lord",
        "lady",
        "saint",
        "st",
        "general",
        "governor",
        "justice",
        "secretary",
        "the",
        "la",
        "le",
        "el",
        "pres",
    ]
)
_SUFFIXES = frozenset(["jr", "sr", "ii", "iii", "iv"])
_BODIES = frozenset(
    [
        "nations",
        "assembly",
        "congress",
        "convention",
        "committee",
        "centers",
        "organization",
        "organisation",
        "contributors",
        "administration",
        "library",
        "council",
        "court",
        "commission",
        "association",
        "institute",
        "university",
        "department",
        "society",
    ]
)
_BYNAMES = {
    "ike": "Dwight D. Eisenhower", "bush 41": "George H. W. Bush",
    "bush 43": "George W. Bush", "bush sr": "George H. W. Bush",
    "bush jr": "George W. Bush", "dubya": "George W. Bush",
    "honest abe": "Abraham Lincoln", "old hickory": "Andrew Jackson",
    "silent cal": "Calvin Coolidge", "tricky dick": "Richard Nixon", "the bard": "William Shakespeare",
    "holy bible": "Bible", "scripture": "Bible", "kjv": "King James Bible", "un": "United Nations",
    "founding fathers": "Constitutional Convention",
}  # fmt: skip
"""What people are called by names that no rule derives; a store's own aliases come before."""
_SMALL = frozenset(["the", "of", "and", "a", "an", "in", "to", "for", "by", "on", "de", "la", "el", "les", "s"])
_NOBODY = frozenset({"unknown", "anonymous", "anon", "unattributed", "author unknown", "traditional"})
_VERSE = re.compile(r"^(.+?)\s+\d+\s?[:.]\s?\d+(?:\s?[-–]\s?\d+)?$")
_SEVERAL = re.compile(r"\s+with\s+|\s+and\s+|\s*[,;&]\s*|\s*\((?:drafted by|by|with)?\s*|\)")


def claimed(author: str | None) -> str | None:
    """The claimed author, or None where none is: empty, or a word for nobody."""
    if author is None or not author.strip() or " ".join(name_words(author)) in _NOBODY:
        return None
    return " ".join(author.split())[:200]


def name_words(name: str) -> list[str]:
    """The words of a name without case, accents and points; "J.F.K." and "JFK" are one."""
    flat = "".join(each for each in unicodedata.normalize("NFKD", name) if not unicodedata.combining(each)).casefold()
    flat = re.sub(r"\b((?:\w\.){2,})", lambda found: found.group().replace(".", "") + " ", flat)
    flat = re.sub(r"['’]s?\b", "", flat)
    return re.findall(r"[^\W_]+", flat)


class Authors:
    """The authors of a store, to which claims are compared.

    :param names: as the documents give them.
    :param aliases: other names → author.
    """

    def __init__(self, names: Iterable[str], aliases: Mapping[str, str]) -> None:
        self._exact: dict[str, set[str]] = {}
        for name in names:
            for each in people(name):
                self._exact.setdefault(" ".join(_bare(each)), set()).add(name)
        for alias, author in aliases.items():
            self._exact.setdefault(" ".join(_bare(alias)), set()).add(author)

    def compatible(self, claim: str, author: str, title: str | None = None) -> bool:
        """Whether ``claim`` may name ``author``, or the work ``title``."""
        for whole in (claim, claim.partition(",")[0]):
            if known := self._exact.get(" ".join(_bare(whole))):
                return author in known
        claim = _BYNAMES.get(" ".join(name_words(claim)), claim)
        return any(_may_be(claim, each) for each in people(author)) or (title is not None and _is_work(claim, title))


def people(author: str) -> list[str]:
    """The names that a field of authors holds: "A with B", "A, B and C", "Body (drafted by A)"."""
    parts = [each.strip() for each in _SEVERAL.split(author) if each and each.strip()]
    names: list[str] = []
    for part in parts:
        if names and all(each in _SUFFIXES for each in name_words(part)):
            continue
        names.append(part)
    return list(dict.fromkeys([author, *names])) if len(names) != 1 else names


def _bare(name: str) -> list[str]:
    found = [each for each in name_words(name) if each not in _SUFFIXES]
    while len(found) > 1 and found[0] in _TITLES:
        found = found[1:]
    return found


def _may_be(claim: str, author: str) -> bool:
    mine, theirs = _bare(claim.partition(",")[0]), _bare(author)
    if not mine or not theirs:
        return False
    if mine == theirs:
        return True
    if _BODIES & set(theirs):  # a body: its first words, two at least
        return len(mine) > 1 and theirs[: len(mine)] == mine
    if len(mine) == 1 and 2 <= len(mine[0]) <= 4 and mine[0] == "".join(each[0] for each in theirs):
        return True  # JFK
    if mine[-1] != theirs[-1]:
        return False
    return all(_same_given(a, b) for a, b in zip(mine[:-1], theirs[:-1], strict=False))


def _same_given(one: str, other: str) -> bool:
    if one == other or (one in _SAME and _SAME[one] == _SAME.get(other)):
        return True
    return (len(one) == 1 or len(other) == 1) and one[0] == other[0]


def _is_work(claim: str, title: str) -> bool:
    """Whether the claim names the document itself: more than half of its title, and nothing else."""
    if verse := _VERSE.match(claim):  # John 3:16 names a book, and the book's name is all of the title outside brackets
        return _title_words(verse[1]) == _title_words(re.sub(r"\([^()]*\)", "", title))
    mine, theirs = _title_words(claim), _title_words(title)
    return bool(mine) and mine <= theirs and 2 * len(mine) > len(theirs)


def _title_words(title: str) -> set[str]:
    found = name_words(re.sub(r"\bU\.?\s?S\.?(?!\w)", "United States", title))
    return {each for each in found if each not in _SMALL}
