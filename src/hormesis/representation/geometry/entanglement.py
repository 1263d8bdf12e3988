"""Entanglement of directions, and what it is to be compared with: the Welch bound and random directions."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from hormesis.errors import HormesisError


def entanglements(directions: Tensor) -> Tensor:
    """E_i = max over j ≠ i of ``|v_i · v_j|`` (paper, section 2).

    :param directions: ``[..., features, width]``; any length but 0.
    :return: ``[..., features]`` in [0, 1]; NaN where a direction is NaN.
    :raises HormesisError: fewer than two directions.
    """
    features = directions.shape[-2]
    if features < 2:
        raise HormesisError(f"{features} direction cannot be entangled with another", "give at least two directions")
    unit = directions / directions.norm(dim=-1, keepdim=True)
    cosines: Tensor = (unit @ unit.transpose(-1, -2)).abs()
    cosines = cosines.masked_fill(torch.eye(features, dtype=torch.bool), 0.0)
    return cosines.amax(-1).clamp(max=1.0)


def welch_bound(features: int, width: int) -> float:
    """The least possible largest entanglement of ``features`` directions in ``width`` dimensions.

    √((N − M) / ((N − 1) M)) (Welch 1974); 0 where they can all be orthogonal.
    """
    if features <= width:
        return 0.0
    return math.sqrt((features - width) / ((features - 1) * width))


@dataclass(frozen=True)
class RandomBaseline:
    """Mean entanglement of a group of features when all directions are random.

    :ivar mean: the expectation, the same for every group size.
    :ivar low: 2.5 % quantile of the group mean over draws.
    :ivar high: 97.5 % quantile.
    :ivar deviation: standard deviation of the group mean over draws.
    """

    features: int
    width: int
    group: int
    mean: float
    low: float
    high: float
    deviation: float


def random_baseline(
    features: int, width: int, *, group: int | None = None, draws: int = 20_000, seed: int = 0
) -> RandomBaseline:
    """Entanglement of random unit vectors, uniform on the sphere, by Monte Carlo.

    :param group: the mean is taken over this many of the features (default all): the rare chain's four of
        twelve scatter more than all twelve.
    """
    generator = torch.Generator().manual_seed(seed)
    size = features if group is None else group
    means: list[NDArray[np.float64]] = []
    for start in range(0, draws, 2000):
        count = min(2000, draws - start)
        directions = torch.randn(count, features, width, generator=generator, dtype=torch.float64)
        means.append(entanglements(directions)[:, :size].mean(-1).numpy())
    drawn = np.concatenate(means)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return RandomBaseline(
        features=features,
        width=width,
        group=size,
        mean=float(drawn.mean()),
        low=float(low),
        high=float(high),
        deviation=float(drawn.std(ddof=1)),
    )


def spread_baseline(directions: Tensor, *, draws: int = 200, seed: int = 0) -> Tensor:
    """Mean entanglement of random directions that fill the dimensions as unevenly as the given ones do.

    Directions are drawn with the second moment of each member's own; what is left of their entanglement above this
    is arrangement, what is below is spread alone (twelve directions in three of four dimensions have E = 0.917).
    A few directions never look perfectly even: for twelve random ones in four dimensions it gives 0.859, not 0.842.

    :param directions: ``[members, features, width]``.
    :return: ``[members]``, float64.
    """
    _, features, width = directions.shape
    unit = (directions / directions.norm(dim=-1, keepdim=True)).double().nan_to_num()
    moment = torch.einsum("mfi,mfj->mij", unit, unit) / features
    values, vectors = torch.linalg.eigh(moment)
    root = vectors * values.clamp_min(0).sqrt()[:, None, :]
    generator = torch.Generator().manual_seed(seed)
    drawn = torch.randn(draws, 1, features, width, generator=generator, dtype=torch.float64)
    return entanglements(drawn @ root.transpose(-1, -2)).mean((0, 2))
