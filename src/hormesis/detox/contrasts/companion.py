"""A model that reads along: the tokens that another model reads, after a prefix of its own."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor

from hormesis.errors import HormesisError
from hormesis.models import input_device, learned_positions

if TYPE_CHECKING:
    from transformers import PreTrainedModel


@dataclass(frozen=True, eq=False)
class Chunk:
    """What the model reads in one forward pass."""

    ids: Tensor
    """[rows, columns]."""
    mask: Tensor | None
    """[rows, columns so far]; None without padding."""
    position_ids: object
    """As the model was given them."""
    start: int
    """Columns in the cache before this pass."""
    kept: Tensor
    """[kept columns]: those of the pass that have logits."""
    latest_start: int
    """The last column at which the text of a row begins, so far as is known."""


@dataclass(frozen=True, eq=False)
class Companion:
    """A causal language model, the same one perhaps, and what it reads before the text.

    With a prefix of k tokens, the token at column c of the model is read at column k + c of the companion: the prefix
    stands between left padding and text, for the windows of sliding attention count columns. Where a row begins with
    the start token, that stays first, and the prefix follows it, for a start token ends what stands before it. (Not so
    where a row was padding alone in the first chunk: its prefix stood there before its first token was known.)
    """

    model: PreTrainedModel
    """Its own forward is called, past the hooks of its outermost module: it may be the hooked model."""
    prefix: tuple[int, ...] = ()
    """Token ids."""
    start_token: int | None = None
    """The token that begins a text, where texts begin with one."""

    @cached_property
    def layer_count(self) -> int:
        """Layers of its key–value cache."""
        return len(self.empty_layers())

    def empty_layers(self) -> list[object]:
        """New layers for a key–value cache."""
        from transformers import DynamicCache

        return list(DynamicCache(config=self.model.config).layers)

    @cached_property
    def _accepted(self) -> frozenset[str]:
        return frozenset(inspect.signature(self.model.forward).parameters)

    def run(self, chunk: Chunk, layers: Sequence[object] | None) -> Tensor:
        """Logits of the kept columns, [rows, kept columns, vocabulary].

        :param layers: its part of the cache, which grows by the chunk; None: no cache.
        :raises HormesisError: the cache holds more than the companion has read; prefix and text exceed the learned
            positions.
        """
        from transformers.cache_utils import Cache

        cache = None if layers is None else Cache(layers=list(layers))  # type: ignore[arg-type]
        held = 0 if cache is None else int(cache.get_seq_length())
        ahead = len(self.prefix)
        begins = held == 0 and chunk.start == 0
        if not begins and held != chunk.start + ahead:
            raise HormesisError(
                f"the cache holds {chunk.start} columns, and the companion has read {max(0, held - ahead)} of them",
                "run the prompt inside apply() too, with a strength other than 0, from an empty cache",
            )
        device = input_device(self.model)
        ids, mask, positions = chunk.ids.to(device), chunk.mask, chunk.position_ids
        if ahead:
            text = mask.to(device) if mask is not None else ids.new_ones(len(ids), chunk.start + ids.shape[1])
            columns = torch.arange(text.shape[1], device=device)
            first = torch.where(text.bool(), columns, len(columns)).amin(1, keepdim=True)
            place = torch.arange(ahead + len(columns), device=device)
            prefixed = (place >= first) & (place < first + ahead)
            mask = torch.cat([text.new_zeros(len(text), ahead), text], dim=1).masked_fill(prefixed, 1)
            positions = (mask.long().cumsum(1) - 1).clamp(min=0)[:, -ids.shape[1] - (ahead if begins else 0) :]
            self._check_context(int(positions.max()) + 1)
            if begins:
                if chunk.latest_start > len(columns):
                    raise HormesisError(
                        f"the first chunk ends {chunk.latest_start - len(columns)} columns before a row's first token",
                        "read the prompts at once, or so far that no row has more padding to come",
                    )
                ids = self._with_prefix(ids, first)
        kept = chunk.kept.to(device) + (ahead if begins else 0)
        keywords: dict[str, object] = {"attention_mask": mask, "position_ids": positions, "logits_to_keep": kept}
        known = {name: value for name, value in keywords.items() if name in self._accepted and value is not None}
        output = self.model.forward(input_ids=ids, past_key_values=cache, use_cache=cache is not None, **known)
        logits = cast(Tensor, output.logits)
        return logits if "logits_to_keep" in known else logits[:, kept]

    def _with_prefix(self, ids: Tensor, first: Tensor) -> Tensor:
        """[rows, prefix + columns]: the first chunk, with the prefix before the token at column ``first`` [rows, 1], or
        after it where it is the start token. (A row may be padding up to the end.)"""
        prefix = torch.tensor(self.prefix, device=ids.device).expand(len(ids), -1)
        token = ids.gather(1, first.clamp(max=ids.shape[1] - 1))
        block = torch.cat([prefix, token], dim=1)
        if self.start_token is not None:
            block = torch.where(token == self.start_token, torch.cat([token, prefix], dim=1), block)
        shifted = torch.cat([ids.new_zeros(prefix.shape), ids, ids.new_zeros(len(ids), 1)], dim=1)
        return shifted.scatter(1, first + torch.arange(block.shape[1], device=ids.device), block)[:, :-1]

    def _check_context(self, needed: int) -> None:
        context = learned_positions(self.model.config)
        if context is not None and needed > context:
            raise HormesisError(
                f"a prefix of {len(self.prefix)} tokens and the text need {needed} positions, of {context}",
                "shorten the text by the prefix, or the prefix",
            )
