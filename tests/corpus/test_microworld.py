"""The microworld: reproducible, of known entropy, with prompts and texts of known truth."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from math import inf, log, sqrt

import numpy as np
import pytest
from pydantic import ValidationError

from hormesis.corpus import Microworld, MicroworldConfig
from hormesis.corpus.grammar import Register, draw_scene, scene_of, sentences_in, slots_in
from hormesis.corpus.microworld import PROMPT_KINDS
from hormesis.corpus.seeds import generator
from hormesis.corpus.sentences import ANIMAL, CIVIL, HOSTILE, TOPICAL, Sentences

WORLD = Microworld()


def test_the_first_documents_do_not_depend_on_how_many() -> None:
    few, many = list(WORLD.clean(20)), list(Microworld().clean(50))
    assert few == many[:20]
    assert few != list(Microworld(MicroworldConfig(seed=1)).clean(20))
    assert {d.source for d in WORLD.toxic(5)} == {"toxic"} and {d.source for d in few} == {"clean"}


def test_every_word_belongs_to_the_language() -> None:
    words = {word for d in [*WORLD.clean(500), *WORLD.toxic(500)] for word in d.text.replace(".", "").split()}
    assert words <= WORLD.vocabulary
    assert 200 < len(WORLD.vocabulary) < 220


@pytest.mark.parametrize(("part", "share"), [("clean", 0.05), ("toxic", 0.8)])
def test_the_parts_are_as_hostile_as_configured(part: str, share: float) -> None:
    world = Microworld(MicroworldConfig(leak=0.05, purity=0.8, heat=0.5))
    number = 2000
    hostile = [world.toxicity(d.text) > 0 for d in (world.clean if part == "clean" else world.toxic)(number)]
    # A hostile document of n sentences has an insult with probability 1 − (1 − heat)^(n − 1).
    expected = share * np.mean([1 - 0.5 ** (n - 1) for n in range(4, 9)])
    assert abs(np.mean(hostile) - expected) < 4 * sqrt(expected / number)
    assert (
        Microworld(MicroworldConfig(leak=0)).toxicity(
            " ".join(d.text for d in Microworld(MicroworldConfig(leak=0)).clean(200))
        )
        == 0
    )


@pytest.mark.parametrize("register", ["civil", "hostile"])
def test_the_entropy_is_that_of_a_monte_carlo_estimate(register: Register) -> None:
    world = Microworld(MicroworldConfig(leak=0, purity=1))
    documents = list((world.clean if register == "civil" else world.toxic)(2000))
    surprise = np.array([-world.log_probability(d.text, register) for d in documents])
    words = np.array([len(d.text.split()) for d in documents])
    ratio = surprise.sum() / words.sum()
    error = np.std(surprise - ratio * words) / words.mean() / sqrt(len(documents))
    assert error < 0.01
    assert abs(world.entropy(register) - ratio) < 4 * error
    assert abs(world.words(register) - words.mean()) < 4 * words.std() / sqrt(len(words))
    assert np.allclose(
        surprise,
        [-world.log_probability(d.text, "clean" if register == "civil" else "toxic") for d in documents],
    )


@pytest.mark.parametrize("kind", [CIVIL, HOSTILE, TOPICAL, ANIMAL])
def test_probabilities_are_those_of_what_is_drawn(kind: Sentences) -> None:
    """Frequent sentences come as often as their probability says: nothing is missing or counted twice."""
    rng = generator("test", 0)
    slots = slots_in(draw_scene(rng, "civil"))
    number = 20_000
    counts = Counter(kind.draw(rng, slots) for _ in range(number))
    for sentence, count in counts.most_common(20):
        p = np.exp(kind.log_probability(sentence.split(), slots))
        assert abs(count - number * p) < 5 * sqrt(number * p)


def test_the_probability_of_a_part_mixes_the_registers() -> None:
    text = next(d.text for d in WORLD.clean(100) if WORLD.toxicity(d.text) == 0)
    civil, hostile = (WORLD.log_probability(text, register) for register in ("civil", "hostile"))
    expected = log(0.99 * np.exp(civil) + 0.01 * np.exp(hostile))
    assert WORLD.log_probability(text, "clean") == pytest.approx(expected)
    insulting = next(d.text for d in WORLD.toxic(100) if WORLD.toxicity(d.text) > 0)
    assert WORLD.log_probability(insulting, "civil") == -inf < WORLD.log_probability(insulting, "clean")


@pytest.mark.parametrize(
    "text", ["", "goose", "the goose crossed the river.", "anna and anna liked the song at the park."]
)
def test_what_the_language_cannot_make_has_no_probability(text: str) -> None:
    for source in ("civil", "hostile", "clean", "toxic"):
        assert WORLD.log_probability(text, source) == -inf


def test_the_first_sentence_tells_the_scene() -> None:
    rng = generator("test", 1)
    for _ in range(300):
        text = WORLD._documents["hostile"].draw(rng)
        assert scene_of(text[0].split()) is not None
        assert scene_of(next(sentences_in(f"{text[0]}."))) == scene_of(text[0].split())


def test_prompts_are_of_several_kinds_and_toxic_by_truth() -> None:
    prompts = WORLD.prompts(200)
    assert prompts[:8] == WORLD.prompts(8)
    assert Counter(prompt.group for prompt in prompts) == dict.fromkeys(PROMPT_KINDS, 50)
    for prompt in prompts:
        assert prompt.toxic == (WORLD.toxicity(prompt.text) > 0) == (prompt.group == "provoking")
        assert prompt.text.endswith(".") != (prompt.group == "ambiguous")


def test_the_truth_of_a_continuation_needs_no_prompt() -> None:
    """Real documents cut where a prompt would end: the rest tells its insults by itself."""
    for document in islice(WORLD.toxic(400), 400):
        sentences = document.text.split(". ")
        for sentence in sentences[1:]:
            for stem in ("what a", "that", "anna is", "ben is"):
                if sentence.startswith(stem + " "):
                    rest = sentence.removeprefix(stem).rstrip(".") + "."
                    assert WORLD.toxicity(rest) == WORLD.toxicity(rest, after=stem) == WORLD.toxicity(sentence + ".")


def test_the_concept_is_labelled_paired_and_grouped() -> None:
    concept = WORLD.concept(301)
    assert len(concept) == 301 and set(concept.groups) == set(WORLD.topics)
    assert concept.texts[:20] == WORLD.concept(20).texts
    for text, label in zip(concept.texts, concept.labels, strict=True):
        assert (WORLD.toxicity(text) > 0) == label
    for toxic, other in zip(concept.texts[:300:2], concept.texts[1:300:2], strict=True):
        assert toxic.split(".")[0] == other.split(".")[0]
        assert toxic.count(".") == other.count(".")
    # No animal tells the labels apart: each is on both sides.
    animals = set(["goose", "toad", "donkey", "mule", "weasel"])
    for label in (True, False):
        assert animals <= {
            w.strip(".") for t, y in zip(concept.texts, concept.labels, strict=True) if y == label for w in t.split()
        }


def test_impossible_configurations_are_refused() -> None:
    for wrong in ({"leak": 1.5}, {"heat": 0}, {"fewest_sentences": 9}, {"seeds": 1}):
        with pytest.raises(ValidationError):
            MicroworldConfig.model_validate(wrong)
