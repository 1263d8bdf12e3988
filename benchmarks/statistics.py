"""Do intervals cover what they say, and are dips found only where they are? Simulated panels with a known truth.

Six shares; seeds shift whole curves, so only what is paired is precise. ``ratio`` is coverage over 95 %, 5 % over the
rate of false findings (of the hardest case without a dip), or power over its closed form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from benchmarks.result import BenchmarkResult
from hormesis.statistics import (
    Panel,
    dip_test,
    fall_test,
    may_be_best,
    minimum_detectable_effect,
    power_of,
    resampled_seeds,
    sign_flip_test,
    t_interval,
    trend_test,
)

SEEDS = (2, 3, 8)
SHARES = np.array([0.0, 0.05, 0.10, 0.15, 0.20, 0.25])
CURVES = {
    "flat": np.full(6, 0.30),
    "fall to a floor": np.array([0.60, 0.30, 0.30, 0.30, 0.30, 0.30]),
    "rise": np.linspace(0.2, 0.5, 6),
    "smile": np.array([0.30, 0.26, 0.20, 0.24, 0.28, 0.33]),
}
NOISE = 0.03
NOISES = {
    "equal": (np.full(6, NOISE), np.inf),
    "unequal": (np.array([0.007, 0.006, 0.010, 0.031, 0.019, 0.054]), np.inf),  # of docs/results/forum_evidence
    "unequal, heavy tails": (np.array([0.007, 0.006, 0.010, 0.031, 0.019, 0.054]), 3.0),
}
"""Standard deviation of one model by share, and degrees of freedom of Student's noise (infinite: normal)."""


def run(quick: bool) -> list[BenchmarkResult]:
    """Coverage, false findings and power for 2, 3 and 8 seeds; ``quick`` simulates fewer panels."""
    count = 400 if quick else 3000
    return [result for seeds in SEEDS for result in _of_seeds(seeds, count)]


def _of_seeds(seeds: int, count: int) -> Iterator[BenchmarkResult]:
    truth = float(CURVES["smile"][2] - CURVES["smile"][0])

    def covered(panel: Panel) -> bool:
        found = t_interval(panel.differences()[2])
        return found.low <= truth <= found.high

    def held_by_draws(panel: Panel) -> bool:
        lowest = SHARES[resampled_seeds(panel, draws=400).means.argmin(axis=1)]
        low, high = np.quantile(lowest, [0.025, 0.975], method="inverted_cdf")
        return bool(low <= SHARES[2] <= high)

    smile = list(panels("smile", seeds, count))
    for name, test in (
        ("t interval of a paired difference", covered),
        ("set of shares that may be best", lambda panel: bool(may_be_best(panel)[2])),
        ("bootstrap interval of the best share", held_by_draws),
    ):
        few = smile[: count // 5] if "bootstrap" in name else smile
        rate = float(np.mean([test(panel) for panel in few]))
        yield _result(f"coverage/{name}", seeds, rate / 0.95, 0.98, f"covers {rate:.3f} of {len(few)}, nominal .95")
    for name in NOISES:
        yield from _false_findings(seeds, count, name)
    found = float(np.mean([dip_test(panel) < 0.05 for panel in smile]))
    yield _result("dip/planted", seeds, found, 0.5, f"finds a dip 3.3 noise deep in {found:.3f} of {count}")
    flips = float(np.mean([sign_flip_test(panel.differences()[1:]).adjusted.min() <= 0.05 for panel in smile]))
    note = f"adjusted p ≤ .05 in {flips:.3f}; the least p is {2.0 ** (1 - seeds):.3g}"
    yield _result("sign flips/planted", seeds, flips, 0.5, note)
    effect = minimum_detectable_effect(NOISE * 2**0.5, seeds)
    draws = np.random.default_rng(seeds).normal(effect, NOISE * 2**0.5, (count, seeds))
    rejected = float(np.mean([t_interval(row).excludes_zero for row in draws]))
    closed = power_of(effect, NOISE * 2**0.5, seeds)
    yield _result("power", seeds, rejected / closed, 0.97, f"simulated {rejected:.3f}, noncentral t {closed:.3f}")


def _false_findings(seeds: int, count: int, noise: str) -> Iterator[BenchmarkResult]:
    def rate(test: Callable[[Panel], float], curve: str, slopes: float = 0.0) -> float:
        return float(np.mean([test(panel) < 0.05 for panel in panels(curve, seeds, count, noise, slopes)]))

    def result(name: str, rates: dict[str, float]) -> BenchmarkResult:
        note = ", ".join(f"{where} {found:.3f}" for where, found in rates.items())
        worst = max(*rates.values(), 1e-9)
        return _result(f"{name}/false findings/{noise}", seeds, 0.05 / worst, 0.8, f"nominal .05: {note}")

    yield result("dip", {curve: rate(dip_test, curve) for curve in ("flat", "fall to a floor", "rise")})
    yield result("fall", {curve: rate(fall_test, curve) for curve in ("flat", "rise")})
    yield result("trend", {"flat": rate(trend_test, "flat"), "slopes by seed": rate(trend_test, "flat", 0.1)})
    held = float(np.mean([may_be_best(panel)[2] for panel in panels("smile", seeds, count, noise)]))
    yield _result(f"coverage/set/{noise}", seeds, held / 0.95, 0.98, f"covers {held:.3f} of {count}, nominal .95")


def panels(curve: str, seeds: int, count: int, noise: str = "equal", slopes: float = 0.0) -> Iterator[Panel]:
    """Panels of one curve: the seeds' shifts are larger than the noise of one model.

    :param slopes: standard deviation of a slope that each seed has of its own, over the range of shares.
    """
    spread, freedom = NOISES[noise]
    generator = np.random.default_rng(17)
    labels = tuple(map(str, range(seeds)))
    for _ in range(count):
        shifts: NDArray[np.float64] = generator.normal(0, 0.05, seeds)
        own = np.linspace(-0.5, 0.5, 6)[:, None] * generator.normal(0, slopes, seeds)
        drawn = generator.normal(size=(6, seeds))
        if np.isfinite(freedom):
            drawn = generator.standard_t(freedom, (6, seeds)) / np.sqrt(freedom / (freedom - 2))
        values = CURVES[curve][:, None] + shifts + own + spread[:, None] * drawn
        yield Panel(SHARES, labels, values)


def _result(name: str, seeds: int, ratio: float, target: float, note: str) -> BenchmarkResult:
    return BenchmarkResult(f"statistics/{name}/{seeds} seeds", ratio, target, [ratio], note)
