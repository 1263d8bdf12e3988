"""How often the registered trial finds a difference: `python -m benchmarks.looks`.

Paired differences are normal; a trial stops at the first of its looks that finds a difference, or that both one-sided
tests against the margin call none (the rule of :class:`hormesis.statistics.looks.Look`).
"""

from __future__ import annotations

import numpy as np
from scipy import stats

from hormesis.statistics.looks import nominal_levels

LOOKS, MARGIN, TRIALS = (4, 8, 12), 0.02, 20_000


def simulated(spread: float, difference: float, generator: np.random.Generator) -> tuple[float, float, float]:
    """Shares of trials that find a difference and that find none that matters, and the mean number of seeds."""
    values = generator.normal(difference, spread, (TRIALS, LOOKS[-1]))
    found, alike = np.zeros(TRIALS, bool), np.zeros(TRIALS, bool)
    seeds = np.full(TRIALS, LOOKS[-1])
    for look, level in zip(LOOKS, nominal_levels(LOOKS), strict=True):
        mean, error = values[:, :look].mean(axis=1), values[:, :look].std(axis=1, ddof=1) / look**0.5
        apart = 2 * stats.t.sf(np.abs(mean / error), look - 1) <= level
        low, high = stats.t.sf((mean + MARGIN) / error, look - 1), stats.t.cdf((mean - MARGIN) / error, look - 1)
        none = np.maximum(low, high) <= level / 2
        going = ~(found | alike)
        seeds[going & (apart | none)] = look
        found, alike = found | (going & apart), alike | (going & none & ~apart)
    return float(found.mean()), float(alike.mean()), float(seeds.mean())


if __name__ == "__main__":
    generator = np.random.default_rng(0)
    print("| SD of paired differences | true difference | finds it | says alike | seeds |\n|---|---|---|---|---|")  # noqa: T201
    for spread in (0.01, 0.02, 0.03):
        for difference in (0.0, 0.02, 0.035):
            found, alike, seeds = simulated(spread, difference, generator)
            print(f"| {spread} | {difference} | {found:.3f} | {alike:.3f} | {seeds:.1f} |")  # noqa: T201
