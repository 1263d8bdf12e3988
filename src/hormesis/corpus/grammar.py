"""The grammar of the microworld: scenes, documents, and their exact probability and entropy."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import fsum, inf, log
from typing import Literal

import numpy as np

from hormesis.corpus import lexicon
from hormesis.corpus.lexicon import Choice, Topic
from hormesis.corpus.sentences import CIVIL, FIRST, HOSTILE, log_sum

Register = Literal["civil", "hostile"]
Attitude = Literal["good", "bad"]

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
        {word: w for word, w in zip(lexicon.PEOPLE.words, lexicon.PEOPLE.probabilities, strict=True) if word != p}
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
            found = {piece[1:-1]: word for piece, word in zip(pattern.pieces, words, strict=True) if piece[0] == "{"}
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
            total += log_sum(ways)
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
        scene = _TOPICS.entropy + lexicon.PEOPLE.entropy + lexicon.PLACES.entropy + _attitudes(self.register).entropy
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
        return FIRST.words + (self._sentences - 1) * (self.heat * HOSTILE.words + (1 - self.heat) * CIVIL.words)


def sentences_in(text: str) -> Iterator[list[str]]:
    """The finished sentences of a text, as words in lower case; not what follows the last full stop."""
    for sentence in text.lower().split(".")[:-1]:
        yield re.findall(r"[a-z]+", sentence)
