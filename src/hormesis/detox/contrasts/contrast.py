"""A second forward stream: companions that read the same tokens, and logits that are a combination of all.

Self-debiasing (arXiv 2103.00453) and DExperts (arXiv 2105.03023) leave the model's weights and activations alone and
change the distribution of the next token by what other runs say: the same model after a prefix, or fine-tuned copies.
A hook on the causal language model runs the companions after each of its forward passes. Each has a key–value cache of
its own, the layers of which stand at the end of the list ``layers`` of the model's own cache: whatever is done to that
cache (reordered for beams, rows dropped, branched, cropped) is done to all streams, and the model, which counts its
layers, does not see them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor, nn

from hormesis.detox.contrasts.companion import Chunk, Companion
from hormesis.detox.positions import EditedPositions
from hormesis.detox.strengths import row_strengths, rows_of
from hormesis.errors import HormesisError

if TYPE_CHECKING:
    from transformers import DynamicCache, PreTrainedModel
    from transformers.modeling_outputs import CausalLMOutputWithPast

Combination = Callable[[Tensor, Sequence[Tensor], Tensor], Tensor]
"""(logits of the model, logits of each companion, strengths) → logits, all float32; [rows, columns, vocabulary], and
[rows or 1, 1, 1] for the strengths."""


@contextmanager
def contrasted(
    model: PreTrainedModel,
    companions: Sequence[Companion],
    combine: Combination,
    strength: float | Tensor,
    *,
    prompt_lengths: Tensor | None,
    attention_mask: Tensor | None,
) -> Iterator[None]:
    """Replace the logits of ``model`` by ``combine`` of its own and its companions'.

    By the position rule only logits at positions P−1 and later change, and none in rows of strength 0. The companions
    must have read all that is in a cache: the prompt belongs inside the context too. Within it, the model takes token
    ids and gives no loss.

    :param strength: a number, or [batch].
    :raises HormesisError: arguments that do not fit each other; in a forward pass: another batch size, a cache that is
        no ``DynamicCache``, one that was filled outside, inputs other than ids and a two-dimensional mask.
    """
    if "_orig_mod" in cast(nn.Module, model)._modules:  # its own forward hides what the model is given
        raise HormesisError("this model is wrapped by torch.compile", "use it as it was before, or model.compile()")
    strengths = row_strengths(strength)
    positions = EditedPositions(prompt_lengths, attention_mask)
    rows = rows_of(strengths, positions)
    if not bool(strengths.any()):
        yield  # no hook at all: strength 0 is the model itself, to the bit
        return
    starts = 0 if attention_mask is None else int(attention_mask.long().argmax(1).max())
    stream = _Streams(model, companions, combine, strengths.reshape(-1, 1, 1), positions, rows, starts)
    handle = cast(nn.Module, model).register_forward_hook(stream.hook, with_kwargs=True)
    try:
        yield
    finally:
        handle.remove()


class _Streams:
    """The hook of one context, and what it must know."""

    def __init__(
        self,
        model: PreTrainedModel,
        companions: Sequence[Companion],
        combine: Combination,
        strengths: Tensor,
        positions: EditedPositions,
        rows: int | None,
        latest_start: int,
    ) -> None:
        from transformers import DynamicCache

        self._companions, self._combine, self._strengths = companions, combine, strengths
        self._positions, self._rows, self._latest_start = positions, rows, latest_start
        self._names = tuple(inspect.signature(model.forward).parameters)
        self._own_layers = len(DynamicCache(config=model.config).layers)

    def hook(
        self,
        _module: nn.Module,
        arguments: tuple[object, ...],
        keywords: Mapping[str, object],
        output: CausalLMOutputWithPast,
    ) -> None:
        """Run the companions on what the model just read, and replace its logits."""
        given = {**dict(zip(self._names, arguments, strict=False)), **keywords}
        logits = _checked(given, output)
        ids = cast(Tensor, given["input_ids"])
        batch, width = ids.shape
        self._positions.check_mask(given.get("attention_mask"))
        if self._rows is not None and batch != self._rows:
            raise HormesisError(
                f"a forward pass of {batch} rows within an intervention for {self._rows} rows",
                "enter apply() anew for the new batch, with strength, prompt length and mask"
                " of each row (repeat_interleave them for beams and for several samples a prompt)",
            )
        found = output.past_key_values if output.past_key_values is not None else given.get("past_key_values")
        cache = None if found is None else _dynamic(found)
        start = 0 if cache is None else int(cache.get_seq_length()) - width
        kept = _kept_columns(given.get("logits_to_keep", 0), width)
        edited = self._positions.select(start, start + width)[:, kept] & (self._strengths[:, :, 0] != 0)
        if cache is None and not bool(edited.any()):
            return
        mask = cast("Tensor | None", given.get("attention_mask"))
        chunk = Chunk(ids, mask, given.get("position_ids"), start, kept, self._latest_start)
        others = [
            companion.run(chunk, layers).to(logits.device)
            for companion, layers in zip(self._companions, self._parts(cache), strict=True)
        ]
        if bool(edited.any()):
            floats = [other.float() for other in others]
            combined = self._combine(logits.float(), floats, self._strengths.to(logits.device)).to(logits.dtype)
            output.logits = cast(
                torch.FloatTensor, torch.where(edited.to(logits.device).unsqueeze(2), combined, logits)
            )

    def _parts(self, cache: DynamicCache | None) -> list[list[object] | None]:
        """Each companion's part of the cache's layers, appended when the cache is first met."""
        if cache is None:
            return [None for _ in self._companions]
        layers = cast("list[object]", cache.layers)
        if len(layers) == self._own_layers:
            for companion in self._companions:
                layers.extend(companion.empty_layers())
        ends = list(accumulate((companion.layer_count for companion in self._companions), initial=self._own_layers))
        if len(layers) != ends[-1]:
            raise HormesisError(
                f"the cache has {len(layers)} layers, where model and companions have {ends[-1]}",
                "give a new DynamicCache(config=model.config), filled under this intervention alone",
            )
        return [layers[start:stop] for start, stop in pairwise(ends)]


def _checked(given: Mapping[str, object], output: CausalLMOutputWithPast) -> Tensor:
    """The logits, if the pass is one that companions can follow."""
    logits, mask = getattr(output, "logits", None), given.get("attention_mask")
    problem, fix = None, "call the model with input_ids, attention_mask and position_ids only, and read .logits"
    if not isinstance(logits, Tensor):
        problem = "the model's output has no logits"
    elif given.get("input_ids") is None:
        problem = "a companion reads token ids, and the model was given embeddings"
    elif given.get("labels") is not None:
        problem, fix = "the loss for labels is not that of the changed logits", "compute the loss from .logits"
    elif mask is not None and not (isinstance(mask, Tensor) and mask.ndim == 2):
        problem, fix = "the attention mask is not two-dimensional", "give the mask [batch, columns] of the tokenizer"
    if problem is not None:
        raise HormesisError(problem, fix)
    return cast(Tensor, logits)


def _kept_columns(logits_to_keep: object, width: int) -> Tensor:
    """Which columns of the chunk have logits: transformers' rule for ``logits_to_keep``."""
    columns = torch.arange(width)
    if isinstance(logits_to_keep, int):
        return columns[-logits_to_keep:]
    if isinstance(logits_to_keep, Tensor) and logits_to_keep.ndim == 1:
        return columns[logits_to_keep.cpu()]
    raise HormesisError(
        "logits_to_keep is neither a number nor a list of columns", "keep the same columns for every row"
    )


def _dynamic(cache: object) -> DynamicCache:
    from transformers import DynamicCache

    if not isinstance(cache, DynamicCache):
        raise HormesisError(
            f"a companion's keys and values cannot stand in a {type(cache).__name__}",
            'use DynamicCache(config=model.config), or cache_implementation="dynamic" in generate',
        )
    return cache
