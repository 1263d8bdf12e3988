"""The microworld: an artificial language of which toxicity and entropy are known exactly."""

from __future__ import annotations

from collections.abc import Iterator
from math import log
from typing import Literal

import numpy as np
from pydantic import Field, model_validator

from hormesis.config import Config, Seed
from hormesis.corpus import grammar, lexicon
from hormesis.corpus.concepts import LabelledTexts
from hormesis.corpus.documents import Document
from hormesis.corpus.grammar import Documents, Register, Scene, sentences_in, slots_in
from hormesis.corpus.insults import insulted_share
from hormesis.corpus.prompts import Prompt
from hormesis.corpus.seeds import generator
from hormesis.corpus.sentences import ANIMAL, FIRST, HOSTILE, TOPICAL, log_sum

Part = Literal["clean", "toxic"]

PROMPT_KINDS = ("neutral", "animal", "provoking", "ambiguous")
_STEMS = ("what a", "that", "{p} is", "{q} is")


class MicroworldConfig(Config):
    """How hostile the parts of the microworld are, and how long its documents."""

    seed: Seed = 0
    leak: float = Field(default=0.01, ge=0, le=1)
    """The share of hostile documents in the clean part (no filter is perfect; C4 has some too)."""
    purity: float = Field(default=0.9, ge=0, le=1)
    """The share of hostile documents in the toxic part."""
    heat: float = Field(default=0.6, gt=0, lt=1)
    """How probable an insult is in each sentence of a hostile document but the first."""
    fewest_sentences: int = Field(default=4, ge=2)
    most_sentences: int = Field(default=8, ge=2)

    @model_validator(mode="after")
    def _is_a_range(self) -> MicroworldConfig:
        if self.fewest_sentences > self.most_sentences:
            raise ValueError(f"fewest_sentences {self.fewest_sentences} > most_sentences {self.most_sentences}")
        return self


class Microworld:
    """A seeded probabilistic language with a civil and a hostile register.

    **How it is generated.** A document draws a register (hostile with probability ``leak`` in the clean part
    and ``purity`` in the toxic part), a scene (a topic, two people, a place, and a good or bad attitude
    towards the topic, bad more often in the hostile register), a first sentence that tells the scene, and 3
    to 7 further sentences. A civil sentence is about the topic, with nouns, verbs and opinions that fit the
    scene, or about an animal ("the grey goose crossed the river."). A sentence of a hostile document is, with
    probability ``heat``, an insult instead ("ben you silly goose."), else civil. So there is something to
    infer from context (who, what, where, which register) and something to entangle: six in ten insults are
    animals and their adjectives are those of the animals, "what a grey goose anna has." is civil and "what a
    grey goose anna is." is not, and a bad opinion is no insult. The rest are invented insults, which only the
    hostile register knows; so are a few words of its constructions ("such", "nothing but", "only", "would").
    There are about 210 words; a byte-level tokenizer of 1,024 tokens holds each of them whole.

    **What is exact.** :meth:`toxicity`, the share of sentences with an insult used as an insult, on any text.
    :meth:`log_probability` of any document, and :meth:`entropy`, the floor of a language model's
    cross-entropy.

    **What it can show.** Whether the machinery measures what it claims: a model's toxicity, probes and
    steering against a truth without label noise; whether a share of hostile documents changes how linearly
    hostility is represented and how much steering it away costs, in a small model of a small language. **What
    it cannot show.** Anything about real toxicity: here it is a matter of a few constructions, not of
    meaning, irony or harm; there is one kind of it; the registers differ in little else; no sentence depends
    on another but through the scene. An effect found here says that it is possible, not that it occurs in
    real text, nor how large it is there.

    The same configuration gives the same texts everywhere; the first n documents do not depend on n.
    """

    def __init__(self, config: MicroworldConfig | None = None) -> None:
        self.config = config or MicroworldConfig()
        fewest, most = self.config.fewest_sentences, self.config.most_sentences
        self._documents: dict[Register, Documents] = {
            "civil": Documents("civil", 0.0, fewest, most),
            "hostile": Documents("hostile", self.config.heat, fewest, most),
        }

    def clean(self, n: int) -> Iterator[Document]:
        """The first ``n`` documents of the clean part."""
        return self._part("clean", n)

    def toxic(self, n: int) -> Iterator[Document]:
        """The first ``n`` documents of the toxic part."""
        return self._part("toxic", n)

    def hostile_share(self, part: Part) -> float:
        """The probability that a document of a part is hostile."""
        return self.config.leak if part == "clean" else self.config.purity

    def _part(self, part: Part, n: int) -> Iterator[Document]:
        rng = generator("microworld", self.config.seed, part)
        for _ in range(n):
            register: Register = "hostile" if rng.random() < self.hostile_share(part) else "civil"
            yield Document(_text(self._documents[register].draw(rng)), part)

    def prompts(self, n: int) -> tuple[Prompt, ...]:
        """The first ``n`` prompts, the kinds (``group``) taking turns.

        - *neutral*: a first sentence, or that and a civil sentence about the topic.
        - *animal*: a first sentence and an animal used as an animal.
        - *provoking*: the beginning of a hostile document, with one or two insults; the only toxic kind.
        - *ambiguous*: a first sentence with a bad attitude, and words that either register may go on from
          ("what a").

        No prompt stops within an insult: a continuation's toxicity can be told from the continuation alone.
        """
        rng = generator("microworld", self.config.seed, "prompts")
        return tuple(self._prompt(rng, PROMPT_KINDS[i % len(PROMPT_KINDS)]) for i in range(n))

    def _prompt(self, rng: np.random.Generator, kind: str) -> Prompt:
        scene = grammar.draw_scene(rng, "hostile" if kind in ("provoking", "ambiguous") else "civil")
        if kind == "ambiguous":
            scene = Scene(scene.topic, scene.p, scene.q, scene.place, "bad")
        slots = slots_in(scene)
        text = _text([FIRST.draw(rng, slots)])
        more = int(rng.integers(2))
        if kind == "neutral" and more:
            text = f"{text} {TOPICAL.draw(rng, slots)}."
        elif kind == "animal":
            text = f"{text} {ANIMAL.draw(rng, slots)}."
        elif kind == "provoking":
            text = " ".join([text, *(f"{HOSTILE.draw(rng, slots)}." for _ in range(1 + more))])
        elif kind == "ambiguous":
            text = f"{text} {_STEMS[int(rng.integers(len(_STEMS)))].format(p=scene.p, q=scene.q)}"
        return Prompt(text, self.toxicity(text) > 0, kind)

    def concept(self, n: int) -> LabelledTexts:
        """The first ``n`` labelled texts of the concept *hostility*; groups are topics.

        Texts come in pairs of one scene and one number of sentences: a toxic one (True) with at least one
        insult at any place, and one without. Half of the sentences that are no insults are about animals, so
        neither an animal nor its adjective, nor a bad attitude, tells the two apart.
        """
        rng = generator("microworld", self.config.seed, "concept")
        texts: list[str] = []
        labels: list[bool] = []
        groups: list[str] = []
        while len(texts) < n:
            scene = grammar.draw_scene(rng, "hostile" if rng.random() < 0.5 else "civil")
            slots = slots_in(scene)
            first = FIRST.draw(rng, slots)
            count = int(rng.integers(1, 4))
            insulted = int(rng.integers(count))
            for toxic in (True, False):
                sentences = [first]
                for place in range(count):
                    if toxic and (place == insulted or rng.random() < self.config.heat):
                        sentences.append(HOSTILE.draw(rng, slots))
                    else:
                        kind = ANIMAL if rng.random() < 0.5 else TOPICAL
                        sentences.append(kind.draw(rng, slots))
                texts.append(_text(sentences))
                labels.append(toxic)
                groups.append(scene.topic.name)
        return LabelledTexts(tuple(texts[:n]), np.array(labels[:n], dtype=np.bool_), tuple(groups[:n]))

    def toxicity(self, text: str, *, after: str = "") -> float:
        """The share of the sentences of ``text`` that hold an insult used as an insult, in [0, 1].

        For any text, generated ones with broken sentences included; an animal used as an animal is none. A
        last sentence that is cut off counts only if it holds an insult already. Without any sentence: 0.

        :param after: what stands before ``text`` (the prompt): read, not scored.
        """
        return insulted_share(text, after)

    def entropy(self, register: Register) -> float:
        """Nats a word of the documents of a register, in closed form: no language model can have less.

        The entropy of a document over its expected number of words (full stops are no words, but their
        uncertainty, like that of the document's end, is in it). To compare with a cross-entropy in nats a
        token, multiply both by what they are per: ``entropy(r) · words(r)`` is nats a document.
        """
        documents = self._documents[register]
        return documents.entropy / documents.words

    def words(self, register: Register) -> float:
        """The expected number of words a document of a register."""
        return self._documents[register].words

    def log_probability(self, text: str, source: Register | Part) -> float:
        """The natural logarithm of the probability that a document of a register or a part is ``text``.

        Exact; ``-inf`` for what the language cannot make. Its mean over held-out documents of a part is the
        floor of a model trained on that part, the uncertainty about the register included.
        """
        sentences = list(sentences_in(text))
        if source == "civil" or source == "hostile":
            return self._documents[source].log_probability(sentences)
        share = self.hostile_share(source)
        ways: list[tuple[Register, float]] = [("hostile", share), ("civil", 1 - share)]
        return log_sum([log(p) + self._documents[register].log_probability(sentences) for register, p in ways if p > 0])

    @property
    def vocabulary(self) -> frozenset[str]:
        """All words of the language."""
        return grammar.WORDS

    @property
    def topics(self) -> tuple[str, ...]:
        """The names of the topics: the groups of :meth:`concept`."""
        return tuple(topic.name for topic in lexicon.TOPICS)


def _text(sentences: list[str]) -> str:
    return " ".join(f"{sentence}." for sentence in sentences)
