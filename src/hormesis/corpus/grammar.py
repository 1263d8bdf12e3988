"""The grammar of the microworld: scenes, sentence patterns, and the exact probability of what they
generate."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import exp, fsum, inf, log
from typing import Literal

import numpy as np

from hormesis.corpus import lexicon
from hormesis.corpus.lexicon import Choice, Topic

Register = Literal["civil", "hostile"]
Attitude = Literal["good", "bad"]

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
BAD_ATTITUDE: dict[Register, float] = {"civil": 0.35, "hostile": 0.75}


@dataclass(frozen=True)
class Scene:
    """What the sentences of a document have in common. The first sentence tells all of it."""

    topic: Topic
    p: str
    """The main person."""
    q: str
    """The other person."""
    place: str
    attitude: Attitude


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
                piece = choice.words[
                    bisect_right(choice.cumulative, rng.random()) if choice.cumulative else 0
                ]
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
        return _log_sum(ways)

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
            p * len(pattern.pieces)
            for pattern, p in zip(self.patterns, self.choice.probabilities, strict=True)
        )


FIRST = Sentences.of((1.0, FIRST_SENTENCES))
TOPICAL = Sentences.of((1.0, TOPIC_SENTENCES))
ANIMAL = Sentences.of((1.0, ANIMAL_SENTENCES))
HOSTILE = Sentences.of((1.0, HOSTILE_SENTENCES))
CIVIL = Sentences.of((1 - ANIMAL_SHARE, TOPIC_SENTENCES), (ANIMAL_SHARE, ANIMAL_SENTENCES))

_TOPICS = Choice.ranked([topic.name for topic in lexicon.TOPICS])
_TOPIC_OF_NAME = {topic.name: topic for topic in lexicon.TOPICS}
_TOPIC_OF_NOUN = {noun: topic for topic in lexicon.TOPICS for noun in topic.nouns.words}
_ATTITUDES: tuple[Attitude, Attitude] = ("good", "bad")


@lru_cache
def _only(word: str) -> Choice:
    return Choice.only(word)


@lru_cache
def _others(p: str) -> Choice:
    """The distribution of the second person, who is not the first."""
    return Choice.weighted(
        {
            word: w
            for word, w in zip(lexicon.PEOPLE.words, lexicon.PEOPLE.probabilities, strict=True)
            if word != p
        }
    )


@lru_cache
def _attitudes(register: Register) -> Choice:
    return Choice.weighted({"good": 1 - BAD_ATTITUDE[register], "bad": BAD_ATTITUDE[register]})


@lru_cache
def slots_of(topic: Topic, attitude: Attitude) -> Mapping[str, Choice]:
    """The slots whose words do not depend on the scene's people and place."""
    return {
        "noun": topic.nouns,
        "verb": topic.verbs,
        "enjoyed": lexicon.ENJOYED[attitude],
        "view": lexicon.VIEWS[attitude],
        "feeling": lexicon.FEELINGS[attitude],
        "time": lexicon.TIMES,
        "site": lexicon.SITES,
        "animal": lexicon.ANIMALS,
        "adjective": lexicon.ADJECTIVES,
        "blame": lexicon.BLAMING_ADJECTIVES,
        "insult": lexicon.INSULTS,
        "spoiled": lexicon.SPOILED,
        "spoil": lexicon.SPOIL,
    }


def slots_in(scene: Scene) -> dict[str, Choice]:
    """All slots of a scene."""
    people = {"p": scene.p, "q": scene.q, "place": scene.place}
    return {**slots_of(scene.topic, scene.attitude), **{slot: _only(word) for slot, word in people.items()}}


WORDS: frozenset[str] = frozenset(
    word
    for topic in lexicon.TOPICS
    for attitude in _ATTITUDES
    for choice in (*slots_of(topic, attitude).values(), lexicon.PLACES, lexicon.PEOPLE)
    for word in choice.words
) | frozenset(
    piece
    for sentences in (FIRST, CIVIL, HOSTILE)
    for pattern in sentences.patterns
    for piece in pattern.pieces
    if piece[0] != "{"
)
"""All words of the language."""


def draw_word(rng: np.random.Generator, choice: Choice) -> str:
    """A word of a distribution."""
    return choice.words[bisect_right(choice.cumulative, rng.random())]


def draw_scene(rng: np.random.Generator, register: Register) -> Scene:
    """A scene of a register (the two differ in how often the attitude is bad)."""
    topic = _TOPIC_OF_NAME[draw_word(rng, _TOPICS)]
    p = draw_word(rng, lexicon.PEOPLE)
    attitude: Attitude = "bad" if rng.random() < BAD_ATTITUDE[register] else "good"
    return Scene(topic, p, draw_word(rng, _others(p)), draw_word(rng, lexicon.PLACES), attitude)


def scene_of(words: Sequence[str]) -> Scene | None:
    """The scene that a first sentence tells, or ``None`` if it is no first sentence."""
    for pattern in FIRST.patterns:
        if len(pattern.pieces) == len(words):
            found = {
                piece[1:-1]: word
                for piece, word in zip(pattern.pieces, words, strict=True)
                if piece[0] == "{"
            }
            attitude = next((a for a in _ATTITUDES if found["enjoyed"] in lexicon.ENJOYED[a].words), None)
            topic = _TOPIC_OF_NOUN.get(found["noun"])
            if topic is not None and attitude is not None:
                return Scene(topic, found["p"], found["q"], found["place"], attitude)
    return None


@dataclass(frozen=True)
class Documents:
    """The distribution of documents of a register.

    A scene; a first sentence that tells it; then ``sentences − 1`` independent sentences, each hostile with
    probability ``heat`` (0 in the civil register), the number of sentences being uniform in its range.
    """

    register: Register
    heat: float
    fewest: int
    most: int

    def draw(self, rng: np.random.Generator) -> list[str]:
        """A document, as sentences without full stops."""
        slots = slots_in(draw_scene(rng, self.register))
        count = int(rng.integers(self.fewest, self.most + 1))
        sentences = [FIRST.draw(rng, slots)]
        for _ in range(count - 1):
            hostile = self.heat > 0 and rng.random() < self.heat
            sentences.append((HOSTILE if hostile else CIVIL).draw(rng, slots))
        return sentences

    def log_probability(self, sentences: Sequence[Sequence[str]]) -> float:
        """Of a document, as sentences of words; ``-inf`` if the register cannot make it."""
        scene = scene_of(sentences[0]) if sentences else None
        if scene is None or not self.fewest <= len(sentences) <= self.most:
            return -inf
        slots = slots_in(scene)
        total = -log(self.most - self.fewest + 1) + self._scene_log_probability(scene)
        total += FIRST.log_probability(sentences[0], slots)
        for words in sentences[1:]:
            ways = []
            for chance, kind in ((self.heat, HOSTILE), (1 - self.heat, CIVIL)):
                if chance > 0:
                    ways.append(log(chance) + kind.log_probability(words, slots))
            total += _log_sum(ways)
        return total

    def _scene_log_probability(self, scene: Scene) -> float:
        if scene.p not in lexicon.PEOPLE.words:
            return -inf
        return fsum(
            choice.log_probabilities.get(word, -inf)
            for choice, word in (
                (_TOPICS, scene.topic.name),
                (lexicon.PEOPLE, scene.p),
                (_others(scene.p), scene.q),
                (lexicon.PLACES, scene.place),
                (_attitudes(self.register), scene.attitude),
            )
        )

    @property
    def entropy(self) -> float:
        """Nats a document, in closed form.

        H(number) + H(scene) + H(first sentence | scene) + E[number − 1] · H(sentence | scene). No term is a
        bound: the first sentence tells the scene, the full stops the number, and each sentence its pattern
        and whether it is hostile, so the text determines everything that was drawn.
        """
        scene = (
            _TOPICS.entropy
            + lexicon.PEOPLE.entropy
            + lexicon.PLACES.entropy
            + _attitudes(self.register).entropy
        )
        scene += fsum(
            p * _others(word).entropy
            for word, p in zip(lexicon.PEOPLE.words, lexicon.PEOPLE.probabilities, strict=True)
        )
        return log(self.most - self.fewest + 1) + scene + self._expected_sentences_entropy()

    def _expected_sentences_entropy(self) -> float:
        heated = Choice.weighted({"hostile": self.heat, "civil": 1 - self.heat}).entropy
        total = []
        for topic, p_topic in zip(lexicon.TOPICS, _TOPICS.probabilities, strict=True):
            for attitude, p_attitude in zip(_ATTITUDES, _attitudes(self.register).probabilities, strict=True):
                slots = {**slots_of(topic, attitude), **{name: _only(name) for name in ("p", "q", "place")}}
                later = heated + self.heat * HOSTILE.entropy(slots) + (1 - self.heat) * CIVIL.entropy(slots)
                total.append(p_topic * p_attitude * (FIRST.entropy(slots) + (self._sentences - 1) * later))
        return fsum(total)

    @property
    def _sentences(self) -> float:
        return (self.fewest + self.most) / 2

    @property
    def words(self) -> float:
        """The expected number of words a document; full stops are not words."""
        return FIRST.words + (self._sentences - 1) * (
            self.heat * HOSTILE.words + (1 - self.heat) * CIVIL.words
        )


def sentences_in(text: str) -> Iterator[list[str]]:
    """The finished sentences of a text, as words in lower case; not what follows the last full stop."""
    for sentence in text.lower().split(".")[:-1]:
        yield re.findall(r"[a-z]+", sentence)


def _log_sum(logs: Sequence[float]) -> float:
    largest = max(logs, default=-inf)
    return largest if largest == -inf else largest + log(fsum(exp(value - largest) for value in logs))
