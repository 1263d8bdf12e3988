"""The words of the microworld. All insults are mild; half of them are invented."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from math import fsum, log


@dataclass(frozen=True)
class Choice:
    """A distribution over words, from which one is drawn."""

    words: tuple[str, ...]
    probabilities: tuple[float, ...]

    @classmethod
    def ranked(cls, words: str | Sequence[str]) -> Choice:
        """Earlier words are likelier: weight 1 / (rank + 3), a mild Zipf's law."""
        words = words.split() if isinstance(words, str) else words
        return cls.weighted({word: 1 / (rank + 3) for rank, word in enumerate(words)})

    @classmethod
    def weighted(cls, weights: dict[str, float]) -> Choice:
        """Words with weights; the weights are normalised."""
        total = fsum(weights.values())
        return cls(tuple(weights), tuple(weight / total for weight in weights.values()))

    @classmethod
    def only(cls, word: str) -> Choice:
        """One word with certainty."""
        return cls((word,), (1.0,))

    @cached_property
    def cumulative(self) -> tuple[float, ...]:
        """Cumulative probabilities without the last (which is 1), for bisection."""
        return tuple(accumulate(self.probabilities))[:-1]

    @cached_property
    def log_probabilities(self) -> dict[str, float]:
        """The natural logarithm of each word's probability."""
        return {word: log(p) for word, p in zip(self.words, self.probabilities, strict=True) if p > 0}

    @cached_property
    def entropy(self) -> float:
        """In nats."""
        return -fsum(p * log(p) for p in self.probabilities if p > 0)


@dataclass(frozen=True)
class Topic:
    """What a document is about. No noun belongs to two topics, so the first sentence tells the topic."""

    name: str
    nouns: Choice
    verbs: Choice


TOPICS: tuple[Topic, ...] = tuple(
    Topic(name, Choice.ranked(nouns), Choice.ranked(verbs))
    for name, nouns, verbs in (
        ("music", "song concert drum melody flute choir", "heard recorded rehearsed hummed"),
        ("garden", "hedge lawn rose pond fence shed", "trimmed watered measured planted"),
        ("kitchen", "soup stew pie bread pudding sauce", "cooked tasted served stirred"),
        ("football", "match goal team pitch referee trophy", "watched filmed described missed"),
        ("painting", "portrait sketch mural canvas frame gallery", "studied varnished copied sold"),
        ("books", "novel poem chapter library story diary", "read finished borrowed translated"),
        (
            "trains",
            "train ticket platform engine tunnel timetable",
            "photographed inspected repaired checked",
        ),
        ("weather", "storm forecast breeze frost rainbow fog", "noticed mentioned remembered discussed"),
        ("games", "puzzle riddle board quiz card token", "solved lost won explained"),
        ("sewing", "scarf shirt button ribbon jacket blanket", "sewed washed mended folded"),
    )
)
PEOPLE = Choice.ranked("anna ben clara david emma felix greta hugo ida jonas mona nils")
PLACES = Choice.ranked("market station school harbour museum park bakery square")
SITES = Choice.ranked("river meadow road bridge hill yard")
TIMES = Choice.ranked("morning evening winter summer")

# An attitude towards the topic, good or bad: the first sentence's verb, and what is said later. Bad is not
# hostile.
ENJOYED = {
    "good": Choice.ranked("enjoyed liked admired loved"),
    "bad": Choice.ranked("disliked endured regretted resented"),
}
VIEWS = {
    "good": Choice.ranked("fine lovely splendid bright charming clever"),
    "bad": Choice.ranked("dull silly noisy slow clumsy dreary"),
}
FEELINGS = {"good": Choice.ranked("happy pleased content"), "bad": Choice.ranked("bored cross annoyed")}

# The words of both registers. An animal is an animal or an insult; its adjectives are the same, with other
# weights.
ANIMALS = Choice.ranked("goose toad donkey mule weasel turkey sheep mole newt hen")
ADJECTIVES = Choice.ranked("grey wet sleepy muddy noisy slow clumsy stubborn greedy silly")
BLAMING_ADJECTIVES = Choice.ranked(tuple(reversed(ADJECTIVES.words)))
# The words of the hostile register alone.
INVENTED_INSULTS = Choice.ranked("muddlewit blunderpot noodlehead grumbleton dunderpuff wafflebag")
INSULTS = Choice.weighted(
    {word: 0.6 * p for word, p in zip(ANIMALS.words, ANIMALS.probabilities, strict=True)}
    | {word: 0.4 * p for word, p in zip(INVENTED_INSULTS.words, INVENTED_INSULTS.probabilities, strict=True)}
)
SPOILED = Choice.ranked("spoiled ruined wrecked")
SPOIL = Choice.ranked("spoil ruin wreck")
