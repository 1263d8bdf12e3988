"""Many small logistic regressions at once."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def logistic_weights(
    points: Tensor, labels: Tensor, penalty: float, *, counts: Tensor | None = None, iterations: int = 100
) -> Tensor:
    """Weights of L2-penalised logistic regressions, one for each member and label row, by damped Newton steps.

    The objective is scikit-learn's with ``C = 1 / penalty``: the sum of log losses plus ``penalty / 2`` times the
    squared weights; the intercept is free. scikit-learn fits one problem a call; a setting has thousands.

    :param points: ``[members, n, width]``, float64.
    :param labels: ``[problems, n]``, bool.
    :param counts: ``[members, n]``, how often each point counts (scikit-learn's ``sample_weight``); default once.
    :return: ``[members, problems, width]``, without the intercepts.
    """
    members, count, width = points.shape
    design = torch.cat([points, torch.ones(members, count, 1, dtype=points.dtype)], -1)
    target = labels.to(points.dtype)[None]
    ridge = torch.full((width + 1,), penalty, dtype=points.dtype)
    ridge[-1] = 0.0
    weights = torch.zeros(members, len(labels), width + 1, dtype=points.dtype)

    count_of = torch.ones(members, 1, count, dtype=points.dtype) if counts is None else counts[:, None]

    def objective(candidate: Tensor) -> Tensor:
        scores = candidate @ design.transpose(-1, -2)
        losses = count_of * (functional.softplus(scores) - target * scores)
        return losses.sum(-1) + 0.5 * (ridge * candidate**2).sum(-1)

    value = objective(weights)
    jitter = 1e-10 * torch.eye(width + 1, dtype=points.dtype)
    for _ in range(iterations):
        probability = torch.sigmoid(weights @ design.transpose(-1, -2))
        gradient = (count_of * (probability - target)) @ design + ridge * weights
        if gradient.abs().amax() < 1e-7:
            break
        curvature = count_of * probability * (1 - probability)
        hessian = torch.einsum("mpn,mni,mnj->mpij", curvature, design, design) + torch.diag(ridge) + jitter
        step = torch.linalg.solve(hessian, gradient[..., None])[..., 0]
        slope = (gradient * step).sum(-1)
        # Halve the step of each problem until it descends (Armijo): far from the optimum Newton overshoots.
        length = torch.ones_like(value)
        for _ in range(30):
            moved = objective(weights - length[..., None] * step)
            short = moved > value - 1e-4 * length * slope + 1e-12 * value.abs()
            if not short.any():
                break
            length = torch.where(short, length / 2, length)
        weights = weights - length[..., None] * step
        value = objective(weights)
    return weights[..., :-1]
