"""What a model must prove before it is decoded: that it is causal, and how its cache may be used.

Not every causal language model of transformers keeps what it has read in a key–value cache (Mamba and RWKV keep a state
of their own, and take no notice of the cache that they are given), and not every one reads positions or minds padding
in a batch. So a model is asked: the logits of cached decoding in a padded, branched batch are compared with those of
whole passes, text by text.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor

from hormesis.errors import HormesisError
from hormesis.models.kv_cache import branch
from hormesis.models.modules import evaluating, input_device

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_PROMPTS = (9, 5, 9)
"""Tokens of the prompts that a model is tried on."""
_STEPS = 4
"""Tokens decoded after them."""
_TOLERANCES = {torch.float32: 1e-4, torch.float64: 1e-4}
_ROUGH = 0.05
"""Largest difference of a logit, of the largest logit: by precision, and of all others."""


@dataclass(frozen=True)
class Decoding:
    """How a model may be decoded.

    cached: its key–value cache gives the logits of a whole pass; if not, every token takes one. padded: prompts of
    unlike lengths may stand in one batch, padded on the left.
    """

    cached: bool
    padded: bool


def check_causal(model: PreTrainedModel) -> None:
    """See by one forward pass that no token reads a later one.

    :raises HormesisError: one does (an encoder such as BERT, loaded as a causal model), or the model does not run.
    """
    first, second = _tokens(model, (6, 6))
    rows = torch.stack([first, torch.cat([first[:4], second[4:]])])
    with torch.inference_mode(), evaluating(model):
        try:
            logits = model(input_ids=rows, use_cache=False).logits.float()
        except Exception as error:
            raise HormesisError(
                f"this {type(model).__name__} does not run on token ids alone ({type(error).__name__}: {error})",
                "give a causal language model that reads text",
            ) from error
    if not _agree(logits[0, :4], logits[1, :4], model.dtype):
        raise HormesisError(
            f"this {type(model).__name__} is not causal: its logits at a token change with later tokens",
            "give a causal language model; an encoder such as BERT is none, whatever class it is loaded as",
        )


def proved_decoding(model: PreTrainedModel) -> Decoding:
    """Try the fastest way of decoding that this model proves to be right: padded batches with a cache, batches of one
    length with a cache, no cache."""
    texts = _tokens(model, tuple(prompt + _STEPS for prompt in _PROMPTS))
    with torch.inference_mode(), evaluating(model):
        tried = []
        for text, prompt in zip(texts, _PROMPTS, strict=True):
            logits = cast(Tensor, model(input_ids=text[None], use_cache=False).logits)
            tried.append(_Tried(text, prompt, logits[0, prompt - 1 :].float()))
        unlike, alike = tried[:2], tried[::2]
        if _takes_positions(model) and _cached_agrees(model, unlike):
            return Decoding(cached=True, padded=True)
        return Decoding(cached=_cached_agrees(model, alike), padded=False)


@dataclass(frozen=True)
class _Tried:
    """A text, how many of its tokens are the prompt, and the logits of a whole pass from the prompt's last one on."""

    ids: Tensor
    prompt: int
    logits: Tensor


def _cached_agrees(model: PreTrainedModel, texts: Sequence[_Tried]) -> bool:
    """Whether decoding token by token from the prompts on gives the logits of whole passes. On the way the cache
    branches and loses rows, as in generation."""
    from transformers import DynamicCache

    device, width = input_device(model), max(text.prompt for text in texts)
    lengths = torch.tensor([text.prompt for text in texts], device=device)
    columns = torch.arange(width, device=device) - (width - lengths)[:, None]
    mask, padded = (columns >= 0).long(), bool((lengths < width).any())
    ids = torch.stack([torch.cat([text.ids.new_zeros(width - text.prompt), text.ids[: text.prompt]]) for text in texts])
    steps = torch.stack([text.ids[text.prompt :] for text in texts])
    wanted = torch.stack([text.logits for text in texts])

    def read(chunk: Tensor, positions: Tensor, rows: Tensor) -> Tensor:
        filled = cache.get_seq_length() + chunk.shape[1]
        seen = torch.cat([mask, mask.new_ones(len(mask), filled)], 1)[rows, :filled]
        shown = {"attention_mask": seen, "position_ids": positions[rows]} if padded else {}
        output = model(input_ids=chunk[rows], past_key_values=cache, use_cache=True, **shown)
        return cast(Tensor, output.logits)[:, -1].float()

    try:
        cache = DynamicCache(config=model.config)
        rows = torch.arange(len(texts), device=device)
        read(ids[:, :-1], columns[:, :-1].clamp(min=0), rows)
        branch(cache, rows, 1)
        found = [read(ids[:, -1:], lengths[:, None] - 1, rows)]
        rows = rows.repeat_interleave(2)
        branch(cache, rows, _STEPS)
        for step in range(_STEPS):
            found.append(read(steps[:, step : step + 1], lengths[:, None] + step, rows))
            if step == 0:
                kept = torch.arange(1, len(rows), device=device)
                cache.reorder_cache(cast(torch.LongTensor, kept))
                rows = rows[kept]
    except Exception:  # whatever way a family fails in: it has no such cache
        return False
    every = torch.arange(len(texts), device=device)
    asked = [every, every.repeat_interleave(2), *[rows] * (_STEPS - 1)]
    return _agree(torch.cat(found), torch.cat([wanted[which, place] for place, which in enumerate(asked)]), model.dtype)


def _agree(found: Tensor, wanted: Tensor, dtype: torch.dtype) -> bool:
    """Whether logits are equal up to rounding; half precision may round a few of them far (a mixture of experts takes
    another one), not most of them."""
    largest = wanted.abs().max().clamp(min=1e-12)
    errors = ((found - wanted).abs().amax(-1) / largest).flatten()
    if dtype in _TOLERANCES:
        return bool(errors.max() <= _TOLERANCES[dtype])
    return bool(errors.median() <= _ROUGH)


def _takes_positions(model: PreTrainedModel) -> bool:
    return "position_ids" in inspect.signature(model.forward).parameters


def _tokens(model: PreTrainedModel, lengths: Sequence[int]) -> list[Tensor]:
    """Drawn token ids, the same for every model of a size, none of which the config has a use for."""
    embedding = cast(Tensor, model.get_input_embeddings().weight)
    config = model.config.get_text_config(decoder=True)
    every = {**model.config.to_dict(), **config.to_dict()}
    special = {value for name, value in every.items() if name.endswith("token_id") and isinstance(value, int)}
    ordinary = torch.tensor([token for token in range(min(len(embedding), 1000)) if token not in special] or [0])
    generator = torch.Generator().manual_seed(0)
    drawn = [ordinary[torch.randint(len(ordinary), (length,), generator=generator)] for length in lengths]
    return [tokens.to(embedding.device) for tokens in drawn]
