"""The words of a text as the exact test compares them, each with its place in the text.

Folded is what a printer or keyboard changes: case, white space, quotation marks, dashes, most punctuation, full-width
letters, zero-width characters, look-alike letters inside a word of mixed script. Kept is all that carries meaning:
every word (no stemming, no stop words), accents, apostrophes inside words, and ``. $ € %`` at numbers. Stage directions
such as "(Applause.)" are no words.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import islice

_HIDDEN = "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed"
    "\u0900-\u0963\u0966-\u0dff\u0e31-\u0e4e\u20d0-\u20f0"
)
_LETTER = rf"(?:[^\W_]|[{_MARKS}{_HIDDEN}])"
_TOKEN = re.compile(
    r"\d+(?:[.,]\d+)+(?![^\W_])"  # 4.4 and 1,000 are one number
    r"|[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"  # scripts without spaces: a sign is a word
    rf"|[^\W_]{_LETTER}*(?:['’ʼ＇‘]{_LETTER}+)*"
    r"|[$€£¥](?=\s?\d)|(?<=\d)\s?%"
)
_STAGE = re.compile(
    r"[(\[]\s*(?:[A-Za-z]+ ){0,2}(?:applause|laughter|cheers|cheering|boos|crosstalk|inaudible)"
    r"(?: and (?:applause|laughter|cheers))?[.!]?\s*[)\]]"
    r"|\[_?(?:exit|exeunt|enter|re-enter|aside)\b[^\[\]]{0,120}\]",
    re.IGNORECASE,
)
_HIDDEN_CHARACTERS = re.compile(f"[{_HIDDEN}]")
_THOUSANDS = re.compile(r",(?=\d{3}(?!\d))")
_LOOKALIKES = str.maketrans(
    "аеорсухіјѕһԁԛԝвкмнтгпαονρτικυηωѵɑɡոսցօ",
    "aeopcyxijshdqwbkmhtrnaovptikunwvagnugo",
)

NEGATIONS = frozenset(
    [
        "no",
        "not",
        "never",
        "none",
        "nor",
        "neither",
        "nobody",
        "nothing",
        "nowhere",
        "cannot",
        "without",
        "nay",
        "hardly",
        "scarcely",
    ]
)
"""Words that turn a meaning; so does every word that ends in ``n’t``."""


@dataclass(frozen=True)
class Word:
    """One word.

    :param form: as the exact test compares it.
    :param start: of its first character in the text.
    :param end: after its last.
    """

    form: str
    start: int
    end: int


def words(text: str) -> list[Word]:
    """All words of ``text`` in order, with offsets in characters."""
    plain = _without_stage(text)
    found = ((fold(each.group()), each.start(), each.end()) for each in _TOKEN.finditer(plain))
    return [Word(form, start, end) for form, start, end in found if form]


def place_of(text: str, index: int) -> tuple[int, int]:
    """Start and end of the word of this number in ``text``."""
    return next(islice(_TOKEN.finditer(_without_stage(text)), index, None)).span()


def forms(text: str) -> list[str]:
    """The forms of :func:`words` alone, faster."""
    plain = _without_stage(text)
    if plain.isascii():
        plain = plain.lower()
        if "'" not in plain and "," not in plain and "%" not in plain:
            return _TOKEN.findall(plain)
    return [form for each in _TOKEN.findall(plain) if (form := fold(each))]


def fold(token: str) -> str:
    """One token as it is compared."""
    if token.isascii():
        folded = token.lower()
    else:
        folded = unicodedata.normalize("NFKC", _HIDDEN_CHARACTERS.sub("", token)).casefold()
        folded = unicodedata.normalize("NFC", folded)
        if not folded.isascii() and _mixed(folded):
            folded = folded.translate(_LOOKALIKES)
        folded = folded.replace("ʼ", "’").replace("‘", "’")
    folded = folded.strip().replace("'", "’")
    return _THOUSANDS.sub("", folded) if "," in folded else folded


def negates(form: str) -> bool:
    """Whether a word turns the meaning of its sentence."""
    return form in NEGATIONS or form.endswith("n’t")


def _mixed(folded: str) -> bool:
    return any("a" <= each <= "z" for each in folded) and any(ord(each) in _LOOKALIKES for each in folded)


def _without_stage(text: str) -> str:
    """Blanks in the place of stage directions, so that offsets stay."""
    if "(" not in text and "[" not in text:
        return text
    return _STAGE.sub(lambda found: " " * len(found.group()), text)
