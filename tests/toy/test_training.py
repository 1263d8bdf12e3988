"""Training: members do not know of each other, and what is learned is the next token."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from hormesis.errors import HormesisError
from hormesis.toy.chains import build_world
from hormesis.toy.model import Decoder, initial_parameters
from hormesis.toy.setting import ModelConfig, TrainingConfig, WorldConfig
from hormesis.toy.training import Members, TrainingProgress, _Batches, one_hot_tokens, train

WORLD = build_world(WorldConfig(sequence_length=9))
SMALL = ModelConfig(layers=2)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"clip": 0.05},
        {"optimiser": "sgd", "learning_rate": 0.05, "clip": 0.5, "weight_decay": 0.01},
        {"batch_sequences": 0, "schedule": "constant"},
    ],
)
def test_a_member_of_many_ends_as_it_would_alone(fields: dict[str, object]) -> None:
    config = TrainingConfig.model_validate({"steps": 40, **fields})
    together = train(WORLD, SMALL, config, Members.cross([0.1, 1 / 3], [0, 1, 2]))
    alone = train(WORLD, SMALL, config, Members((0.1,), (2,)))
    for name, parameter in together.parameters.items():
        torch.testing.assert_close(parameter[2], alone.parameters[name][0], rtol=2e-3, atol=2e-4)
    np.testing.assert_allclose(together.losses[:, 2], alone.losses[:, 0], rtol=1e-3)


def test_one_step_is_the_gradient_of_drawn_sequences() -> None:
    # The reference: a plain mini-batch of drawn sequences, one model, plain SGD.
    config = TrainingConfig(steps=1, optimiser="sgd", learning_rate=0.1, batch_sequences=32, schedule="constant")
    trained = train(WORLD, SMALL, config, Members((0.2,), (5,)))
    uniforms = np.random.default_rng([5, 1]).random((1, 32))[0]
    drawn = np.searchsorted(np.cumsum(WORLD.probabilities(0.2))[:-1], uniforms, side="right")
    parameters = {k: v.requires_grad_() for k, v in initial_parameters(SMALL, WORLD.config, 5).items()}
    inputs, targets = one_hot_tokens(WORLD)
    losses = Decoder(SMALL, stacked=False).losses(parameters, inputs[drawn], targets[drawn])
    torch.autograd.backward(losses.mean())
    for name, parameter in parameters.items():
        assert parameter.grad is not None
        expected = parameter.detach() - 0.1 * parameter.grad
        torch.testing.assert_close(trained.parameters[name][0], expected, rtol=1e-4, atol=1e-6)


def test_a_larger_share_sees_the_same_draws_and_more_of_the_rare_chain() -> None:
    members = Members.cross([0.05, 0.2, 0.5], [0])
    weights = _Batches(WORLD, members, 64).draw(200)
    assert torch.allclose(weights.sum(-1), torch.ones(200, 3))
    rare = weights[..., torch.as_tensor(WORLD.rare)].sum(-1)
    assert (rare[:, 1:] >= rare[:, :-1]).all()
    np.testing.assert_allclose(rare.mean(0), [0.05, 0.2, 0.5], atol=0.02)


def test_the_next_token_is_learned_and_not_the_one_after_it() -> None:
    seen: list[TrainingProgress] = []
    trained = train(
        WORLD, ModelConfig(width=16, layers=2), TrainingConfig(steps=300, learning_rate=5e-3),
        Members((1 / 3,), (0,)), progress=seen.append,
    )  # fmt: skip
    excess = trained.losses[-1, 0] - WORLD.floor(1 / 3)
    assert (np.abs(excess) < 0.1).all()
    # A model whose labels were shifted twice would predict the token after the next.
    inputs, targets = one_hot_tokens(WORLD)
    decoder = Decoder(ModelConfig(width=16, layers=2))
    too_far = decoder.losses(trained.parameters, inputs, targets.roll(-1, 1))
    assert too_far.min() > 1.0
    assert seen[-1].step == 300 and seen[-1].loss < seen[0].loss
    assert trained.steps[-1] == 300 and len(trained.losses) == len(trained.steps)


def test_no_steps_leave_the_initialisation() -> None:
    trained = train(WORLD, SMALL, TrainingConfig(steps=0), Members((0.2,), (7,)))
    for name, parameter in initial_parameters(SMALL, WORLD.config, 7).items():
        assert torch.equal(trained.parameters[name][0], parameter)


def test_losses_that_explode_are_an_error_with_a_way_out() -> None:
    config = TrainingConfig(steps=60, optimiser="sgd", learning_rate=1e9)
    with pytest.raises(HormesisError, match="not finite"):
        train(WORLD, ModelConfig(layers=2, final_norm=False), config, Members((0.2,), (0,)))


def test_no_members_are_an_error() -> None:
    with pytest.raises(HormesisError, match="no members"):
        train(WORLD, SMALL, TrainingConfig(steps=1), Members.cross([], [0]))
