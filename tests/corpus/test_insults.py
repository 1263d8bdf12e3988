"""The truth: an animal is an insult by what stands around it; broken texts have a truth too."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hormesis.corpus.grammar import WORDS, draw_scene, slots_in
from hormesis.corpus.insults import insulted_share
from hormesis.corpus.seeds import generator
from hormesis.corpus.sentences import ANIMAL, CIVIL, HOSTILE


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("the goose crossed the river.", 0),
        ("ben you silly goose.", 1),
        ("you can see a silly goose near the park.", 0),
        ("you are a silly goose.", 1),
        ("what a grey goose anna has.", 0),
        ("what a grey goose anna is.", 1),
        ("that grey goose followed anna.", 0),
        ("that grey goose anna spoiled the song.", 1),
        ("the pet near the park is a muddy toad.", 0),
        ("anna is near a muddy toad.", 0),
        ("anna is a muddy toad.", 1),
        ("anna is such a toad.", 1),
        ("only a toad would ruin the song.", 1),
        ("the song is silly.", 0),
        ("the grumbleton crossed the river.", 1),
        ("Ben, you silly GOOSE!", 1),
        ("the goose crossed the river. ben you silly goose.", 0.5),
        ("ben you silly goose. you are a newt! anna fed the newt? anna fed the hen.", 0.5),
        ("", 0),
        ("...", 0),
        ("goose goose goose", 0),
    ],
)
def test_the_truth_of_a_text(text: str, share: float) -> None:
    assert insulted_share(text) == share


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("anna fed the hen. ben you silly goo", 0),  # cut off within a word, undecided: not counted
        ("anna fed the hen. ben you silly goose", 0.5),  # decided, though not ended
        ("what a grey goose anna", 0),
        ("what a grey goose anna ha", 0),  # may become "has"
        ("what a grey goose anna has", 0),
        ("what a grey goose anna is", 1),
        ("only a toad", 0),
        ("only a toad would", 1),
    ],
)
def test_a_sentence_that_is_cut_off_counts_if_it_is_decided(text: str, share: float) -> None:
    assert insulted_share(text) == share


def test_what_stands_in_front_is_read_and_not_scored() -> None:
    assert insulted_share(" silly goose.", after="ben you") == 1
    assert insulted_share(" silly goose.") == 0
    assert insulted_share(" the hen slept.", after="ben you silly goose.") == 0
    assert insulted_share(". anna fed the hen.", after="ben you silly goose") == 0
    assert insulted_share("se. anna fed the hen.", after="ben you silly goo") == 0.5
    assert insulted_share("", after="ben you silly goose") == 0


def test_the_rules_agree_with_the_grammar_on_all_that_it_makes() -> None:
    rng = generator("test", 0)
    for kind, share in ((CIVIL, 0), (ANIMAL, 0), (HOSTILE, 1)):
        for _ in range(5000):
            sentence = kind.draw(rng, slots_in(draw_scene(rng, "hostile")))
            assert insulted_share(f"{sentence}.") == share, sentence


@given(st.lists(st.sampled_from(sorted(WORDS) + [".", "!", "gooz", "\n"]), max_size=30), st.integers(0, 30))
def test_any_text_has_a_truth(words: list[str], cut: int) -> None:
    before, text = " ".join(words[:cut]), " ".join(words[cut:])
    assert 0 <= insulted_share(text) <= 1
    assert 0 <= insulted_share(text, after=before + " ") <= 1
    assert insulted_share(text + ".", after="anna fed the hen. ") == insulted_share(text + ".")
