"""What every method that acts through hooks shares: it says which modules it changes and how, and that is all."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING
from weakref import WeakSet

from hormesis.detox.intervention import Intervention
from hormesis.errors import HormesisError

if TYPE_CHECKING:
    from torch import Tensor, nn
    from transformers import PreTrainedModel

    from hormesis.detox.steering.edits import Edit
    from hormesis.representation import Architecture, ModelLayout


class HookedIntervention(Intervention, ABC):
    """An intervention made of :class:`~hormesis.detox.steering.edits.Edit` values."""

    @property
    @abstractmethod
    def architecture(self) -> Architecture | None:
        """The module names of the model that it was made for."""

    @property
    @abstractmethod
    def made_for(self) -> tuple[int, ...]:
        """The shape of the model that it was made for, in the terms of :meth:`shape_of`."""

    @abstractmethod
    def shape_of(self, layout: ModelLayout) -> tuple[int, ...]:
        """What must agree between a model and the one that it was made for."""

    @abstractmethod
    def edits(self, layout: ModelLayout) -> Sequence[Edit]:
        """The changes, on the modules of ``layout``."""

    @property
    def of_weights(self) -> bool:
        """Always."""
        return True

    @contextmanager
    def apply(
        self,
        model: PreTrainedModel,
        strength: float | Tensor,
        *,
        prompt_lengths: Tensor | None = None,
        attention_mask: Tensor | None = None,
    ) -> Iterator[None]:
        """Steer ``model`` within the context; see :meth:`Intervention.apply`."""
        from hormesis.detox.steering.edits import edited

        layout = self.layout(model)
        with edited(layout, self.edits(layout), strength, prompt_lengths=prompt_lengths, attention_mask=attention_mask):
            yield

    def layout(self, model: PreTrainedModel) -> ModelLayout:
        """The modules of ``model``; validated by a forward pass when the model is first met.

        :raises HormesisError: unknown or compiled model, or one of another shape than this was made for.
        """
        from hormesis.representation import ModelLayout

        met: WeakSet[nn.Module] = self.__dict__.setdefault("_met", WeakSet())
        layout = ModelLayout.of(model, architecture=self.architecture, validate=model not in met)
        here = self.shape_of(layout)
        if here != self.made_for:
            raise HormesisError(
                f"directions for a model of shape {self.made_for} (layers and widths) on one of {here}",
                "capture and fit them on this model: directions belong to one model",
            )
        met.add(model)
        return layout

    def describe(self, layout: ModelLayout) -> str:
        """The modules that are changed, with the side and the shape of what is changed, a line each."""
        names = {module: name for name, module in layout.model.named_modules()}
        lines = [f"{layout.shape}; changed are"]
        for edit in self.edits(layout):
            width = layout.heads * layout.head_width if edit.side == "input" else layout.width
            lines.append(
                f"  {edit.side} of {names[edit.module]} ({type(edit.module).__name__}): [batch, time, {width}]"
            )
        return "\n".join(lines)
