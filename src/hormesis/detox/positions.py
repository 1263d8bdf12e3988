"""Which columns of a batch are edited: the same rule for a whole text, and for chunks of it under a key–value cache."""

from __future__ import annotations

import torch
from torch import Tensor

from hormesis.errors import HormesisError


class EditedPositions:
    """The token at non-padding position p of a row is edited where p ≥ P − 1; P = 1 where no prompt lengths are given.

    Columns are absolute: those in the cache come first. A column within the mask is a token where the mask is 1, and
    every column beyond the mask is a token. Padding is never edited.

    :raises HormesisError: shapes that do not fit each other, a prompt length below 1.
    """

    def __init__(self, prompt_lengths: Tensor | None, attention_mask: Tensor | None) -> None:
        if attention_mask is not None and attention_mask.ndim != 2:
            raise HormesisError(
                f"the attention mask has shape {tuple(attention_mask.shape)}",
                "give the two-dimensional mask [batch, columns] of the tokenizer",
            )
        if prompt_lengths is not None and (prompt_lengths.ndim != 1 or bool((prompt_lengths < 1).any())):
            raise HormesisError(
                f"prompt lengths {prompt_lengths.tolist()} are not one positive number a row",
                "count the non-padding tokens of each prompt: attention_mask.sum(1)",
            )
        self._columns_are_positions = prompt_lengths is not None and attention_mask is None
        self.batch: int | None = None
        for given in (prompt_lengths, attention_mask):
            if given is not None:
                if self.batch not in (None, len(given)):
                    raise HormesisError(
                        f"{self.batch} prompt lengths for an attention mask of {len(given)} rows",
                        "give one for each row",
                    )
                self.batch = len(given)
        batch = self.batch or 1
        mask = attention_mask.cpu().bool() if attention_mask is not None else torch.ones(batch, 0, dtype=torch.bool)
        self._first = prompt_lengths.cpu() - 1 if prompt_lengths is not None else torch.zeros(batch, dtype=torch.long)
        self._tokens = mask.sum(1)
        self._width = mask.shape[1]
        self._within = mask & (mask.cumsum(1) - 1 >= self._first[:, None])
        # Beyond the mask, column c holds position tokens + c − width.
        later = self._width + (self._first - self._tokens).clamp(min=0).max().item()
        unedited = (~self._within).any(0).nonzero()
        last = int(unedited[-1]) + 1 if len(unedited) else 0
        self.all_from = int(later) if later > self._width else last
        """The first column from which on every row is edited at every column: no arithmetic is left for decode
        steps."""

    def check_mask(self, mask: object) -> None:
        """See that a forward pass has no padding that was not told of.

        :param mask: its attention mask, if any.
        :raises HormesisError: its prompts are padded on the left, and columns were taken for positions.
        """
        if self._columns_are_positions and isinstance(mask, Tensor) and mask.ndim == 2 and not bool(mask[:, 0].all()):
            raise HormesisError(
                "the prompts are padded on the left, and the intervention does not know of it",
                "give apply() the attention_mask, too: prompt lengths count tokens, not padding",
            )

    def select(self, start: int, stop: int) -> Tensor:
        """[batch or 1, stop − start] bool: what is edited of the absolute columns from ``start`` to before ``stop``."""
        columns = torch.arange(max(start, self._width), max(stop, self._width))
        position = self._tokens[:, None] + columns - self._width
        return torch.cat([self._within[:, start:stop], position >= self._first[:, None]], dim=1)
