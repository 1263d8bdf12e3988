"""Changing the inputs or outputs of modules at the steered positions, for as long as a context lasts."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Literal, cast

import torch
from torch import Tensor, nn

from hormesis.detox.positions import EditedPositions
from hormesis.detox.strengths import row_strengths, rows_of
from hormesis.errors import HormesisError
from hormesis.representation import ModelLayout

_NOWHERE = torch.zeros(0)

Change = Callable[..., Tensor]
"""(hidden [batch, columns, width], strengths [batch or 1, 1, 1], \\*tensors) → hidden, changed at every position. At
strength 0 it must give ``hidden`` to the bit."""


@dataclass(frozen=True, eq=False)
class Edit:
    """One change, of the first input or of the (first) output of one module."""

    module: nn.Module
    side: Literal["input", "output"]
    change: Change
    tensors: tuple[Tensor, ...] = ()
    """What ``change`` needs; they follow the hidden state's device and precision when they first meet it."""
    exact: bool = False
    """Whether ``change`` is computed in float32 at least, where a difference of large numbers is at stake."""


def add(hidden: Tensor, strengths: Tensor, displacement: Tensor) -> Tensor:
    """hidden + strength · displacement [width]."""
    return torch.addcmul(hidden, strengths, displacement)


@contextmanager
def edited(
    layout: ModelLayout,
    edits: Sequence[Edit],
    strength: float | Tensor,
    *,
    prompt_lengths: Tensor | None,
    attention_mask: Tensor | None,
) -> Iterator[None]:
    """Every edit acts at the edited positions (:class:`EditedPositions`) of every forward pass in this context.

    A forward pre-hook on the decoder learns from the key–value cache which absolute columns a chunk holds; one on each
    module changes its tensor. A chunk that is edited throughout, as decode steps are, is changed without a mask.

    :param strength: a number, or [batch].
    :raises HormesisError: arguments that do not fit each other, or a forward pass of another batch size.
    """
    strengths = row_strengths(strength)
    positions = EditedPositions(prompt_lengths, attention_mask)
    rows = rows_of(strengths, positions)
    if not bool(strengths.any()):
        yield  # no hook at all: strength 0 is the model itself, to the bit
        return
    with ExitStack() as hooks:
        chunk = _Chunk(positions, rows)
        hooks.callback(layout.decoder.register_forward_pre_hook(chunk.locator(layout.decoder), with_kwargs=True).remove)
        for edit in edits:
            change = chunk.changer(edit, strengths.view(-1, 1, 1))
            if edit.side == "input":
                hooks.callback(edit.module.register_forward_pre_hook(_on_input(change)).remove)
            else:
                hooks.callback(edit.module.register_forward_hook(_on_output(change)).remove)
        yield


class _Chunk:
    """What the hooks of one context share: where the present chunk of columns is edited."""

    def __init__(self, positions: EditedPositions, rows: int | None) -> None:
        self._positions = positions
        self._rows = rows
        self._gate: Tensor | None = None  # None: everywhere; _NOWHERE: nowhere; else [batch or 1, columns, 1]

    def locator(self, decoder: nn.Module) -> Callable[[nn.Module, tuple[object, ...], dict[str, object]], None]:
        """The decoder's hook: sets the gate for the chunk that comes."""
        all_from, rows = self._positions.all_from, self._rows

        def locate(_module: nn.Module, arguments: tuple[object, ...], keywords: dict[str, object]) -> None:
            given = keywords
            if arguments:
                names = inspect.signature(decoder.forward).parameters
                given = {**dict(zip(names, arguments, strict=False)), **keywords}
            tokens = given.get("input_ids")
            if tokens is None:
                tokens = given["inputs_embeds"]
            batch, width = cast(Tensor, tokens).shape[:2]
            if rows is not None and batch != rows:
                raise HormesisError(
                    f"a forward pass of {batch} rows within an intervention for {rows} rows",
                    "enter apply() anew for the new batch, with strength, prompt length and mask"
                    " of each row (repeat_interleave them for beams and for several samples a prompt)",
                )
            self._positions.check_mask(given.get("attention_mask"))
            cache = given.get("past_key_values")
            # A static cache counts in a tensor.
            start = int(cache.get_seq_length()) if cache is not None else 0  # type: ignore[attr-defined]
            if start >= all_from:
                self._gate = None
            else:
                gate = self._positions.select(start, start + width)
                self._gate = gate.unsqueeze(2) if bool(gate.any()) else _NOWHERE

        return locate

    def changer(self, edit: Edit, strengths: Tensor) -> Callable[[Tensor], Tensor]:
        """``edit`` at the positions of the present chunk."""
        followers = (strengths, *edit.tensors)

        def change(hidden: Tensor) -> Tensor:
            nonlocal followers
            gate = self._gate
            if gate is _NOWHERE:
                return hidden
            precision = torch.promote_types(hidden.dtype, torch.float32) if edit.exact else hidden.dtype
            if followers[0].dtype is not precision or followers[0].device != hidden.device:
                followers = tuple(tensor.to(hidden.device, precision) for tensor in followers)
            changed = edit.change(hidden.to(precision), *followers).to(hidden.dtype)
            return changed if gate is None else torch.where(gate.to(hidden.device), changed, hidden)

        return change


def _on_input(change: Callable[[Tensor], Tensor]) -> Callable[[nn.Module, tuple[Tensor, ...]], tuple[Tensor, ...]]:
    return lambda _module, arguments: (change(arguments[0]), *arguments[1:])


def _on_output(
    change: Callable[[Tensor], Tensor],
) -> Callable[[nn.Module, tuple[Tensor, ...], Tensor | tuple[Tensor, ...]], Tensor | tuple[Tensor, ...]]:
    def hook(
        _module: nn.Module, _arguments: tuple[Tensor, ...], output: Tensor | tuple[Tensor, ...]
    ) -> Tensor | tuple[Tensor, ...]:
        # Layers give a tensor or a tuple, depending on the family and on the release of transformers.
        return change(output) if isinstance(output, Tensor) else (change(output[0]), *output[1:])

    return hook
