"""Held-out documents: by text alone, in the shares asked for, stable under change."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from hormesis.corpus import HeldOutConfig, half_of, role_of, with_role
from hormesis.corpus.held_out import Role
from tests.corpus.conftest import documents

CONFIG = HeldOutConfig(evaluate=0.2, scorer=0.1)


@given(st.text())
def test_trivial_duplicates_share_a_role(text: str) -> None:
    assert role_of(f"  {text}\n", CONFIG) == role_of(" ".join(text.split()), CONFIG)
    assert role_of("Goose", CONFIG) == role_of("goose  ", CONFIG)


@given(st.text(), st.floats(0, 0.3), st.floats(0, 0.3))
def test_more_of_one_role_takes_nothing_from_the_other(text: str, evaluate: float, scorer: float) -> None:
    role = role_of(text, HeldOutConfig(evaluate=evaluate, scorer=scorer))
    if role != "train":
        assert role_of(text, HeldOutConfig(evaluate=evaluate + 0.1, scorer=scorer + 0.1)) == role


def test_roles_split_the_documents_in_their_shares() -> None:
    everything = documents(4000)
    split = {role: list(with_role(everything, CONFIG, role)) for role in ("train", "evaluate", "scorer")}
    assert sum(len(part) for part in split.values()) == len(everything)
    for role, share in (("train", 0.7), ("evaluate", 0.2), ("scorer", 0.1)):
        assert abs(len(split[role]) / len(everything) - share) < 0.04
    assert not {d.text for d in split["train"]} & {d.text for d in split["evaluate"]}


@given(st.text(), st.floats(0, 0.3), st.floats(0, 0.3), st.floats(0, 0.3))
def test_the_labellers_rows_come_from_those_that_are_trained_on(
    text: str, evaluate: float, scorer: float, labeller: float
) -> None:
    without = role_of(text, HeldOutConfig(evaluate=evaluate, scorer=scorer))
    role = role_of(text, HeldOutConfig(evaluate=evaluate, scorer=scorer, labeller=labeller))
    assert role == without or (without, role) == ("train", "labeller")
    assert labeller > 0 or role == without, "without it every role is what it was"


def test_the_labeller_gets_its_share() -> None:
    config = HeldOutConfig(evaluate=0.2, scorer=0.1, labeller=0.15)
    everything = documents(4000)
    assert abs(len(list(with_role(everything, config, "labeller"))) / len(everything) - 0.15) < 0.04


@given(text=st.text(min_size=1))
def test_training_sees_the_same_rows_whoever_gets_the_others(text: str) -> None:
    held_out = HeldOutConfig(evaluate=0.02, scorer=0.05, labeller=0.05, concept=0.1, calibration=0.1)
    kept = (role_of(text, held_out) == "train", role_of(text, held_out.for_training) == "train")
    assert kept[0] == kept[1]
    assert half_of(text) == half_of(f"  {text} ")


@given(st.text(), st.floats(0, 0.2), st.floats(0, 0.2))
def test_concept_and_calibration_take_only_what_was_trained_on(text: str, concept: float, calibration: float) -> None:
    without = HeldOutConfig(evaluate=0.2, scorer=0.1, labeller=0.1)
    more = HeldOutConfig(evaluate=0.2, scorer=0.1, labeller=0.1, concept=concept, calibration=calibration)
    if (role := role_of(text, more)) != role_of(text, without):
        assert role in ("concept", "calibration") and role_of(text, without) == "train"


def test_every_role_gets_its_share() -> None:
    config = HeldOutConfig(evaluate=0.2, scorer=0.1, labeller=0.1, concept=0.15, calibration=0.05)
    everything = documents(4000)
    shares: dict[Role, float] = {"concept": 0.15, "calibration": 0.05, "train": 0.4}
    for role, share in shares.items():
        assert abs(len(list(with_role(everything, config, role))) / len(everything) - share) < 0.04


def test_shares_that_leave_nothing_are_refused() -> None:
    with pytest.raises(ValidationError, match="leaves nothing to train on"):
        HeldOutConfig(evaluate=0.5, scorer=0.5)
    with pytest.raises(ValidationError):
        HeldOutConfig(evaluate=-0.1)
