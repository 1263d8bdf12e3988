"""The toy's world: cyclic Markov chains over shared states, their sequences, and the exact floor of the loss."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hormesis.errors import HormesisError
from hormesis.reprs import short_repr
from hormesis.toy.setting import WorldConfig


@short_repr
@dataclass(frozen=True)
class World:
    """The sequences of a world.

    :ivar tokens: ``[features, sequence_length + 1]``; row ``chain * states + first state``. A model reads all but
        the last column and predicts all but the first.
    :ivar chain: ``[features]``, the chain of each sequence; the largest is the rare one.
    :ivar successor: ``[chains, states]``, the state that follows a state in a chain.
    """

    config: WorldConfig
    tokens: NDArray[np.int64]
    chain: NDArray[np.int64]
    successor: NDArray[np.int64]

    @property
    def rare(self) -> NDArray[np.bool_]:
        """``[features]``: the sequences of the rare chain."""
        return np.asarray(self.chain == self.config.chains - 1)

    def probabilities(self, share: float) -> NDArray[np.float64]:
        """``[features]``: how often a sequence is drawn when the rare chain has this share of all sequences.

        The other chains share the rest evenly, and the first state is uniform. All sequences have the same
        length, so the share of sequences is the share of tokens.

        :raises HormesisError: ``share`` is not in (0, 1): a chain that never occurs has no feature to probe.
        """
        if not 0.0 < share < 1.0:
            raise HormesisError(
                f"the rare chain's share is {share}: a chain that is never shown (or shown alone) has no feature "
                "to compare",
                f"give shares above 0 and below 1; {1 / self.config.chains:.4f} makes all chains equal",
            )
        weights = np.where(self.rare, share, (1.0 - share) / (self.config.chains - 1))
        return weights / self.config.states

    def floor(self, share: float) -> NDArray[np.float64]:
        """``[chains]``: the lowest expected loss, nats a token, on each chain for a model trained at ``share``.

        The best predictor knows the chains and their shares and weighs the chains that agree with what it has
        read (Bayes). It errs only while several chains agree: the floor of a rare chain is higher because its
        first tokens are, rightly, taken for a common chain's.
        """
        prior = self.probabilities(share).reshape(self.config.chains, self.config.states)
        losses = np.zeros((self.config.chains, self.config.states))
        for chain, state in itertools.product(range(self.config.chains), range(self.config.states)):
            sequence = self.tokens[chain * self.config.states + state]
            weight = prior[:, state].copy()
            for now, following in itertools.pairwise(sequence):
                agrees = self.successor[:, now] == following
                losses[chain, state] -= math.log(weight[agrees].sum() / weight.sum())
                weight = np.where(agrees, weight, 0.0)
        return np.asarray(losses.mean(axis=1) / self.config.sequence_length)

    def resolved_at(self) -> int:
        """First position (from 0) at which every sequence's chain is known from the tokens read so far.

        :raises HormesisError: two chains cannot be told apart within the sequence.
        """
        for position in range(self.config.sequence_length):
            prefixes = {tuple(row[: position + 1]) for row in self.tokens.tolist()}
            if len(prefixes) == self.config.features:
                return position
        raise HormesisError(
            f"{self.config.sequence_length} tokens do not tell the {self.config.chains} chains apart",
            "raise sequence_length, or lower chains",
        )


def _cycles(config: WorldConfig) -> list[tuple[int, ...]]:
    available = math.factorial(config.states - 1)
    if config.chains > available:
        raise HormesisError(
            f"{config.chains} chains over {config.states} states ({config.features} features) were asked for, but "
            f"{config.states} states have only {available} different cycles ({available * config.states} features)",
            "lower chains, or raise states",
        )
    if config.cycles == "lexicographic":
        tails = itertools.permutations(range(1, config.states))
        return [(0, *tail) for tail in itertools.islice(tails, config.chains)]
    generator = np.random.default_rng(config.cycle_seed)
    drawn: dict[tuple[int, ...], None] = {}
    while len(drawn) < config.chains:
        drawn[(0, *(1 + generator.permutation(config.states - 1)).tolist())] = None
    return list(drawn)


def build_world(config: WorldConfig) -> World:
    """All sequences of a world (paper, section 2).

    :raises HormesisError: more chains, so more features, than the states have cycles; or sequences too short to
        tell the chains apart.
    """
    successor = np.zeros((config.chains, config.states), dtype=np.int64)
    for chain, cycle in enumerate(_cycles(config)):
        successor[chain, list(cycle)] = np.roll(cycle, -1)
    tokens = np.zeros((config.features, config.sequence_length + 1), dtype=np.int64)
    chain_of = np.repeat(np.arange(config.chains), config.states)
    tokens[:, 0] = np.tile(np.arange(config.states), config.chains)
    for position in range(config.sequence_length):
        tokens[:, position + 1] = successor[chain_of, tokens[:, position]]
    world = World(config=config, tokens=tokens, chain=chain_of, successor=successor)
    world.resolved_at()
    return world
