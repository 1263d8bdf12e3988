"""Reading the heads and the residual stream at the last token of each text, and keeping nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from hormesis.disk import preallocate
from hormesis.errors import HormesisError
from hormesis.marks import check_file
from hormesis.memory import Batches
from hormesis.models import LanguageModel
from hormesis.models.architecture import Architecture
from hormesis.representation.layout import ModelLayout
from hormesis.reprs import short_repr

WINDOW_BATCHES = 64  # texts are tokenised and sorted by length within so many batches: memory stays bounded


@short_repr
@dataclass(frozen=True, eq=False)
class HeadActivations:
    """z of every head at the last token of every text: the input of the attention output projection, split into
    heads."""

    values: Tensor
    """[texts, layers, heads, head_width], float32, on the CPU; rows in the order of the texts."""
    architecture: Architecture | None = None
    """The module names of the model they come from."""

    def __len__(self) -> int:
        return int(self.values.shape[0])

    @property
    def layers(self) -> int:
        """The number of layers."""
        return int(self.values.shape[1])

    @property
    def heads(self) -> int:
        """The number of heads of a layer."""
        return int(self.values.shape[2])

    @property
    def head_width(self) -> int:
        """The number of features of a head."""
        return int(self.values.shape[3])


@short_repr
@dataclass(frozen=True, eq=False)
class ResidualActivations:
    """h, the residual stream after every layer, at the last token of every text (before any final norm)."""

    values: Tensor
    """[texts, layers, width], float32, on the CPU; rows in the order of the texts."""
    architecture: Architecture | None = None
    """The module names of the model they come from."""

    def __len__(self) -> int:
        return int(self.values.shape[0])

    @property
    def layers(self) -> int:
        """The number of layers."""
        return int(self.values.shape[1])

    @property
    def width(self) -> int:
        """The number of features of the stream."""
        return int(self.values.shape[2])

    def as_heads(self) -> HeadActivations:
        """The same numbers as layers of one wide head each, for :func:`hormesis.representation.fit_probes`."""
        return HeadActivations(self.values.unsqueeze(2), self.architecture)


def capture_heads(
    lm: LanguageModel,
    texts: Sequence[str],
    *,
    batch_size: int = 32,
    max_length: int | None = None,
    padding_side: Literal["left", "right"] = "right",
    architecture: Architecture | None = None,
    file: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> HeadActivations:
    """z of all heads at the last non-padding token of each text.

    The position is selected inside the hook, so that only [texts, layers, heads, head_width] grows with the texts.
    Batches are made of texts of similar length. The model is in evaluation mode meanwhile, and as it was afterwards.

    :param max_length: longer texts are cut after so many tokens; the model's own limit holds in any case.
    :param padding_side: where short texts of a batch are padded; both give the same activations.
    :param architecture: module names of a family that is not known (see :class:`ModelLayout`).
    :param file: keep the values in this ``.npy`` file, memory-mapped, instead of in memory.
    :param progress: called with (texts done, texts).
    :raises HormesisError: no texts, a text without a token, unknown architecture, activations that are not finite.
    """
    layout = ModelLayout.of(lm.model, architecture=architecture or lm.architecture)
    reader = _LastTokenReader(_head_sites(layout, len(texts), file))
    _read(lm, layout, texts, reader, batch_size, max_length, padding_side, progress)
    return _heads(layout, reader.sites[0].values)


def capture_heads_and_residual(
    lm: LanguageModel,
    texts: Sequence[str],
    *,
    batch_size: int = 32,
    max_length: int | None = None,
    padding_side: Literal["left", "right"] = "right",
    architecture: Architecture | None = None,
    files: tuple[Path, Path] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[HeadActivations, ResidualActivations]:
    """What :func:`capture_heads` reads, and the residual stream after each layer, each text read once.

    Parameters and errors are those of :func:`capture_heads`.

    :param files: ``.npy`` files for the two.
    """
    layout = ModelLayout.of(lm.model, architecture=architecture or lm.architecture)
    shape = (len(texts), layout.layers, layout.width)
    residual = _Sites(layout.blocks(), "output", _storage(shape, files[1] if files else None))
    reader = _LastTokenReader(_head_sites(layout, len(texts), files[0] if files else None), residual)
    _read(lm, layout, texts, reader, batch_size, max_length, padding_side, progress)
    stream = ResidualActivations(torch.from_numpy(residual.values), layout.architecture)
    return _heads(layout, reader.sites[0].values), stream


def _read(
    lm: LanguageModel,
    layout: ModelLayout,
    texts: Sequence[str],
    reader: _LastTokenReader,
    batch_size: int,
    max_length: int | None,
    padding_side: Literal["left", "right"],
    progress: Callable[[int, int], None] | None,
) -> None:
    if not texts:
        raise HormesisError("no texts to capture activations of", "give at least one labelled text")
    limits = (max_length, lm.context_length)
    limit = min((limit for limit in limits if limit is not None), default=None)
    device = lm.input_device
    done = 0

    def read(part: Sequence[tuple[int, tuple[int, ...]]]) -> bool:
        ids, mask = _padded([tokens for _, tokens in part], padding_side)
        reader.select(np.array([row for row, _ in part]), ids.shape[1] - 1 - mask.flip(1).argmax(1))
        # After the text, padding reaches no token of a causal model: neither mask nor positions are needed.
        padded_before = {
            "attention_mask": mask.to(device),
            "position_ids": (mask.cumsum(1) - 1).clamp(min=0).to(device),
        }
        keywords = {} if bool(mask[:, 0].all()) else padded_before
        # The decoder without the language-model head: the logits would cost more than all heads.
        with suppress(_EverythingReadError):
            layout.decoder(input_ids=ids.to(device), use_cache=False, **keywords)
        return True

    fitting = Batches("texts whose activations are read")
    with torch.no_grad(), lm.evaluating(), reader.attached():
        for rows, tokens in _batches(texts, lm, batch_size, limit):
            for part, _ in fitting.run(list(zip(rows.tolist(), tokens, strict=True)), read):
                done += len(part)
                if progress is not None:
                    progress(done, len(texts))
    for sites in reader.sites:
        _check_finite(sites.values, layout)


def _head_sites(layout: ModelLayout, texts: int, file: Path | None) -> _Sites:
    shape = (texts, layout.layers, layout.heads * layout.head_width)
    return _Sites(layout.output_projections, "input", _storage(shape, file))


def _heads(layout: ModelLayout, values: np.ndarray) -> HeadActivations:
    split = torch.from_numpy(values).view(len(values), layout.layers, layout.heads, layout.head_width)
    return HeadActivations(split, layout.architecture)


class _EverythingReadError(Exception):
    """Ends a forward pass at the last module that is read: what comes after it is not wanted."""


@dataclass(frozen=True, eq=False)
class _Sites:
    """Modules of each layer, which side of them is read, and where it goes: [texts, layers, width]."""

    modules: tuple[nn.Module, ...]
    side: Literal["input", "output"]
    values: np.ndarray


class _LastTokenReader:
    """Hooks that copy one position a row out of each module's input or output.

    :param sites: in the order in which a layer runs them; the last module of the last ends the pass.
    """

    def __init__(self, *sites: _Sites) -> None:
        self.sites = sites
        self._rows = np.empty(0, dtype=np.int64)
        self._columns = torch.empty(0, dtype=torch.long)

    def select(self, rows: np.ndarray, columns: Tensor) -> None:
        """The next forward pass holds texts ``rows``; read each at its column."""
        self._rows, self._columns = rows, columns

    @contextmanager
    def attached(self) -> Iterator[None]:
        """The hooks are on within this context."""
        last = self.sites[-1].modules[-1]
        with ExitStack() as hooks:
            for sites in self.sites:
                for layer, module in enumerate(sites.modules):
                    read = self._reader(sites, layer, ends=module is last)
                    if sites.side == "input":
                        hooks.callback(module.register_forward_pre_hook(_of_input(read)).remove)
                    else:
                        hooks.callback(module.register_forward_hook(_of_output(read)).remove)
            yield

    def _reader(self, sites: _Sites, layer: int, *, ends: bool) -> Callable[[Tensor], None]:
        def read(hidden: Tensor) -> None:
            batch = torch.arange(hidden.shape[0], device=hidden.device)
            last = hidden[batch, self._columns.to(hidden.device)]
            sites.values[self._rows, layer] = last.float().cpu().numpy()
            if ends:
                raise _EverythingReadError

        return read


def _of_input(read: Callable[[Tensor], None]) -> Callable[[nn.Module, tuple[Tensor, ...]], None]:
    return lambda _module, arguments: read(arguments[0])


def _of_output(
    read: Callable[[Tensor], None],
) -> Callable[[nn.Module, tuple[Tensor, ...], Tensor | tuple[Tensor, ...]], None]:
    return lambda _module, _arguments, output: read(output if isinstance(output, Tensor) else output[0])


def _storage(shape: tuple[int, ...], file: Path | None) -> np.ndarray:
    if file is None:
        return np.empty(shape, dtype=np.float32)
    check_file(file)
    file.parent.mkdir(parents=True, exist_ok=True)
    mapped: np.ndarray = np.lib.format.open_memmap(file, mode="w+", dtype=np.float32, shape=shape)
    preallocate(file)
    return mapped


def _batches(
    texts: Sequence[str], lm: LanguageModel, batch_size: int, limit: int | None
) -> Iterator[tuple[np.ndarray, list[tuple[int, ...]]]]:
    """Row numbers and token ids, by windows; within a window from short to long. A text is cut on its right, but for
    what closes a turn of a chat."""
    behind = len(lm.frame[1])
    window = batch_size * WINDOW_BATCHES
    for start in range(0, len(texts), window):
        part = list(texts[start : start + window])
        tokens = [_cut(ids, limit, behind) for ids in lm.prompts_ids(part)]
        lengths = np.array([len(row) for row in tokens])
        if not lengths.all():
            row = start + int(lengths.argmin())
            raise HormesisError(f"text {row} has no token: {texts[row]!r}", "leave empty texts out of the labelled set")
        order = np.argsort(lengths, kind="stable")
        for first in range(0, len(part), batch_size):
            chosen = order[first : first + batch_size]
            yield chosen + start, [tokens[index] for index in chosen]


def _cut(ids: tuple[int, ...], limit: int | None, behind: int) -> tuple[int, ...]:
    """At most ``limit`` of ``ids``, the last ``behind`` among them."""
    if limit is None or len(ids) <= limit:
        return ids
    return ids[: max(0, limit - behind)] + ids[len(ids) - behind :]


def _padded(tokens: list[tuple[int, ...]], side: Literal["left", "right"]) -> tuple[Tensor, Tensor]:
    """Token ids and mask, [batch, longest]. Padding is token 0: the mask hides it, so any token would do."""
    longest = max(map(len, tokens))
    ids = torch.zeros((len(tokens), longest), dtype=torch.long)
    mask = torch.zeros_like(ids)
    for index, row in enumerate(tokens):
        where = slice(longest - len(row), longest) if side == "left" else slice(0, len(row))
        ids[index, where] = torch.tensor(row)
        mask[index, where] = 1
    return ids, mask


def _check_finite(values: np.ndarray, layout: ModelLayout) -> None:
    for layer in range(values.shape[1]):
        bad = ~np.isfinite(values[:, layer]).all(axis=1)
        if bad.any():
            raise HormesisError(
                f"activations of text {int(bad.argmax())} are not finite in layer {layer} ("
                f"{layout.architecture.projection.format(layer=layer)})",
                "load the model in float32 or bfloat16: this precision overflows, or the weights are broken",
            )
