"""L2-regularised logistic regression for many problems over the same rows, by Newton's method on all of them
at once."""

from __future__ import annotations

import logging

import torch
from torch import Tensor
from torch.nn.functional import softplus

logger = logging.getLogger(__name__)

MAX_STEPS = 100
MAX_HALVINGS = 30
ARMIJO = 1e-4


def logistic_regressions(
    features: Tensor, labels: Tensor, *, regularisation: float = 1.0, tolerance: float = 1e-7
) -> tuple[Tensor, Tensor]:
    """Minimise ½‖w‖² + C Σ log(1 + exp(−y (w·x + b))) for each of P problems: scikit-learn's objective, b
    unpenalised.

    Newton's method (iteratively reweighted least squares) with a backtracking line search for each problem.
    The penalty makes the objective strictly convex in w, so that separable data have their minimum too;
    problems that have converged leave the batch.

    :param features: [problems, rows, width], float64.
    :param labels: [rows], bool, both values present.
    :param regularisation: C.
    :param tolerance: a problem is done when its gradient's largest entry is below this times its value at
        zero.
    :returns: weights [problems, width] and intercepts [problems], float64.
    """
    problems, rows, width = features.shape
    # Centring changes b alone, and spares the Hessian the large means that attention heads have.
    means = features.mean(1, keepdim=True)
    design = torch.cat([features - means, features.new_ones(problems, rows, 1)], dim=2)
    sign = labels.to(features.dtype) * 2 - 1
    penalty = features.new_ones(width + 1)
    penalty[-1] = 0.0
    prior = labels.double().mean()
    solution = features.new_zeros(problems, width + 1)
    solution[:, -1] = torch.log(prior / (1 - prior)).item()  # the minimum for w = 0

    active = torch.arange(problems, device=features.device)
    scale: Tensor | None = None
    beta, matrix = solution.clone(), design
    value = _objective(matrix, beta, sign, penalty, regularisation)
    for _ in range(MAX_STEPS):
        margin = torch.bmm(matrix, beta.unsqueeze(2)).squeeze(2)
        probability = torch.sigmoid(margin)
        residual = probability - labels.to(features.dtype)
        gradient = penalty * beta + regularisation * torch.bmm(
            matrix.transpose(1, 2), residual.unsqueeze(2)
        ).squeeze(2)
        size = gradient.abs().amax(1)
        scale = size.clamp(min=1e-12) if scale is None else scale
        going = size > tolerance * scale
        if not bool(going.all()):
            solution[active] = beta
            active, beta, matrix, gradient = active[going], beta[going], matrix[going], gradient[going]
            probability, value, scale = probability[going], value[going], scale[going]
            if not len(active):
                break
        step = -_solve(matrix, probability, penalty, regularisation, gradient)
        beta, value, moved = _line_search(matrix, beta, step, gradient, value, sign, penalty, regularisation)
        if not bool(moved.all()):  # the objective is flat to the last bit: as converged as float64 can say
            solution[active] = beta
            active, beta, matrix, value, scale = (
                active[moved],
                beta[moved],
                matrix[moved],
                value[moved],
                scale[moved],
            )
            if not len(active):
                break
    else:
        solution[active] = beta
        logger.warning(
            "%d of %d logistic regressions stopped after %d Newton steps", len(active), problems, MAX_STEPS
        )
    weights = solution[:, :-1]
    intercepts = solution[:, -1] - torch.einsum("pd,pd->p", weights, means.squeeze(1))
    return weights, intercepts


def _objective(matrix: Tensor, beta: Tensor, sign: Tensor, penalty: Tensor, regularisation: float) -> Tensor:
    margin = torch.bmm(matrix, beta.unsqueeze(2)).squeeze(2) * sign
    return 0.5 * (penalty * beta.square()).sum(1) + regularisation * softplus(-margin).sum(1)


def _solve(
    matrix: Tensor, probability: Tensor, penalty: Tensor, regularisation: float, gradient: Tensor
) -> Tensor:
    root = (regularisation * probability * (1 - probability)).sqrt().unsqueeze(2)
    weighted = matrix * root
    hessian = torch.bmm(weighted.transpose(1, 2), weighted)
    diagonal = torch.diagonal(hessian, dim1=1, dim2=2)
    diagonal += penalty
    diagonal[:, -1] += 1e-12  # separated rows have no curvature left along b
    factor, failed = torch.linalg.cholesky_ex(hessian)
    if bool(failed.any()):
        diagonal += 1e-8 * diagonal.amax(1, keepdim=True)
        factor = torch.linalg.cholesky(hessian)
    return torch.cholesky_solve(gradient.unsqueeze(2), factor).squeeze(2)


def _line_search(
    matrix: Tensor,
    beta: Tensor,
    step: Tensor,
    gradient: Tensor,
    value: Tensor,
    sign: Tensor,
    penalty: Tensor,
    regularisation: float,
) -> tuple[Tensor, Tensor, Tensor]:
    """Halve each problem's step until its objective falls enough; returns beta, objective and who moved."""
    slope = (gradient * step).sum(1)
    length = torch.ones_like(value)
    for _ in range(MAX_HALVINGS):
        trial = beta + length.unsqueeze(1) * step
        trial_value = _objective(matrix, trial, sign, penalty, regularisation)
        enough = trial_value <= value + ARMIJO * length * slope
        if bool(enough.all()):
            break
        length = torch.where(enough, length, length / 2)
    beta = torch.where(enough.unsqueeze(1), trial, beta)
    return beta, torch.where(enough, trial_value, value), enough
