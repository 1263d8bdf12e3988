"""The decoder as pure functions, one member or many."""

from __future__ import annotations

import pytest
import torch

from hormesis.errors import HormesisError
from hormesis.toy.chains import build_world
from hormesis.toy.model import Decoder, initial_parameters, stacked_parameters
from hormesis.toy.setting import ModelConfig, WorldConfig
from hormesis.toy.training import one_hot_tokens

CONFIGS = [
    {},
    {"position": "none", "norm": "rms"},
    {"position": "rope", "heads": 1},
    {"feed_forward": 0, "final_norm": False},
    {"width": 8, "heads": 4, "layers": 2},
]


@pytest.mark.parametrize("fields", CONFIGS)
def test_stacked_members_equal_single_members(fields: dict[str, object]) -> None:
    config, world = ModelConfig.model_validate(fields), build_world(WorldConfig(sequence_length=9))
    inputs, targets = one_hot_tokens(world)
    stacked = Decoder(config).losses(stacked_parameters(config, world.config, [0, 1, 2]), inputs, targets)
    for seed in range(3):
        single = Decoder(config, stacked=False).losses(initial_parameters(config, world.config, seed), inputs, targets)
        torch.testing.assert_close(stacked[seed], single, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("position", ["none", "learned", "rope"])
def test_no_token_sees_the_future(position: str) -> None:
    config, world = ModelConfig.model_validate({"position": position}), build_world(WorldConfig(sequence_length=9))
    inputs, _ = one_hot_tokens(world)
    parameters = initial_parameters(config, world.config, 0)
    changed = inputs.clone()
    changed[:, 5:] = changed[:, 5:].roll(1, -1)
    decoder = Decoder(config, stacked=False)
    before, after = decoder.residuals(parameters, inputs)[-1], decoder.residuals(parameters, changed)[-1]
    torch.testing.assert_close(before[:, :5], after[:, :5])
    assert (before[:, 5:] - after[:, 5:]).abs().max() > 1e-3


def test_rope_sees_distances_only() -> None:
    # Without a causal start the same two tokens at the same distance would score the same: here, the first layer's
    # output of a constant sequence does not depend on the position.
    config, world = ModelConfig(position="rope"), build_world(WorldConfig(sequence_length=9))
    constant = torch.zeros(1, 9, 4)
    constant[..., 2] = 1
    stream = Decoder(config, stacked=False).residuals(initial_parameters(config, world.config, 0), constant)[1]
    torch.testing.assert_close(stream[:, 1:], stream[:, :-1], rtol=1e-4, atol=1e-5)


def test_the_losses_are_torchs_cross_entropy() -> None:
    config, world = ModelConfig(final_norm=False), build_world(WorldConfig(sequence_length=9))
    inputs, targets = one_hot_tokens(world)
    parameters = initial_parameters(config, world.config, 3)
    decoder = Decoder(config, stacked=False)
    logits = decoder.residuals(parameters, inputs)[-1] @ parameters["unembedding"]
    expected = torch.nn.functional.cross_entropy(logits.transpose(1, 2), targets.argmax(-1), reduction="none").mean(1)
    torch.testing.assert_close(decoder.losses(parameters, inputs, targets), expected)


def test_the_stream_has_the_embeddings_and_every_block() -> None:
    config, world = ModelConfig(), build_world(WorldConfig(sequence_length=9))
    stream = Decoder(config).residuals(stacked_parameters(config, world.config, [0, 1]), one_hot_tokens(world)[0])
    assert [tuple(layer.shape) for layer in stream] == [(2, 12, 9, 4)] * 5


@pytest.mark.parametrize(
    ("fields", "problem"),
    [({"heads": 3}, "does not split into 3 heads"), ({"heads": 4, "position": "rope"}, "RoPE turns pairs")],
)
def test_widths_that_do_not_fit_are_explained(fields: dict[str, object], problem: str) -> None:
    with pytest.raises(HormesisError, match=problem):
        ModelConfig.model_validate(fields)
