"""An intervention whose strength is what it costs: strengths of two methods, shares or seeds then mean the same."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from hormesis.detox.wrapped import Wrapped
from hormesis.errors import HormesisError

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedModel


@dataclass(frozen=True)
class AtCosts(Wrapped):
    """``intervention``, applied at the strengths that were found to cost what is asked for.

    :param strengths: target cost in nats a token → the wrapped intervention's strength. A cost between two of them
        gets a strength between theirs, and 0 gets 0; nothing lies beyond the largest.
    """

    strengths: Mapping[float, float]
    belongs_to = "what strengths cost belongs to one model and its text"

    def apply(
        self,
        model: PreTrainedModel,
        strength: float | Tensor,
        *,
        prompt_lengths: Tensor | None = None,
        attention_mask: Tensor | None = None,
    ) -> AbstractContextManager[None]:
        """As the wrapped intervention, at the strength that costs ``strength``.

        :raises HormesisError: a cost below 0 or beyond the largest that strengths were found for.
        """
        found = self._strengths(strength)
        return super().apply(model, found, prompt_lengths=prompt_lengths, attention_mask=attention_mask)

    @cached_property
    def _knots(self) -> tuple[list[float], list[float]]:
        known = sorted({0.0: 0.0, **self.strengths}.items())
        return [cost for cost, _ in known], [strength for _, strength in known]

    def _strengths(self, costs: float | Tensor) -> float | Tensor:
        known, strengths = self._knots
        single = isinstance(costs, int | float)
        asked = np.asarray(costs if single else costs.detach().cpu().double().numpy(), dtype=np.float64)  # type: ignore[union-attr]
        if not bool(np.all((asked >= 0) & (asked <= known[-1] * (1 + 1e-6)))):  # float32 rounds a cost upwards
            raise HormesisError(
                f"a cost of {float(np.max(asked)):g} nats a token: strengths were found for 0 to {known[-1]:g}",
                "ask for a cost within, or calibrate for a larger one",
            )
        found = np.interp(asked, known, strengths)
        if single:
            return float(found)
        import torch

        return torch.as_tensor(found, dtype=torch.float32)
