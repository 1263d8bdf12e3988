"""How many directions have to be projected away until a linear probe finds nothing more.

Iterative null-space projection (Ravfogel et al. 2020, arXiv 2004.07667, algorithm 1): fit a probe on the fit rows,
project its direction out of all rows, repeat. After k projections a *fresh* probe is fitted on the fit rows that are
left and measured on held-out ones; the rank is the least k at which the 95 % interval of its AUROC reaches down to
0.5. A concept that lies on one line has rank 1, up to the error of that line.

LEACE (arXiv 2306.03819) needs rank 1 for any binary label on the rows it was fitted on, by an oblique projection;
what it leaves on other rows is the error of its own estimate, so it says little about the concept. The baseline here
is to project out as many random directions instead.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from hormesis.representation.auroc import auroc, auroc_interval
from hormesis.representation.logistic import logistic_regressions

MOST = 16


@dataclass(frozen=True)
class Step:
    """The fresh probe after ``projected`` directions are gone: AUROC on held-out rows with its 95 % interval."""

    projected: int
    area: float
    low: float
    high: float


@dataclass(frozen=True)
class Erasure:
    """The probes after 0, 1, 2 … projections, to the first that is at chance; at most :data:`MOST` projections."""

    steps: tuple[Step, ...]
    random: Step
    """The probe after as many random projections as the last step has."""
    texts: int
    """Held-out texts behind each area."""

    @property
    def rank(self) -> int | None:
        """How many projections it took; None if there was signal left after all."""
        last = self.steps[-1]
        return last.projected if last.low <= 0.5 else None


def erasure(
    fit: NDArray[np.float64],
    fit_truth: NDArray[np.bool_],
    held_out: NDArray[np.float64],
    truth: NDArray[np.bool_],
    *,
    most: int = MOST,
    seed: int = 0,
) -> Erasure:
    """Erase one concept, direction by direction.

    :param fit: [rows, width]; both kinds of texts.
    :param held_out: [texts, width], neither probes nor directions are fitted on them.
    :param most: give up after so many.
    :param seed: of the random directions.
    """
    centre = fit.mean(0)
    scale = np.sqrt(fit.var(0).mean())  # one for all features: a rotation changes nothing
    inside, outside = (fit - centre) / scale, (held_out - centre) / scale
    steps: list[Step] = []
    most = min(most, fit.shape[1] - 1)
    for projected in range(most + 1):
        weight, step = _probe(inside, fit_truth, outside, truth, projected)
        steps.append(step)
        if step.low <= 0.5:
            break
        direction = weight / np.linalg.norm(weight)
        inside = inside - np.outer(inside @ direction, direction)
        outside = outside - np.outer(outside @ direction, direction)
    width, count = fit.shape[1], max(1, steps[-1].projected)
    basis, _ = np.linalg.qr(np.random.default_rng(seed).standard_normal((width, count)))
    left = [(rows - centre) / scale for rows in (fit, held_out)]
    inside, outside = (rows - rows @ basis @ basis.T for rows in left)
    _, random = _probe(inside, fit_truth, outside, truth, count)
    return Erasure(tuple(steps), random, len(truth))


def _probe(
    inside: NDArray[np.float64],
    fit_truth: NDArray[np.bool_],
    outside: NDArray[np.float64],
    truth: NDArray[np.bool_],
    projected: int,
) -> tuple[NDArray[np.float64], Step]:
    weights, _ = logistic_regressions(torch.from_numpy(inside)[None], torch.from_numpy(fit_truth))
    weight = weights[0].numpy()
    area = float(auroc(outside @ weight, truth))
    return weight, Step(projected, area, *auroc_interval(area, truth))
