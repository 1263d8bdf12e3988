"""The world: sequences, shares, and a floor that is exact."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hormesis.errors import HormesisError
from hormesis.toy.chains import build_world
from hormesis.toy.setting import WorldConfig


def test_the_papers_world_has_twelve_different_sequences_of_three_cycles() -> None:
    world = build_world(WorldConfig())
    assert world.tokens.shape == (12, 17)
    assert len({tuple(row) for row in world.tokens.tolist()}) == 12
    assert world.rare.sum() == 4
    for row, chain in zip(world.tokens, world.chain, strict=True):
        assert set(row[:4].tolist()) == {0, 1, 2, 3}  # a cycle visits every state …
        assert (row[4:] == row[:-4]).all()  # … and begins again
        assert (world.successor[chain][row[:-1]] == row[1:]).all()


@pytest.mark.parametrize(("states", "chains"), [(4, 6), (6, 8), (5, 3)])
@pytest.mark.parametrize("cycles", ["lexicographic", "drawn"])
def test_cycles_are_distinct_for_every_size(states: int, chains: int, cycles: str) -> None:
    world = build_world(WorldConfig.model_validate({"states": states, "chains": chains, "cycles": cycles}))
    assert len({tuple(row) for row in world.successor.tolist()}) == chains
    assert len(world.tokens) == states * chains == world.config.features


def test_more_chains_than_cycles_says_how_many_there_are() -> None:
    with pytest.raises(HormesisError, match="only 6 different cycles"):
        build_world(WorldConfig(chains=7, states=4))


def test_sequences_too_short_to_tell_chains_apart_are_refused() -> None:
    with pytest.raises(HormesisError, match="do not tell the 24 chains apart"):
        build_world(WorldConfig(chains=24, states=5, sequence_length=3, cycles="lexicographic"))


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1])
def test_a_share_at_which_a_chain_never_occurs_is_refused(share: float) -> None:
    with pytest.raises(HormesisError, match="share is"):
        build_world(WorldConfig()).probabilities(share)


def test_probabilities_follow_the_share() -> None:
    world = build_world(WorldConfig())
    probabilities = world.probabilities(0.1)
    assert probabilities.sum() == pytest.approx(1.0)
    assert probabilities[world.rare].sum() == pytest.approx(0.1)
    assert np.ptp(world.probabilities(1 / 3)) == pytest.approx(0.0)


def test_the_floor_by_hand_for_two_opposite_cycles() -> None:
    # 0→1→2→0 and 0→2→1→0 differ at the first step: one uncertain prediction, then none.
    world = build_world(WorldConfig(states=3, chains=2, sequence_length=10))
    common, rare = world.floor(0.2)
    assert common == pytest.approx(-math.log(0.8) / 10)
    assert rare == pytest.approx(-math.log(0.2) / 10)


def test_no_predictor_beats_the_floor_on_average() -> None:
    world = build_world(WorldConfig(states=4, chains=3, sequence_length=6))
    share = 0.15
    weights = world.probabilities(share)
    expected_floor = float(world.floor(share) @ weights.reshape(3, 4).sum(1))
    rng = np.random.default_rng(0)
    for _ in range(50):  # predictors that know the chain's prefix, but weigh the chains wrongly
        belief = rng.dirichlet([1, 1, 1])
        loss = 0.0
        for index, row in enumerate(world.tokens):
            posterior = belief.copy()
            for now, following in zip(row[:-1], row[1:], strict=True):
                agrees = world.successor[:, now] == following
                loss -= weights[index] * math.log(posterior[agrees].sum() / posterior.sum())
                posterior = np.where(agrees, posterior, 0)
        assert loss / 6 >= expected_floor - 1e-12


def test_the_chain_is_known_within_one_cycle() -> None:
    assert build_world(WorldConfig()).resolved_at() <= 3
