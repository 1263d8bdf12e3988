from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from hormesis.errors import HormesisError
from hormesis.measurements import Intervals, bootstrap


def _mean(values: np.ndarray, **options: int) -> Intervals:
    values = values[:, None] if values.ndim == 2 else values
    return bootstrap(values, np.ones_like(values), **options)


def test_means_agree_with_scipy() -> None:
    values = np.random.default_rng(0).gamma(1.0, size=(3, 80))
    ours = _mean(values, resamples=9000)
    theirs = stats.bootstrap(
        (values,), np.mean, axis=-1, method="percentile", n_resamples=9000, rng=np.random.default_rng(1)
    ).confidence_interval
    spread = theirs.high - theirs.low
    assert np.allclose(ours.value, values.mean(1))
    assert (np.abs(ours.low - theirs.low) < 0.06 * spread).all()
    assert (np.abs(ours.high - theirs.high) < 0.06 * spread).all()


def test_ratios_agree_with_scipy() -> None:
    generator = np.random.default_rng(0)
    tokens = generator.integers(1, 300, 90).astype(float)
    nll = tokens * generator.normal(4, 1, 90)
    ours = bootstrap(nll[None, None], tokens[None, None], resamples=9000)
    theirs = stats.bootstrap(
        (nll, tokens), lambda a, b, axis: a.sum(axis) / b.sum(axis), paired=True, method="percentile",
        n_resamples=9000, rng=np.random.default_rng(1),
    ).confidence_interval  # fmt: skip
    assert ours.value[0] == pytest.approx(nll.sum() / tokens.sum())
    assert ours.low[0] == pytest.approx(theirs.low, abs=0.06 * (theirs.high - theirs.low))
    assert ours.high[0] == pytest.approx(theirs.high, abs=0.06 * (theirs.high - theirs.low))


def test_coverage_over_prompts() -> None:
    values = np.random.default_rng(0).beta(0.5, 2, size=(600, 100))
    found = _mean(values, resamples=1000)
    covered = (found.low <= 0.2) & (found.high >= 0.2)
    assert 0.92 <= covered.mean() <= 0.975


def test_coverage_of_token_weighted_ratios() -> None:
    generator = np.random.default_rng(0)
    tokens = generator.integers(5, 200, (600, 1, 100)).astype(float)
    found = bootstrap(tokens * generator.normal(4, 1, tokens.shape), tokens, resamples=1000)
    assert 0.92 <= ((found.low <= 4) & (found.high >= 4)).mean() <= 0.975


def test_coverage_over_seeds_and_prompts() -> None:
    generator = np.random.default_rng(0)
    covered = []
    for _ in range(300):
        shape = (10, 60)
        effects = generator.normal(0, 0.5, (10, 1)) + generator.normal(0, 1, (1, 60))
        found = _mean((effects + generator.normal(0, 1, shape))[None], resamples=600)
        covered.append(found.low[0] <= 0 <= found.high[0])
    assert 0.91 <= np.mean(covered) <= 0.99


def test_seeds_widen_the_interval() -> None:
    generator = np.random.default_rng(0)
    values = generator.normal(size=(1, 8, 200)) + generator.normal(size=(1, 8, 1))
    crossed, ignored = _mean(values), _mean(values.mean(1, keepdims=True))
    assert crossed.value == pytest.approx(ignored.value)
    assert crossed.high - crossed.low > 3 * (ignored.high - ignored.low)
    assert (crossed.n[0], ignored.n[0]) == (1600, 200)


def test_missing_units_are_left_out() -> None:
    values = np.array([[1.0, np.nan, 3.0, 2.0], [np.nan] * 4, [np.nan, np.nan, 5.0, np.nan]])[:, None]
    found = bootstrap(values, np.isfinite(values).astype(float))
    assert found.value[0] == 2 and found.n.tolist() == [3, 0, 1]
    assert 1 <= found.low[0] < found.high[0] <= 3
    assert np.isnan([found.value[1], found.low[1], found.low[2], found.high[2]]).all() and found.value[2] == 5


def test_equal_input_gives_equal_intervals_whatever_stands_beside_it() -> None:
    values = np.random.default_rng(0).normal(size=(4, 50))
    together, alone = _mean(values), _mean(values[2:3])
    assert np.allclose([together.low[2], together.high[2]], [alone.low[0], alone.high[0]], atol=1e-12)
    assert _mean(values, seed=1).low[0] != together.low[0]


def test_shapes_are_checked() -> None:
    with pytest.raises(HormesisError, match="not both"):
        bootstrap(np.ones((1, 2, 3)), np.ones((1, 2, 4)))
