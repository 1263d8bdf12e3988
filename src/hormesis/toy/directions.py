"""From trained members to one direction for each feature.

A *feature definition* says what a direction stands for, an *estimator* how it is found in the residual stream, and
a *contrast* against which activations. All members are done at once.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from hormesis.errors import HormesisError
from hormesis.toy.chains import World
from hormesis.toy.model import Decoder, final_norm
from hormesis.toy.probe import logistic_weights
from hormesis.toy.setting import Definition, ModelConfig, ReadingConfig
from hormesis.toy.training import TrainedMembers, one_hot_tokens


def feature_labels(world: World, definition: Definition) -> tuple[Tensor, Tensor]:
    """Which feature each activation shows, and which chain each feature belongs to.

    :return: ``[sequences, tokens]`` feature numbers, and ``[features]`` chain numbers.
    """
    states, chains = world.config.states, world.config.chains
    chain = torch.as_tensor(world.chain)
    shape = (len(chain), world.config.sequence_length)
    if definition == "sequence":
        return torch.arange(len(chain))[:, None].expand(shape), chain
    if definition == "chain":
        return chain[:, None].expand(shape), torch.arange(chains)
    following = torch.as_tensor(world.tokens[:, 1:])
    return chain[:, None] * states + following, torch.arange(chains).repeat_interleave(states)


def residual_stream(world: World, model: ModelConfig, trained: TrainedMembers) -> list[Tensor]:
    """The stream of every member on every sequence: embeddings, then after each block, then after the final norm
    (where there is one). Each ``[members, sequences, tokens, width]``, float64.
    """
    with torch.no_grad():
        stream = Decoder(model).residuals(trained.parameters, one_hot_tokens(world)[0])
        if model.final_norm:
            stream.append(torch.func.vmap(final_norm)(trained.parameters, stream[-1]))
    return [layer.double() for layer in stream]


def stream_index(reading: ReadingConfig, model: ModelConfig) -> int:
    """Which tensor of :func:`residual_stream` a reading takes.

    :raises HormesisError: the layer does not exist, or the model has no norm to read after.
    """
    layer = model.layers if reading.layer is None else reading.layer
    if layer > model.layers:
        raise HormesisError(
            f"layer {layer} is to be read, but the model has {model.layers}",
            f"choose 0 (embeddings) to {model.layers}",
        )
    if not reading.after_norm:
        return layer
    if layer != model.layers:
        raise HormesisError(
            f"the final norm acts on the last block's output, not on layer {layer}",
            f"read after_norm at layer {model.layers}, or choose after_norm: false",
        )
    if not model.final_norm:
        raise HormesisError("the model has no final norm to read after", "set final_norm: true, or after_norm: false")
    return model.layers + 1


def feature_directions(
    stream: Tensor, world: World, reading: ReadingConfig, shares: Sequence[float] | None = None
) -> Tensor:
    """One unit direction for each feature of each member.

    :param stream: ``[members, sequences, tokens, width]``, float64.
    :param shares: ``[members]``, the rare chain's shares; needed if examples count by ``share``.
    :return: ``[members, features, width]``.
    :raises HormesisError: a last token shows too few positions of a feature (the sequences are too short), or the
        shares are needed and missing.
    """
    first = world.config.states if reading.first_position is None else reading.first_position
    if world.config.sequence_length - first < world.config.states:
        raise HormesisError(
            f"{world.config.sequence_length} tokens read from position {first} do not show every feature at every "
            f"last token ({world.config.states} states)",
            f"raise sequence_length to {first + world.config.states} or more, or lower first_position",
        )
    labels, chain_of = feature_labels(world, reading.definition)
    members, sequences, tokens, width = stream.shape
    points = stream[:, :, first:].reshape(members, -1, width)
    counts = _counts(world, reading, shares, members)[:, :, None].expand(-1, -1, tokens - first).reshape(members, -1)
    feature = labels[:, first:].reshape(-1)
    token = torch.as_tensor(world.tokens[:, :-1])[:, first:].reshape(-1)
    groups: list[Tensor] = [torch.ones_like(token, dtype=torch.bool)]
    if reading.contrast == "token":
        groups = [token == state for state in range(world.config.states)]
    total = torch.zeros(members, len(chain_of), width, dtype=torch.float64)
    for group in groups:
        shown = feature[group]
        present = torch.unique(shown)
        found = _one_against_rest(points[:, group], shown[None] == present[:, None], counts[:, group], reading)
        if reading.average == "unit":
            found = found / found.norm(dim=-1, keepdim=True).clamp_min(1e-30)
        total[:, present] += found
    length: Tensor = total.norm(dim=-1, keepdim=True)
    return total / length


def _counts(world: World, reading: ReadingConfig, shares: Sequence[float] | None, members: int) -> Tensor:
    # How often each sequence counts: [members, sequences], 1 on average.
    if reading.examples == "equal":
        return torch.ones(members, world.config.features, dtype=torch.float64)
    if shares is None or len(shares) != members:
        raise HormesisError(
            f"examples are to count by share, but there are {0 if shares is None else len(shares)} shares for "
            f"{members} members",
            "pass the share of each member, or set examples: equal",
        )
    probabilities = np.stack([world.probabilities(share) for share in shares])
    return torch.as_tensor(probabilities * world.config.features)


def _one_against_rest(points: Tensor, labels: Tensor, counts: Tensor, reading: ReadingConfig) -> Tensor:
    # points [members, n, width], labels [features, n] bool, counts [members, n] → [members, features, width]
    if reading.estimator == "probe":
        return logistic_weights(points, labels, reading.penalty, counts=counts)
    share = counts / counts.sum(1, keepdim=True)
    inside_share = labels.double() * share[:, None]
    weight = inside_share.sum(2, keepdim=True)
    inside = inside_share @ points / weight
    outside = ((~labels).double() * share[:, None]) @ points / (1 - weight)
    difference: Tensor = inside - outside
    if reading.estimator == "mean-difference":
        return difference
    # Pooled within-class covariance, lightly shrunk: a deterministic world has classes without any spread.
    second = torch.einsum("mn,mni,mnj->mij", share, points, points)[:, None]
    outer = torch.einsum("mfi,mfj->mfij", inside, inside) * weight[..., None]
    outer = outer + torch.einsum("mfi,mfj->mfij", outside, outside) * (1 - weight[..., None])
    within = second - outer
    spread = torch.einsum("mnii->mn", second.expand_as(within)) / points.shape[-1]
    ridge = 1e-3 * spread[..., None, None] * torch.eye(points.shape[-1], dtype=torch.float64)
    solved: Tensor = torch.linalg.solve(within + ridge, difference[..., None])
    return solved[..., 0]
