"""What every detoxification of a trained model is: something that can be applied for a while at a strength."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedModel

    from hormesis.models.mark import WeightsMark


class Intervention(Protocol):
    """A detoxification: of the prompt (``prepare``), of the forward pass (``apply``), or of both.

    Positive strength detoxifies, and 0 leaves every logit as it is to the bit. Methods inherit from this class what
    they do not change: the prompt stays as it is, rows may differ in strength, and no room is taken in the context.
    """

    @property
    def name(self) -> str:
        """The method as measurements name it, a key of :data:`hormesis.detox.METHODS`."""
        ...

    @property
    def rowwise(self) -> bool:
        """Whether ``apply`` takes another strength for each row; if not, all rows of a context share one."""
        return True

    @property
    def reserved_tokens(self) -> int:
        """Positions of the model's context that it takes up beside what ``prepare`` adds: a second stream's prefix."""
        return 0

    @property
    def of_weights(self) -> bool:
        """Whether it means something on the weights that it was fitted on alone, as a direction does."""
        return False

    @property
    def fitted_on(self) -> WeightsMark | None:
        """The weights that it was fitted on; None: of no model, or nobody noted it."""
        return self.__dict__.get("_fitted_on")

    def prepare(self, prompt: str) -> str:
        """The prompt as the model is to see it."""
        return prompt

    def apply(
        self,
        model: PreTrainedModel,
        strength: float | Tensor,
        *,
        prompt_lengths: Tensor | None = None,
        attention_mask: Tensor | None = None,
    ) -> AbstractContextManager[None]:
        """Steer every forward pass of ``model`` within the context; afterwards, also after an error, it is as before.

        :param strength: one for all rows, or [batch], one a row.
        :param prompt_lengths: [batch], non-padding tokens P of each prompt: positions P−1 and later are steered, that
            is, the last prompt token and everything generated. None: every position.
        :param attention_mask: [batch, columns], 1 where a token is and 0 where padding is, for the columns known so
            far, those in the key–value cache included; columns beyond it are taken for tokens. None: no padding. A hook
            cannot see the padding by itself.
        :raises HormesisError: the model does not fit, or a forward pass has another batch size than the arguments.
        """
        ...

    def save(self, folder: Path) -> None:
        """Write it to ``folder`` as safetensors and JSON, whole or not at all."""
        ...

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what :meth:`save` wrote.

        :raises HormesisError: no such artefact there, or a damaged one.
        """
        ...
