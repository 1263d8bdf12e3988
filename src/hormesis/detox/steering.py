"""Adding a displacement to the input of attention output projections, for as long as a context lasts."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import cast

import torch
from torch import Tensor, nn

from hormesis.detox.positions import EditedPositions
from hormesis.errors import HormesisError
from hormesis.representation import ModelLayout

_NOWHERE = torch.zeros(0)


@contextmanager
def displaced(
    layout: ModelLayout,
    displacements: Mapping[int, Tensor],
    strength: float | Tensor,
    *,
    prompt_lengths: Tensor | None,
    attention_mask: Tensor | None,
) -> Iterator[None]:
    """z ← z + strength · displacement at the edited positions of each hooked layer.

    A forward pre-hook on the decoder learns from the key–value cache which absolute columns a chunk holds; one on each
    hooked projection adds. In a chunk that is edited throughout, as decode steps are, that is one addition a layer.

    :param displacements: layer → [heads · head_width], float32. Other layers get no hook.
    :param strength: a number, or [batch].
    :raises HormesisError: arguments that do not fit each other, or a forward pass of another batch size.
    """
    strengths = torch.as_tensor(strength, dtype=torch.float32).detach().cpu()
    if strengths.ndim > 1 or not bool(torch.isfinite(strengths).all()):
        raise HormesisError(
            f"strength {strengths.tolist()} is neither one finite number nor one for each row",
            "give a float, or a tensor [batch] of finite numbers",
        )
    positions = EditedPositions(prompt_lengths, attention_mask)
    rows = len(strengths) if strengths.ndim else positions.batch
    if positions.batch not in (None, rows):
        raise HormesisError(
            f"{rows} strengths for {positions.batch} prompts or mask rows",
            "give one strength, or one for each row",
        )
    if not bool(strengths.any()):
        yield  # no hook at all: strength 0 is the model itself, to the bit
        return
    with ExitStack() as hooks:
        shift = _Shift(positions, rows)
        hooks.callback(layout.decoder.register_forward_pre_hook(shift.locator(layout.decoder), with_kwargs=True).remove)
        for layer, displacement in displacements.items():
            scaled = strengths.view(-1, 1, 1) * displacement if strengths.ndim else strengths * displacement
            projection = layout.output_projections[layer]
            hooks.callback(projection.register_forward_pre_hook(shift.adder(scaled)).remove)
        yield


class _Shift:
    """What the hooks of one context share: where the present chunk is edited."""

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
            cache = given.get("past_key_values")
            # A static cache counts in a tensor.
            start = int(cache.get_seq_length()) if cache is not None else 0  # type: ignore[attr-defined]
            if start >= all_from:
                self._gate = None
            else:
                gate = self._positions.select(start, start + width)
                self._gate = gate.unsqueeze(2) if bool(gate.any()) else _NOWHERE

        return locate

    def adder(self, displacement: Tensor) -> Callable[[nn.Module, tuple[Tensor, ...]], Tensor | None]:
        """A projection's hook. The displacement follows the input's device and precision when it first meets it."""

        def add(_module: nn.Module, arguments: tuple[Tensor, ...]) -> Tensor | None:
            nonlocal displacement
            hidden = arguments[0]
            if displacement.dtype is not hidden.dtype or displacement.device != hidden.device:
                displacement = displacement.to(hidden)
            gate = self._gate
            if gate is None:
                return hidden + displacement
            if gate is _NOWHERE:
                return None
            return hidden + gate.to(hidden) * displacement

        return add
