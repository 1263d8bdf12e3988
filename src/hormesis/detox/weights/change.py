"""What happens to one weight: a dense difference, or the product of two thin matrices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from hormesis.reprs import short_repr


@short_repr
@dataclass(frozen=True, eq=False)
class DenseChange:
    """ΔW, entry by entry."""

    values: Tensor
    """Of the weight's shape, float32."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the weight."""
        return tuple(self.values.shape)

    def full(self, device: torch.device) -> Tensor:
        """ΔW, float32."""
        return self.values.to(device)

    def tensors(self) -> Mapping[str, Tensor]:
        """What is stored, by the end of its name."""
        return {"": self.values}


@short_repr
@dataclass(frozen=True, eq=False)
class LowRankChange:
    """ΔW = L R, with far fewer numbers than ΔW (LoRA, arXiv 2106.09685: L = (α / r) B, R = A)."""

    left: Tensor
    """[rows of the weight, rank], float32."""
    right: Tensor
    """[rank, columns of the weight], float32."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the weight."""
        return len(self.left), self.right.shape[1]

    def full(self, device: torch.device) -> Tensor:
        """ΔW, float32."""
        return self.left.to(device) @ self.right.to(device)

    def tensors(self) -> Mapping[str, Tensor]:
        """What is stored, by the end of its name."""
        return {LEFT: self.left, RIGHT: self.right}


WeightChange = DenseChange | LowRankChange
LEFT, RIGHT = "::left", "::right"


def pack(changes: Mapping[str, WeightChange], *, ahead: str = "") -> dict[str, Tensor]:
    """Tensors to store, each under ``ahead``, the name of the weight, and which factor it is."""
    return {ahead + name + end: tensor for name, change in changes.items() for end, tensor in change.tensors().items()}


def unpack(tensors: Mapping[str, Tensor], *, ahead: str = "") -> dict[str, WeightChange]:
    """What :func:`pack` packed under ``ahead``.

    :raises KeyError: a factor without the other one.
    :raises ValueError: tensors of a shape or type that no change has.
    """
    changes: dict[str, WeightChange] = {}
    for stored, tensor in tensors.items():
        if not stored.startswith(ahead) or stored.endswith(RIGHT):
            continue
        name = stored.removeprefix(ahead)
        if name.endswith(LEFT):
            name = name.removesuffix(LEFT)
            right = tensors[ahead + name + RIGHT]
            if tensor.ndim != 2 or right.ndim != 2 or tensor.shape[1] != right.shape[0]:
                raise ValueError(f"the factors of {name} have shapes {tuple(tensor.shape)} and {tuple(right.shape)}")
            changes[name] = LowRankChange(tensor, right)
        else:
            changes[name] = DenseChange(tensor)
    if any(not tensor.dtype.is_floating_point for tensor in tensors.values()):
        raise ValueError("a change of weights is not made of floating-point numbers")
    return changes
