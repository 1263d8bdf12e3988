"""L2-regularised logistic regression of many problems over the same rows, all of them at once by Newton's method."""

from __future__ import annotations

import logging

import torch
from torch import Tensor
from torch.nn.functional import softplus

logger = logging.getLogger(__name__)

MAX_STEPS = 100
MAX_HALVINGS = 30
ARMIJO = 1e-4
ROUNDING = 1e-13  # of an objective: without it, the last step of all would be halved thirty times over nothing


def logistic_regressions(
    features: Tensor, labels: Tensor, *, regularisation: float = 1.0, tolerance: float = 1e-4
) -> tuple[Tensor, Tensor]:
    """Minimise ½‖w‖² + C Σ log(1 + exp(−y (w·x + b))) for each of P problems: scikit-learn's objective.

    Newton's method (iteratively reweighted least squares) with a backtracking line search for each problem. The
    penalty, which spares b, makes the objective strictly convex in w, so that separable data have their minimum too.
    Problems that have converged leave the batch.

    :param features: [problems, rows, width], float64.
    :param labels: [rows], bool, both values present.
    :param regularisation: C.
    :param tolerance: a problem is done after a step shorter than this times ‖w‖; the error that it leaves is of the
        order of the step's square.
    :returns: weights [problems, width] and intercepts [problems], float64.
    """
    problems, rows, width = features.shape
    # Centring changes b alone, and spares the Hessian the large means that attention heads have.
    means = features.mean(1, keepdim=True)
    matrix = features.new_ones(problems, rows, width + 1)
    torch.sub(features, means, out=matrix[:, :, :-1])
    spare = torch.empty_like(matrix)  # fresh pages for each Hessian would cost more than the products
    penalty = features.new_ones(width + 1)
    penalty[-1] = 0.0
    truth = labels.to(features.dtype)
    prior = float(truth.mean())
    solution = features.new_zeros(problems, width + 1)
    solution[:, -1] = torch.logit(truth.mean())  # the minimum while w = 0
    margin = solution[:, -1:].expand(problems, rows)
    value = features.new_full((problems,), rows * regularisation * _entropy(prior))
    active, beta = torch.arange(problems, device=features.device), solution.clone()
    for _ in range(MAX_STEPS):
        probability = torch.sigmoid(margin)
        gradient = penalty * beta + regularisation * _matvec(matrix.transpose(1, 2), probability - truth)
        curvature = regularisation * probability * (1 - probability)
        step = -_solve(matrix, curvature, penalty, gradient, spare[: len(active)])
        along = _matvec(matrix, step)
        length, value = _line_search(
            beta, step, margin, along, truth, penalty, regularisation, value, (gradient * step).sum(1)
        )
        beta = beta + length[:, None] * step
        margin = margin + length[:, None] * along
        short = torch.linalg.vector_norm(step[:, :-1], dim=1) <= tolerance * torch.linalg.vector_norm(
            beta[:, :-1], dim=1
        )
        done = short | (length == 0)  # 0: no step lowers the objective, flat to the last bit of float64
        if bool(done.any()):
            solution[active] = beta
            going = ~done
            if not bool(going.any()):
                break
            active, beta, margin, value, matrix = (kept[going] for kept in (active, beta, margin, value, matrix))
    else:
        solution[active] = beta
        logger.warning("%d of %d regressions are not done after %d steps", len(active), problems, MAX_STEPS)
    weights = solution[:, :-1]
    intercepts = solution[:, -1] - torch.einsum("pd,pd->p", weights, means.squeeze(1))
    return weights, intercepts


def _entropy(probability: float) -> float:
    both = torch.tensor([probability, 1 - probability], dtype=torch.float64)
    return float(torch.special.entr(both).sum())


def _matvec(matrices: Tensor, vectors: Tensor) -> Tensor:
    return torch.bmm(matrices, vectors.unsqueeze(2)).squeeze(2)


def _solve(matrix: Tensor, curvature: Tensor, penalty: Tensor, gradient: Tensor, spare: Tensor) -> Tensor:
    """(Xᵀ S X + penalty)⁻¹ gradient, for each problem."""
    torch.mul(matrix, curvature.unsqueeze(2), out=spare)
    hessian = torch.bmm(matrix.transpose(1, 2), spare)
    diagonal = torch.diagonal(hessian, dim1=1, dim2=2)
    diagonal += penalty
    diagonal[:, -1] += 1e-12  # separated rows leave no curvature along b
    factor, failed = torch.linalg.cholesky_ex(hessian)
    if bool(failed.any()):
        diagonal += 1e-8 * diagonal.amax(1, keepdim=True)
        factor = torch.linalg.cholesky(hessian)
    return torch.cholesky_solve(gradient.unsqueeze(2), factor).squeeze(2)


def _line_search(
    beta: Tensor,
    step: Tensor,
    margin: Tensor,
    along: Tensor,
    truth: Tensor,
    penalty: Tensor,
    regularisation: float,
    value: Tensor,
    slope: Tensor,
) -> tuple[Tensor, Tensor]:
    """For each problem the first of 1, ½, ¼ … that lowers the objective enough, or 0; and the objective there."""
    length = torch.ones_like(value)
    for _ in range(MAX_HALVINGS):
        trial = margin + length[:, None] * along
        # log(1 + exp(−y m)) with y = ±1 is softplus(m) − truth · m.
        loss = (softplus(trial) - truth * trial).sum(1)
        found = 0.5 * (penalty * (beta + length[:, None] * step).square()).sum(1) + regularisation * loss
        enough = found <= value + ARMIJO * length * slope + ROUNDING * value
        if bool(enough.all()):
            break
        length = torch.where(enough, length, length / 2)
    return torch.where(enough, length, 0.0), torch.where(enough, found, value)
