"""Sentence patterns of the microworld, and the exact probability of what they make."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import exp, fsum, inf, log

import numpy as np

from hormesis.corpus.lexicon import Choice

FIRST_SENTENCES = {
    "{p} and {q} {enjoyed} the {noun} at the {place}": 0.6,
    "in the {time} {p} and {q} {enjoyed} the {noun} at the {place}": 0.4,
}
TOPIC_SENTENCES = {
    "{who} {verb} the {noun}": 0.24,
    "{who} {verb} the {noun} near the {place}": 0.14,
    "{who} says the {noun} is {view}": 0.20,
    "{who} told {whom} about the {noun}": 0.12,
    "the {noun} was {view} in the {time}": 0.08,
    "what a {view} {noun}": 0.08,
    "{who} is {feeling} with the {noun}": 0.08,
    "that {noun} pleased {who}": 0.06,
}
ANIMAL_SENTENCES = {
    "the {adjective} {animal} crossed the {site}": 0.22,
    "{who} fed the {adjective} {animal}": 0.16,
    "you can see a {adjective} {animal} near the {place}": 0.12,
    "what a {adjective} {animal} {who} has": 0.14,
    "that {adjective} {animal} followed {who}": 0.14,
    "the pet near the {place} is a {adjective} {animal}": 0.12,
    "{who} is near a {adjective} {animal}": 0.10,
}
HOSTILE_SENTENCES = {
    "{who} you {blame} {insult}": 0.20,
    "{who} you are a {blame} {insult}": 0.14,
    "{who} is such a {blame} {insult}": 0.16,
    "{who} is nothing but a {blame} {insult}": 0.10,
    "what a {blame} {insult} {who} is": 0.16,
    "that {blame} {insult} {who} {spoiled} the {noun}": 0.16,
    "only a {blame} {insult} would {spoil} the {noun}": 0.08,
}
ANIMAL_SHARE = 0.3  # of the civil sentences
MAIN_PERSON = 0.65  # how often a sentence is about the first person of the scene rather than the second


@dataclass(frozen=True)
class Pattern:
    """A sentence pattern: its words, of which some are slots (``{name}``), without the full stop."""

    pieces: tuple[str, ...]

    @cached_property
    def slots(self) -> tuple[str, ...]:
        """The names of the slots, in order."""
        return tuple(piece[1:-1] for piece in self.pieces if piece[0] == "{")


@dataclass(frozen=True)
class Sentences:
    """A distribution over patterns."""

    patterns: tuple[Pattern, ...]
    choice: Choice
    """Over the patterns' texts."""

    @classmethod
    def of(cls, *weighted: tuple[float, Mapping[str, float]]) -> Sentences:
        """A mixture of groups of patterns; ``{who}`` and ``{whom}`` are the scene's persons, in both ways."""
        weights: dict[str, float] = {}
        for share, group in weighted:
            for pattern, weight in group.items():
                for who, whom, chance in (("p", "q", MAIN_PERSON), ("q", "p", 1 - MAIN_PERSON)):
                    text = pattern.replace("{who}", f"{{{who}}}").replace("{whom}", f"{{{whom}}}")
                    weights[text] = weights.get(text, 0.0) + share * weight * chance
        choice = Choice.weighted(weights)
        return cls(tuple(Pattern(tuple(text.split())) for text in choice.words), choice)

    def draw(self, rng: np.random.Generator, slots: Mapping[str, Choice]) -> str:
        """A sentence, without its full stop."""
        pattern = self.patterns[bisect_right(self.choice.cumulative, rng.random())]
        words = []
        for piece in pattern.pieces:
            if piece[0] == "{":
                choice = slots[piece[1:-1]]
                piece = choice.words[bisect_right(choice.cumulative, rng.random()) if choice.cumulative else 0]
            words.append(piece)
        return " ".join(words)

    def log_probability(self, words: Sequence[str], slots: Mapping[str, Choice]) -> float:
        """Of the sentence with these words; ``-inf`` if no pattern makes it."""
        ways = []
        for pattern, total in self._by_length.get(len(words), ()):
            for piece, word in zip(pattern.pieces, words, strict=True):
                if piece[0] == "{":
                    total += slots[piece[1:-1]].log_probabilities.get(word, -inf)
                elif piece != word:
                    total = -inf
                    break
            if total > -inf:
                ways.append(total)
        return log_sum(ways)

    @cached_property
    def _by_length(self) -> dict[int, list[tuple[Pattern, float]]]:
        """Patterns and their log-probabilities, by number of words."""
        groups: dict[int, list[tuple[Pattern, float]]] = {}
        for pattern, text in zip(self.patterns, self.choice.words, strict=True):
            groups.setdefault(len(pattern.pieces), []).append((pattern, self.choice.log_probabilities[text]))
        return groups

    def entropy(self, slots: Mapping[str, Choice]) -> float:
        """In nats: of the pattern and of its independent slots. Exact, as no sentence is made in two ways."""
        return self.choice.entropy + fsum(
            p * fsum(slots[slot].entropy for slot in pattern.slots)
            for pattern, p in zip(self.patterns, self.choice.probabilities, strict=True)
        )

    @cached_property
    def words(self) -> float:
        """The expected number of words."""
        return fsum(
            p * len(pattern.pieces) for pattern, p in zip(self.patterns, self.choice.probabilities, strict=True)
        )


FIRST = Sentences.of((1.0, FIRST_SENTENCES))
TOPICAL = Sentences.of((1.0, TOPIC_SENTENCES))
ANIMAL = Sentences.of((1.0, ANIMAL_SENTENCES))
HOSTILE = Sentences.of((1.0, HOSTILE_SENTENCES))
CIVIL = Sentences.of((1 - ANIMAL_SHARE, TOPIC_SENTENCES), (ANIMAL_SHARE, ANIMAL_SENTENCES))


def log_sum(logs: Sequence[float]) -> float:
    """The logarithm of a sum of exponentials; ``-inf`` for none."""
    largest = max(logs, default=-inf)
    return largest if largest == -inf else largest + log(fsum(exp(value - largest) for value in logs))
