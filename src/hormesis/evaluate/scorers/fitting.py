"""What kinds of scorers do with labelled texts before they are fitted on them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

import numpy as np
from pydantic import Field

from hormesis.config import Config
from hormesis.corpus import first_places
from hormesis.errors import HormesisError

_MOST_WEIGHT = 20.0
_FEWEST = 5
_NAMES = (
    "african american|american|arab|asian|atheist|autistic|bisexual|black|blind|buddhist|catholic|chinese|christian"
    "|deaf|disabled|disability|female|feminist|foreigner|gay|german|girl|gypsy|hindu|hispanic|homosexual|immigrant|indian"
    "|indigenous|irish|islam|islamic|israeli|italian|jew|jewish|korean|latina|latino|lesbian|lgbt|men|mexican|migrant"
    "|minority|mormon|muslim|native|nigerian|old|pakistani|polish|queer|refugee|romani|russian|sikh|straight|trans"
    "|transgender|white|woman|women"
)
_MENTIONS = tuple(_NAMES.split("|"))
"""Names of groups, none of them a slur; with or without an s behind them."""
_NAMED = re.compile(rf"\b({_NAMES})s?\b", re.IGNORECASE)


class FittingConfig(Config):
    """What is done to labelled texts first; by default nothing."""

    lengths: Literal["as they are", "matched"] = Field(
        default="as they are",
        description="matched: non-toxic texts are cut to the lengths of toxic ones, so that length tells nothing",
    )
    mentions: Literal["as they are", "balanced"] = Field(
        default="as they are",
        description="balanced: of texts that name a group, toxic and other ones weigh the same, so that the name tells"
        " nothing",
    )


def check_enough(texts: Sequence[str], toxic: np.ndarray, fewest: int) -> None:
    """:raises HormesisError: not one label a text, or a class with fewer than ``fewest`` different texts."""
    if len(texts) != len(toxic):
        raise HormesisError(f"{len(texts)} texts have {len(toxic)} labels", "give one label for each text")
    alone = toxic[first_places(texts) == np.arange(len(texts))]
    if min(alone.sum(), (~alone).sum()) < fewest:
        raise HormesisError(
            f"{int(alone.sum())} toxic and {int((~alone).sum())} other texts are too few to fit a scorer (copies of a"
            " text count once)",
            f"give at least {fewest} of each",
        )


def held_out_texts(texts: Sequence[str], toxic: np.ndarray, share: float, seed: int) -> np.ndarray:
    """Which texts are held out, bool [n]: the same share of both classes, a text with all its copies or not at all.

    :param toxic: bool [n]. A text is of the class of its first copy.
    """
    generator = np.random.default_rng(seed)
    first = first_places(texts)
    alone = first == np.arange(len(first))
    held_out = np.zeros(len(toxic), dtype=bool)
    for label in (False, True):
        members = generator.permutation(np.flatnonzero((toxic == label) & alone))
        held_out[members[: max(2, round(share * len(members)))]] = True
    chosen: np.ndarray = held_out[first]
    return chosen


def with_matched_lengths(texts: Sequence[str], toxic: np.ndarray, seed: int) -> list[str]:
    """The same, non-toxic ones cut to as many words, from anywhere in them, as some toxic text has."""
    generator = np.random.default_rng((seed, 1))
    lengths = np.array([len(text.split()) for text, label in zip(texts, toxic, strict=True) if label])
    drawn = generator.choice(lengths, len(texts)).tolist()
    places = generator.random(len(texts)).tolist()
    return [
        text if label else _window(text, max(1, length), place)
        for text, label, length, place in zip(texts, toxic, drawn, places, strict=True)
    ]


def balanced_weights(texts: Sequence[str], toxic: np.ndarray) -> np.ndarray:
    """Weights, float64 [n]: toxic and other texts weigh the same among those that name a group, for each of the groups
    of :data:`_MENTIONS`, and among those that name none.

    A text that names several is of the one that is named least often. Groups that few texts of a class name are pooled.
    """
    named = [{match[1].lower() for match in _NAMED.finditer(text)} for text in texts]
    counts = {name: [0, 0] for name in _MENTIONS}
    for names, label in zip(named, toxic, strict=True):
        for name in names:
            counts[name][int(label)] += 1
    often = {name for name, both in counts.items() if min(both) >= _FEWEST}

    def stratum_of(names: set[str]) -> str:
        known = names & often
        return min(known, key=lambda name: (sum(counts[name]), name)) if known else "others" * bool(names)

    strata = np.array([stratum_of(names) for names in named])
    weights = np.ones(len(texts))
    for stratum in np.unique(strata):
        here = strata == stratum
        for label in (False, True):
            members = here & (toxic == label)
            if 0 < members.sum() < here.sum():
                weights[members] = min(_MOST_WEIGHT, here.sum() / (2 * members.sum()))
    return weights


def _window(text: str, length: int, place: float) -> str:
    words = text.split()
    start = int(place * max(1, len(words) - length + 1))
    return " ".join(words[start : start + length])
