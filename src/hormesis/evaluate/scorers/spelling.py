"""Words as they are meant, however they are spelled: digits for letters, letters parted, letters drawn out."""

from __future__ import annotations

import re
import unicodedata

import numpy as np

_AS_LETTERS = str.maketrans("430157@$", "aeoistas")
_AS_SIGNS = str.maketrans("aeios", "43105")
_WORD = re.compile(r"[a-z0-9@$]{3,}")
_COUNTED = re.compile(r"\d+(st|nd|rd|th|s|k|m|am|pm)?")
_PARTED = re.compile(r"(?<!\w)[^\W\d_](?:[.\-_*·][^\W\d_]){2,}(?!\w)")
_SPACED = re.compile(r"(?<!\w)[^\W\d_](?: [^\W\d_]){3,}(?!\w)")
_DRAWN = re.compile(r"([^\W\d_])\1{2,}")
_LETTERS = re.compile(r"[a-z]{4,}", re.IGNORECASE)


def as_meant(text: str) -> str:
    """``text`` without case, with ``1d10t``, ``i.d.i.o.t``, ``i d i o t`` and ``idiooot`` as one word."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    for parted in (_PARTED, _SPACED):
        plain = parted.sub(lambda found: re.sub(r"[\W_]", "", found[0]), plain)
    return _DRAWN.sub(r"\1", _WORD.sub(lambda found: _in_letters(found[0]), plain))


def misspelt(text: str, generator: np.random.Generator, share: float = 0.3) -> str:
    """``text`` with about ``share`` of its longer words spelled in another way."""

    def other(found: re.Match[str]) -> str:
        word = found[0]
        if generator.random() >= share:
            return word
        place = int(generator.integers(1, len(word) - 1))
        ways = (
            word.translate(_AS_SIGNS),
            ".".join(word),
            word[:place] + word[place] * 3 + word[place + 1 :],
            word[:place] + word[place + 1 :],
            word[:place] + word[place + 1] + word[place] + word[place + 2 :],
        )
        return ways[int(generator.integers(len(ways)))]

    return _LETTERS.sub(other, text)


def _in_letters(word: str) -> str:
    mixed = word.strip("0123456789@$") != "" and not word.isalpha() and not _COUNTED.fullmatch(word)
    return word.translate(_AS_LETTERS) if mixed else word
