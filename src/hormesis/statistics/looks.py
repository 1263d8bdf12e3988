"""Looking at the data before all seeds are there, without finding more than is there.

A study that is judged after 4, 8 and 12 seeds has three chances to be wrong. Levels of each look are those of Wang and
Tsiatis (1987, doi 10.2307/2531959): look k of K at the fraction t_k of the seeds rejects where |z| ≥ C t_k^(Δ - ½),
with C such that all looks together err in 5 %. Δ = 0 is O'Brien and Fleming's rule, which spares nearly all for the
end; Δ = 0.1, the default, spends a little more at the beginning.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import optimize, special

from hormesis.errors import HormesisError
from hormesis.statistics.best import below
from hormesis.statistics.intervals import Interval, t_interval
from hormesis.statistics.panel import Floats

_STEPS = 400


@dataclass(frozen=True)
class Look:
    """What the first seeds say.

    :param seeds: how many.
    :param level: two-sided, at this look.
    :param difference: mean, with the t interval of confidence 1 - ``level``.
    :param p: two-sided, of a paired t-test.
    :param alike: p that the difference is smaller than the margin; NaN without one.
    """

    seeds: int
    level: float
    difference: Interval
    p: float
    alike: float

    @property
    def decided(self) -> bool:
        """Whether the study may stop here: there is a difference, or none that matters."""
        return self.p <= self.level or self.alike <= self.level / 2


def nominal_levels(looks: Sequence[int], level: float = 0.05, shape: float = 0.1) -> tuple[float, ...]:
    """The two-sided level of each look.

    :param looks: numbers of seeds, ascending.
    :param level: of all looks together.
    :param shape: Δ of Wang and Tsiatis, from 0 (spare) to 0.5 (the same level at each look).
    :raises HormesisError: looks that do not ascend from 2 seeds or more, or a level outside (0, 1).
    """
    if not looks or looks[0] < 2 or any(later <= sooner for sooner, later in zip(looks, looks[1:], strict=False)):
        raise HormesisError(f"looks must ascend from 2 seeds or more, but are {list(looks)}", "such as [4, 8, 12]")
    if not 0 < level < 1:
        raise HormesisError(f"a level lies between 0 and 1, not at {level}", "give 0.05")
    return _levels(tuple(looks), level, shape)


@cache
def _levels(looks: tuple[int, ...], level: float, shape: float) -> tuple[float, ...]:
    fractions = np.array(looks, dtype=np.float64) / looks[-1]
    bounds = fractions ** (shape - 0.5)
    scale = optimize.brentq(lambda c: _crossing(c * bounds, fractions) - level, 0.5, 8.0, xtol=1e-6)
    return tuple(float(2 * special.ndtr(-scale * bound)) for bound in bounds)


def looks_at(
    differences: Floats, looks: Sequence[int], *, margin: float | None = None, level: float = 0.05
) -> tuple[Look, ...]:
    """Every look that the seeds suffice for, in order; a study stops at the first that is decided.

    :param differences: one a seed, in the order in which seeds were run.
    :param looks: registered numbers of seeds, ascending.
    :param margin: a difference that does not matter.
    """
    found = []
    for seeds, nominal in zip(looks, nominal_levels(looks, level), strict=True):
        if seeds > len(differences):
            break
        seen = differences[None, :seeds]
        one_sided = float(below(seen)[0])
        alike = math.nan if margin is None else float(max(below(seen, margin)[0], below(-seen, margin)[0]))
        interval = t_interval(seen[0], 1 - nominal)
        found.append(Look(seeds, nominal, interval, 2 * min(one_sided, 1 - one_sided), alike))
    return tuple(found)


def _crossing(bounds: Floats, fractions: Floats) -> float:
    """The chance that a standard Brownian motion crosses ± ``bounds`` (of z) at one of ``fractions``: the density of
    what has not crossed, carried from look to look on a grid (Armitage, McPherson and Rowe 1969)."""
    edges = bounds * np.sqrt(fractions)
    grid = np.linspace(-edges[0], edges[0], _STEPS + 1)
    weight = np.full(_STEPS + 1, grid[1] - grid[0])
    weight[[0, -1]] /= 2
    density = np.exp(-(grid**2) / (2 * fractions[0])) / math.sqrt(2 * math.pi * fractions[0])
    for edge, gap in zip(edges[1:], np.diff(fractions), strict=True):
        later = np.linspace(-edge, edge, _STEPS + 1)
        step = np.exp(-((later[:, None] - grid[None, :]) ** 2) / (2 * gap)) / math.sqrt(2 * math.pi * gap)
        density = step @ (density * weight)
        grid, weight = later, np.full(_STEPS + 1, later[1] - later[0])
        weight[[0, -1]] /= 2
    return 1 - float(density @ weight)
