"""What is done to labelled texts before a scorer is fitted: copies together, lengths alike, names that tell nothing."""

from __future__ import annotations

import numpy as np
import pytest

from hormesis.corpus.held_out import normalised
from hormesis.errors import HormesisError
from hormesis.evaluate import NgramConfig, NgramScorer
from hormesis.evaluate.scorers.fitting import balanced_weights, held_out_texts, with_matched_lengths
from hormesis.evaluate.scorers.ngram import ROBUST
from hormesis.evaluate.scorers.spelling import as_meant, misspelt
from tests.evaluate.tiny import invented_texts

SIZES = {"word_features": 2**12, "character_features": 2**12}
SMALL = NgramConfig(word_features=2**12, character_features=2**12)


def test_a_text_is_held_out_with_all_its_copies_or_not_at_all() -> None:
    texts = [
        spelled
        for place, text in enumerate(invented_texts(60))
        for spelled in (f"{text} {place}", f" {text.upper()}  {place}")
    ]
    toxic = np.arange(len(texts)) // 2 % 2 == 0
    held_out = held_out_texts(texts, toxic, 0.2, 0)
    sides = [{normalised(text) for text, side in zip(texts, held_out, strict=True) if side == out} for out in (0, 1)]
    assert not sides[0] & sides[1] and len(sides[1]) == len(sides[0] | sides[1]) // 5


def test_without_copies_the_same_texts_are_held_out_as_ever() -> None:
    toxic = np.random.default_rng(1).random(100) < 0.3
    texts = [f"{text} {place}" for place, text in enumerate(invented_texts(100))]
    generator, expected = np.random.default_rng(7), np.zeros(100, dtype=bool)
    for label in (False, True):
        members = generator.permutation(np.flatnonzero(toxic == label))
        expected[members[: max(2, round(0.1 * len(members)))]] = True
    assert np.array_equal(held_out_texts(texts, toxic, 0.1, 7), expected)


def test_random_labels_of_copied_texts_are_not_learned() -> None:
    random = np.random.default_rng(0)
    labels = np.repeat(random.random(300) < 0.5, 8)
    texts = [" ".join(f"w{word}" for word in random.integers(400, size=12)) for _ in range(300)]
    copied = [text for text in texts for _ in range(8)]
    aurocs = []
    for seed in range(6):
        try:
            config = SMALL.model_copy(update={"seed": seed, "held_out": 0.3})
            aurocs.append(NgramScorer.fit(copied, labels, config).validation_auroc)
        except HormesisError as error:
            assert "learned nothing" in error.problem
    assert all(auroc < 0.7 for auroc in aurocs), "was 1.000 when copies stood on both sides"


def test_matched_lengths_leave_toxic_texts_alone() -> None:
    texts = ["you goose now", "you drum"] + [" ".join(f"w{place}" for place in range(60))] * 20
    toxic = np.array([True, True] + [False] * 20)
    matched = with_matched_lengths(texts, toxic, 0)
    assert matched[:2] == texts[:2] and {len(text.split()) for text in matched[2:]} == {2, 3}
    assert len(set(matched[2:])) > 10, "windows from anywhere"


def test_a_name_tells_nothing_when_its_texts_are_balanced() -> None:
    texts = ["those muslims"] * 90 + ["some muslims"] * 10 + ["a goose"] * 30 + ["a river"] * 70
    toxic = np.array([True] * 90 + [False] * 10 + [True] * 30 + [False] * 70)
    weights = balanced_weights(texts, toxic)
    for named in (slice(0, 100), slice(100, 200)):
        assert weights[named][toxic[named]].sum() == pytest.approx(weights[named][~toxic[named]].sum())
    assert weights.sum() == pytest.approx(200)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("You 1d10t", "you idiot"),
        ("a s.i.l.l.y g-o-o-s-e", "a silly goose"),
        ("g o o s e, go", "goose, go"),
        ("sillllly goooose", "sily gose"),
        ("on the 21st at 10am in 2010, e.g. here", "on the 21st at 10am in 2010, e.g. here"),
        ("mail me @ noon for $5", "mail me @ noon for $5"),
    ],
)
def test_words_are_read_as_they_are_meant(written: str, meant: str) -> None:
    # a doubled letter stays, one drawn out becomes one
    assert as_meant(written) == meant


def test_misspelling_leaves_most_words_alone() -> None:
    text = " ".join(["silly", "goose", "by", "the", "river"] * 40)
    other = misspelt(text, np.random.default_rng(0)).split()
    changed = [word for word, before in zip(other, text.split(), strict=True) if word != before]
    assert 20 < len(changed) < 60 and all(word in other for word in ("by", "the"))


def test_a_robust_scorer_reads_odd_spelling_and_is_saved_with_how_it_reads() -> None:
    random = np.random.default_rng(0)
    labels = random.random(400) < 0.5
    texts = [
        f"{text} you silly goose" if toxic else text for text, toxic in zip(invented_texts(400), labels, strict=True)
    ]
    config = ROBUST.model_copy(update=SIZES)
    odd = ["you s1lly g00se", "you s.i.l.l.y g.o.o.s.e"]
    robust, plain = (NgramScorer.fit(texts, labels, each) for each in (config, SMALL))
    assert (robust.score(odd) > 0.5).all() and robust.score(odd).min() > plain.score(odd).min()
    assert {"spelling", "lengths", "mentions"} <= set(config.saved) and not {"spelling"} & set(NgramConfig().saved)
