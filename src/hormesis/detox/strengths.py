"""Strengths as methods take them: one number, or one for each row of a batch."""

from __future__ import annotations

import torch
from torch import Tensor

from hormesis.detox.positions import EditedPositions
from hormesis.errors import HormesisError


def row_strengths(strength: float | Tensor) -> Tensor:
    """``strength`` as float32 on the processor, [] or [batch].

    :raises HormesisError: another shape, or numbers that are not finite.
    """
    strengths = torch.as_tensor(strength, dtype=torch.float32).detach().cpu()
    if strengths.ndim > 1 or not bool(torch.isfinite(strengths).all()):
        raise HormesisError(
            f"strength {strengths.tolist()} is neither one finite number nor one for each row",
            "give a float, or a tensor [batch] of finite numbers",
        )
    return strengths


def rows_of(strengths: Tensor, positions: EditedPositions) -> int | None:
    """How many rows a context is for; None where any number is.

    :raises HormesisError: strengths and positions are for different numbers of rows.
    """
    rows = len(strengths) if strengths.ndim else positions.batch
    if positions.batch not in (None, rows):
        raise HormesisError(
            f"{rows} strengths for {positions.batch} prompts or mask rows",
            "give one strength, or one for each row",
        )
    return rows


def single_strength(strength: float | Tensor) -> float:
    """The one number that ``strength`` is, also where it is written once for every row.

    :raises HormesisError: as :func:`row_strengths`; rows that differ.
    """
    strengths = row_strengths(strength)
    if strengths.ndim:
        different = torch.unique(strengths).tolist()
        if len(different) != 1:
            raise HormesisError(
                f"a change of weights acts on all rows alike, and was given the strengths {different}",
                "run the rows of each strength by themselves (methods with rowwise = True take several at once)",
            )
        return float(different[0])
    return float(strength)  # a Python float keeps its precision
