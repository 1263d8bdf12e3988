"""Training all members (shares × seeds) of a setting at once."""

from __future__ import annotations

import itertools
import math
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from hormesis.errors import HormesisError
from hormesis.reprs import short_repr
from hormesis.toy.chains import World
from hormesis.toy.model import Decoder, stacked_parameters
from hormesis.toy.setting import ModelConfig, TrainingConfig

_BLOCK_STEPS = 50  # steps between two progress reports; also how many batches are drawn at a time


@short_repr
@dataclass(frozen=True)
class Members:
    """The members of a setting: every share with every seed, shares outermost."""

    shares: tuple[float, ...]
    seeds: tuple[int, ...]

    @classmethod
    def cross(cls, shares: Sequence[float], seeds: Sequence[int]) -> Members:
        """All shares × all seeds."""
        pairs = list(itertools.product(shares, seeds))
        return cls(tuple(share for share, _ in pairs), tuple(seed for _, seed in pairs))

    def __len__(self) -> int:
        return len(self.shares)


@dataclass(frozen=True)
class TrainingProgress:
    """Where training stands: ``loss`` is the mean over members and sequences, nats a token."""

    step: int
    steps: int
    loss: float


@short_repr
@dataclass(frozen=True)
class TrainedMembers:
    """Stacked parameters and what they cost.

    :ivar parameters: each tensor with a leading member axis.
    :ivar steps: ``[records]``, the update before which a loss was recorded; the last is the end of training.
    :ivar losses: ``[records, members, chains]``, loss on each chain (all its sequences), nats a token.
    """

    members: Members
    parameters: dict[str, Tensor]
    steps: NDArray[np.int64]
    losses: NDArray[np.float64]


def one_hot_tokens(world: World) -> tuple[Tensor, Tensor]:
    """The world's sequences for a model: inputs and next tokens, ``[features, sequence_length, states]``."""
    one_hot = functional.one_hot(torch.as_tensor(world.tokens), world.config.states).float()
    return one_hot[:, :-1].contiguous(), one_hot[:, 1:].contiguous()


class _Batches:
    """Batches as weights of the world's few sequences.

    A batch of 64 drawn sequences holds copies of the same few, so its loss is their losses weighted by how often
    each was drawn: the same gradient for a fraction of the work. The draws of a seed do not depend on the share
    (the rare chain takes the top end of the same uniform numbers), nor on which members train beside it.
    """

    def __init__(self, world: World, members: Members, batch_sequences: int) -> None:
        self._probabilities = np.stack([world.probabilities(share) for share in members.shares])
        self._members = members
        self._size = batch_sequences
        self._streams = {seed: np.random.default_rng([seed, 1]) for seed in sorted(set(members.seeds))}

    def draw(self, steps: int) -> Tensor:
        """Weights of the next updates, ``[steps, members, features]``; each row sums to 1."""
        members, features = self._probabilities.shape
        if self._size == 0:
            return torch.as_tensor(self._probabilities, dtype=torch.float32).expand(steps, members, features)
        uniforms = {seed: stream.random((steps, self._size)) for seed, stream in self._streams.items()}
        weights = np.zeros((steps, members, features), dtype=np.float32)
        offsets = features * np.arange(steps)[:, None]
        for member, seed in enumerate(self._members.seeds):
            bounds = np.cumsum(self._probabilities[member])[:-1]
            drawn = np.searchsorted(bounds, uniforms[seed], side="right") + offsets
            counts = np.bincount(drawn.ravel(), minlength=steps * features)
            weights[:, member] = counts.reshape(steps, features) / self._size
        return torch.as_tensor(weights)


def _optimiser(parameters: list[Tensor], config: TrainingConfig) -> torch.optim.Optimizer:
    # Both act element by element, so one optimiser over stacked tensors is one optimiser for each member.
    if config.optimiser == "sgd":
        return torch.optim.SGD(
            parameters, lr=config.learning_rate, momentum=0.9, weight_decay=config.weight_decay, foreach=True
        )
    return torch.optim.AdamW(
        parameters, lr=config.learning_rate, weight_decay=config.weight_decay, fused=True, eps=1e-8
    )


def _clip_members(parameters: list[Tensor], limit: float) -> None:
    # torch's clip_grad_norm_ would take one norm over all members, and couple them.
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    squared = torch.stack([gradient.flatten(1).square().sum(1) for gradient in gradients]).sum(0)
    factor = (limit / squared.sqrt().clamp_min(1e-12)).clamp_max(1.0)
    for gradient in gradients:
        gradient.mul_(factor.view(-1, *[1] * (gradient.dim() - 1)))


def _rate(config: TrainingConfig, step: int) -> float:
    if config.schedule == "constant":
        return config.learning_rate
    return config.learning_rate * 0.5 * (1 + math.cos(math.pi * step / config.steps))


def train(
    world: World,
    model: ModelConfig,
    config: TrainingConfig,
    members: Members,
    *,
    compiled: bool | None = None,
    progress: Callable[[TrainingProgress], None] | None = None,
) -> TrainedMembers:
    """Train every member; each ends as it would alone (up to rounding).

    :param compiled: compile the model; by default when the work repays the compiler's half minute.
    :raises HormesisError: a share outside (0, 1), no members, or losses that are no longer finite.
    """
    if not len(members):
        raise HormesisError("there are no members to train", "give at least one share and one seed")
    if compiled is None:
        compiled = len(members) * config.steps >= 60_000 and shutil.which("c++") is not None
    if compiled:
        # The compiler keeps eight variants of a function, and every stage of every model is vmap's one wrapper.
        torch.compiler.reset()
    batches = _Batches(world, members, config.batch_sequences)
    parameters = stacked_parameters(model, world.config, members.seeds)
    leaves = [parameter.requires_grad_() for parameter in parameters.values()]
    decoder = Decoder(model, compiled=compiled)
    inputs, targets = one_hot_tokens(world)
    optimiser = _optimiser(leaves, config)
    recorded: list[tuple[int, Tensor]] = []
    for start in range(0, config.steps, _BLOCK_STEPS):
        weights = batches.draw(min(_BLOCK_STEPS, config.steps - start))
        for step, weight in enumerate(weights, start):
            losses = decoder.losses(parameters, inputs, targets)
            optimiser.zero_grad()
            (losses * weight).sum().backward()
            if config.clip is not None:
                _clip_members(leaves, config.clip)
            for group in optimiser.param_groups:
                group["lr"] = _rate(config, step)
            optimiser.step()
            if step == start:
                recorded.append((step, losses.detach()))
        if progress is not None:
            progress(TrainingProgress(start + len(weights), config.steps, float(losses.detach().mean())))
    # With gradients, although none are needed: without them the compiler would start again.
    recorded.append((config.steps, decoder.losses(parameters, inputs, targets).detach()))
    chain_losses = np.stack(
        [losses.double().view(len(members), world.config.chains, -1).mean(-1).numpy() for _, losses in recorded]
    )
    if not np.isfinite(chain_losses).all():
        raise HormesisError(
            f"the losses of {int((~np.isfinite(chain_losses[-1])).any(-1).sum())} of {len(members)} members are not "
            f"finite ({config.optimiser}, learning rate {config.learning_rate})",
            "lower the learning rate, or set clip to 1.0",
        )
    return TrainedMembers(
        members=members,
        parameters={name: parameter.detach() for name, parameter in parameters.items()},
        steps=np.array([step for step, _ in recorded]),
        losses=chain_losses,
    )
