"""How large an effect so many seeds can show, and how many seeds an effect needs.

For a paired t-test at two-sided level α on n differences with standard deviation s, an effect δ gives a noncentral t
with n - 1 degrees of freedom and noncentrality δ √n / s (Cohen 1988), so

    power = P(T > t_{1-α/2}) + P(T < -t_{1-α/2}).

The spread is itself estimated: with ν degrees of freedom its 95 % interval is s √(ν / χ²_{.975}) to s √(ν / χ²_{.025}).
"""

from __future__ import annotations

import math

from scipy import optimize, special

LEVEL, POWER = 0.05, 0.8
MOST_SEEDS = 10_000
"""An effect that needs more is, for this purpose, none."""


def power_of(effect: float, spread: float, seeds: int, *, level: float = LEVEL) -> float:
    """The chance that the paired t-test finds ``effect``.

    :param spread: standard deviation of the differences between seeds, above 0; in the unit of ``effect``.
    :return: NaN for fewer than two seeds, or an unknown spread.
    """
    if seeds < 2 or not spread > 0:
        return math.nan
    shift = abs(effect) / spread * math.sqrt(seeds)
    critical = float(special.stdtrit(seeds - 1, 1 - level / 2))
    if shift > 30 + 3 * critical:
        return 1.0  # far beyond where scipy's noncentral t is accurate
    upper = 1 - float(special.nctdtr(seeds - 1, shift, critical))
    lower = float(special.nctdtr(seeds - 1, shift, -critical))
    return upper + (0.0 if math.isnan(lower) else lower)


def minimum_detectable_effect(spread: float, seeds: int, *, power: float = POWER, level: float = LEVEL) -> float:
    """The effect that is found with the chance ``power``; NaN for fewer than two seeds or an unknown spread."""
    if seeds < 2 or not spread > 0:
        return math.nan
    critical = float(special.stdtrit(seeds - 1, 1 - level / 2))
    most = (critical + 10) / math.sqrt(seeds) * 5
    root = optimize.brentq(lambda size: power_of(size, 1.0, seeds, level=level) - power, 1e-9, most)
    return float(root) * spread


def seeds_needed(effect: float, spread: float, *, power: float = POWER, level: float = LEVEL) -> int | None:
    """The fewest seeds (at least two) that find ``effect`` with the chance ``power``; None above 10,000 or unknown."""
    if not spread > 0 or not math.isfinite(effect) or power_of(effect, spread, MOST_SEEDS, level=level) < power:
        return None
    low, high = 1, MOST_SEEDS  # the power at ``low`` is too little, at ``high`` it is enough
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if power_of(effect, spread, middle, level=level) >= power else (middle, high)
    return high


def spread_interval(spread: float, freedom: int, confidence: float = 0.95) -> tuple[float, float]:
    """Between what the true standard deviation lies, estimated with ``freedom`` degrees of freedom."""
    if freedom < 1:
        return math.nan, math.nan
    low, high = (
        2 * float(special.gammaincinv(freedom / 2, tail)) for tail in (0.5 + confidence / 2, 0.5 - confidence / 2)
    )
    return spread * math.sqrt(freedom / low), spread * math.sqrt(freedom / high)
