"""Directions of features that were planted, with every estimator."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from hormesis.errors import HormesisError
from hormesis.toy.chains import World, build_world
from hormesis.toy.directions import feature_directions, feature_labels, residual_stream, stream_index
from hormesis.toy.probe import logistic_weights
from hormesis.toy.setting import ModelConfig, ReadingConfig, TrainingConfig, WorldConfig
from hormesis.toy.training import Members, train

WORLD = build_world(WorldConfig())


def planted(world: World, definition: str, noise: float = 0.01) -> tuple[torch.Tensor, torch.Tensor]:
    """A stream in which every feature adds its own orthogonal direction, and every last token another one."""
    labels, chains = feature_labels(world, ReadingConfig.model_validate({"definition": definition}).definition)
    generator = torch.Generator().manual_seed(0)
    features, states = len(chains), world.config.states
    basis, _ = torch.linalg.qr(torch.randn(40, 40, generator=generator, dtype=torch.float64))
    tokens = torch.as_tensor(world.tokens[:, :-1])
    stream = basis[labels] + 3 * basis[features + tokens]
    assert features + states <= 40
    return (stream + noise * torch.randn(2, *stream.shape, generator=generator)).double(), basis[:features]


@pytest.mark.parametrize("definition", ["sequence", "chain", "next-token"])
@pytest.mark.parametrize("estimator", ["probe", "mean-difference", "lda"])
@pytest.mark.parametrize("contrast", ["token", "pooled"])
def test_every_estimator_finds_planted_directions(definition: str, estimator: str, contrast: str) -> None:
    stream, basis = planted(WORLD, definition)
    reading = ReadingConfig.model_validate(
        {"definition": definition, "estimator": estimator, "contrast": contrast, "penalty": 1e-2}
    )
    found = feature_directions(stream, WORLD, reading)
    assert found.shape == (2, len(basis), 40)
    torch.testing.assert_close(found.norm(dim=-1), torch.ones(2, len(basis), dtype=torch.float64))
    own = torch.einsum("mfi,fi->mf", found, basis)
    others = torch.einsum("mfi,gi->mfg", found, basis).abs() * (1 - torch.eye(len(basis)))
    # Not cosine 1: one against the rest contains the rest, and a next token fixes the last one.
    assert own.min() > 0.3
    assert (own > others.amax(-1) + 0.1).all()


def test_the_probe_is_scikit_learns() -> None:
    generator = torch.Generator().manual_seed(0)
    points = torch.randn(2, 60, 4, generator=generator, dtype=torch.float64)
    labels = torch.stack([points[0, :, 0] > 0.3, torch.rand(60, generator=generator) < 0.2])
    found = logistic_weights(points, labels, penalty=0.1)
    for member, problem in np.ndindex(2, 2):
        reference = LogisticRegression(C=10.0, tol=1e-10, max_iter=10_000)
        reference.fit(points[member].numpy(), labels[problem].numpy())
        np.testing.assert_allclose(found[member, problem].numpy(), reference.coef_[0], rtol=1e-4, atol=1e-5)


def test_counted_points_are_repeated_points() -> None:
    generator = torch.Generator().manual_seed(0)
    points = torch.randn(1, 30, 3, generator=generator, dtype=torch.float64)
    labels = (points[0, :, 0] + torch.randn(30, generator=generator) > 0)[None]
    counts = torch.randint(1, 4, (1, 30), generator=generator)
    which = torch.arange(30).repeat_interleave(counts[0])
    expected = logistic_weights(points[:, which], labels[:, which], 0.1)
    torch.testing.assert_close(logistic_weights(points, labels, 0.1, counts=counts.double()), expected)


@pytest.mark.parametrize("estimator", ["probe", "mean-difference", "lda"])
def test_examples_by_share_are_equal_examples_at_equal_shares_only(estimator: str) -> None:
    stream, _ = planted(WORLD, "sequence", noise=1.0)
    equal = ReadingConfig.model_validate({"estimator": estimator})
    share = equal.model_copy(update={"examples": "share"})
    reference = feature_directions(stream, WORLD, equal)
    torch.testing.assert_close(feature_directions(stream, WORLD, share, [1 / 3, 1 / 3]), reference)
    assert (feature_directions(stream, WORLD, share, [0.05, 1 / 3])[0] - reference[0]).abs().max() > 1e-3
    with pytest.raises(HormesisError, match="count by share"):
        feature_directions(stream, WORLD, share)


def test_the_probe_does_not_care_how_far_away_the_origin_is() -> None:
    generator = torch.Generator().manual_seed(0)
    points = torch.randn(1, 40, 3, generator=generator, dtype=torch.float64)
    labels = (points[0, :, 0] > 1)[None]
    torch.testing.assert_close(
        logistic_weights(points, labels, 0.1), logistic_weights(points + 5.0, labels, 0.1), rtol=1e-4, atol=1e-5
    )


def test_definitions_count_their_features() -> None:
    for definition, features in (("sequence", 12), ("chain", 3), ("next-token", 12)):
        labels, chains = feature_labels(WORLD, ReadingConfig.model_validate({"definition": definition}).definition)
        assert len(chains) == features == len(torch.unique(labels))
        assert labels.shape == (12, 16)


def test_a_real_member_is_read_everywhere() -> None:
    model = ModelConfig(layers=2)
    trained = train(WORLD, model, TrainingConfig(steps=20), Members.cross([0.2], [0, 1]))
    stream = residual_stream(WORLD, model, trained)
    assert len(stream) == 4
    for fields in ({"layer": 1}, {}, {"after_norm": True}):
        reading = ReadingConfig.model_validate(fields)
        assert torch.isfinite(feature_directions(stream[stream_index(reading, model)], WORLD, reading)).all()


@pytest.mark.parametrize(
    ("reading", "model", "problem"),
    [
        ({"layer": 5}, {}, "layer 5 is to be read"),
        ({"layer": 2, "after_norm": True}, {}, "not on layer 2"),
        ({"after_norm": True}, {"final_norm": False}, "no final norm"),
    ],
)
def test_places_that_do_not_exist_are_explained(
    reading: dict[str, object], model: dict[str, object], problem: str
) -> None:
    with pytest.raises(HormesisError, match=problem):
        stream_index(ReadingConfig.model_validate(reading), ModelConfig.model_validate(model))


def test_sequences_too_short_for_every_last_token_are_explained() -> None:
    world = build_world(WorldConfig(sequence_length=7))
    with pytest.raises(HormesisError, match="do not show every feature at every last token"):
        feature_directions(torch.randn(1, 12, 7, 4).double(), world, ReadingConfig())
