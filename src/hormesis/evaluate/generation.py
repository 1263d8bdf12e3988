"""Sampling many continuations of many prompts at many strengths, each prompt read once.

The work of a batch of prompts, with P tokens each:

1. ``prompt[:-1]`` runs once: by the position rule an intervention edits P-1 … T-1, so all strengths share it. It runs
   within the intervention nevertheless, for a method may have a second stream that reads the prompt too.
2. The last prompt token runs once for each strength. Its logits are the distribution of every sample's first
   token.
3. The cache branches into prompts × strengths × samples rows, and decoding goes on in one batch. Rows that
   met the end token are dropped as soon as there are enough of them to pay for the copy.

A model whose cache is not to be relied on (:attr:`~hormesis.models.LanguageModel.decoding`) reads all columns anew for
each token; what is drawn is the same.

An intervention whose rows must share a strength (``rowwise`` is False: it changes the weights) takes these steps once
for each strength.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from torch import LongTensor, Tensor
from transformers import DynamicCache

from hormesis.detox import Intervention
from hormesis.errors import HormesisError
from hormesis.evaluate.continuations import GenerationConfig, Generations
from hormesis.evaluate.encoding import encode_prompts
from hormesis.evaluate.sampling import keyed_uniforms, sample_nucleus
from hormesis.memory import Batches
from hormesis.models import LanguageModel
from hormesis.models.kv_cache import branch

_DROP_SHARE = 0.2
"""Finished rows are dropped from the batch once they are this share of it: below, copying the cache costs
more than it saves."""


def generate(
    lm: LanguageModel,
    prompts: Sequence[str],
    intervention: Intervention,
    strengths: Sequence[float],
    config: GenerationConfig,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> Generations:
    """Draw ``config.samples`` continuations of each prompt at each strength (RealToxicityPrompts protocol).

    The result depends on the model, the prompts and ``config.seed``, not on ``batch_prompts`` (up to float
    rounding where a random number falls on the edge between two tokens). A continuation is text that can be put behind
    its prompt as it is, with the space, if any, that parts the two.

    :param progress: called with (prompts done, prompts).
    :raises HormesisError: no prompts or strengths; a prompt that cannot be made to fit the context; logits
        that are not finite.
    """
    if not strengths:
        raise HormesisError("there are no strengths to generate at", "give at least one, 0.0 for the unsteered model")
    encoded = encode_prompts(lm, prompts, intervention, config.max_new_tokens)
    uniforms = keyed_uniforms(prompts, config.samples, config.max_new_tokens, config.seed)
    shape = (len(prompts), len(strengths), config.samples, config.max_new_tokens)
    tokens = np.full(shape, -1, dtype=np.int32)
    order = np.argsort([len(ids) for ids in encoded.ids], kind="stable")  # like lengths together: little or no padding
    done = 0
    with lm.evaluating(), torch.inference_mode():
        every = [tuple(strengths)] if intervention.rowwise else [(strength,) for strength in strengths]
        decoders = [_Decoder(lm, intervention, together, config) for together in every]

        def drawn(chosen: Sequence[int]) -> np.ndarray:
            ids = [encoded.ids[i] for i in chosen]
            return np.concatenate([decoder.run(ids, uniforms[chosen]) for decoder in decoders], axis=1)

        fitting = Batches("prompts of a generation")
        for batch in _batches(order, encoded.ids, config.batch_prompts, padding=lm.decoding.padded):
            for chosen, found in fitting.run(batch.tolist(), drawn):
                tokens[chosen] = found
                done += len(chosen)
                if progress is not None:
                    progress(done, len(prompts))
    flat = tokens.reshape(-1, config.max_new_tokens)
    own = [row[row >= 0].tolist() for row in flat]
    each = len(strengths) * config.samples
    decoded = [
        text
        for place, ids in enumerate(encoded.ids)
        for text in lm.texts_behind(ids, own[place * each : (place + 1) * each])
    ]
    texts = np.array(decoded, dtype=object).reshape(shape[:3])
    return Generations(
        prompts=tuple(prompts),
        strengths=tuple(float(strength) for strength in strengths),
        texts=tuple(tuple(tuple(samples) for samples in prompt) for prompt in texts),
        tokens=tokens,
        truncated=encoded.truncated,
    )


def _batches(order: np.ndarray, ids: Sequence[tuple[int, ...]], size: int, *, padding: bool) -> Iterator[np.ndarray]:
    """Consecutive runs of ``order``, of one prompt length each where the model cannot be told positions."""
    start = 0
    while start < len(order):
        stop = min(start + size, len(order))
        if not padding:
            length = len(ids[order[start]])
            stop = next((i for i in range(start, stop) if len(ids[order[i]]) != length), stop)
        yield order[start:stop]
        start = stop


class _Decoder:
    """What is constant over the batches of one :func:`generate`."""

    def __init__(
        self,
        lm: LanguageModel,
        intervention: Intervention,
        strengths: Sequence[float],
        config: GenerationConfig,
    ) -> None:
        self.model, self.intervention, self.config = lm.model, intervention, config
        self.device = lm.device
        self.strengths = torch.tensor(list(strengths), dtype=torch.float32, device=self.device)
        accepted = inspect.signature(lm.model.forward).parameters
        self.decoding = lm.decoding
        self.last_only: dict[str, int] = {"logits_to_keep": 1} if "logits_to_keep" in accepted else {}
        self.ends = torch.tensor(lm.end_tokens, dtype=torch.long, device=self.device)
        self.padding = lm.padding_token

    def run(self, prompts: Sequence[tuple[int, ...]], uniforms: np.ndarray) -> np.ndarray:
        """Tokens int32 [prompts, strengths, samples, max_new_tokens], -1 after the end.

        :param uniforms: [prompts, samples, max_new_tokens, DRAWS].
        """
        samples, steps = self.config.samples, self.config.max_new_tokens
        branches = len(self.strengths)
        rows, logits = self._read(prompts, steps)
        shared = torch.from_numpy(uniforms).to(self.device)[:, None].expand(-1, branches, -1, -1, -1)
        random = shared.reshape(rows.size, steps, -1)
        result = torch.full((rows.size, steps), -1, dtype=torch.long, device=self.device)
        place = torch.arange(rows.size, device=self.device)  # where in `result` each row of the batch belongs
        tokens = self._sample(logits.repeat_interleave(samples, 0), random[:, 0])
        alive = torch.ones(rows.size, dtype=torch.bool, device=self.device)
        with ExitStack() as steering:
            steering.enter_context(self._steered(rows))
            for step in range(steps):
                alive &= ~torch.isin(tokens, self.ends)
                result[place[alive], step] = tokens[alive]
                left = int(alive.sum())
                if step + 1 == steps or left == 0:
                    break
                if left <= (1 - _DROP_SHARE) * rows.size:
                    kept = alive.nonzero().squeeze(1)
                    rows.keep(kept)
                    place, tokens, random, alive = place[kept], tokens[kept], random[kept], alive[kept]
                    if self.intervention.rowwise:  # changed weights are the same for all rows, and dear to change
                        steering.close()
                        steering.enter_context(self._steered(rows))
                logits = self._forward(tokens[:, None], rows, rows.lengths[:, None] + step)
                tokens = self._sample(logits, random[:, step + 1])
        return result.view(len(prompts), branches, samples, steps).to(torch.int32).cpu().numpy()

    def _read(self, prompts: Sequence[tuple[int, ...]], room: int) -> tuple[_Rows, Tensor]:
        """The branched rows, and the logits of the first new token: [prompts · strengths, vocabulary]."""
        lengths = torch.tensor([len(ids) for ids in prompts], device=self.device)
        width = int(lengths.max())
        padded = [(self.padding,) * (width - len(ids)) + ids for ids in prompts]
        ids = torch.tensor(padded, dtype=torch.long, device=self.device)
        columns = torch.arange(width, device=self.device) - (width - lengths)[:, None]  # negative: padding
        mask = (columns >= 0).long() if bool((lengths < width).any()) else None
        # All strengths read the prompt alike; which of them it is matters to a method that changes weights alone.
        first = torch.full((len(prompts),), float(self.strengths[self.strengths.abs().argmax()]), device=self.device)
        cache = DynamicCache(config=self.model.config) if self.decoding.cached else None
        rows = _Rows(cache, ids[:, :-1], lengths, first, mask)
        if width > 1 and cache is not None:
            with self._steered(rows):
                self._forward(ids[:, :-1], rows, columns[:, :-1].clamp(min=0))
        every = torch.arange(len(prompts), device=self.device).repeat_interleave(len(self.strengths))
        rows.branch(every, 1)
        rows.strengths = self.strengths.repeat(len(prompts))
        with self._steered(rows):
            logits = self._forward(ids[every, -1:], rows, rows.lengths[:, None] - 1)
        rows.branch(torch.arange(rows.size, device=self.device).repeat_interleave(self.config.samples), room)
        return rows, logits

    def _forward(self, ids: Tensor, rows: _Rows, positions: Tensor) -> Tensor:
        """Logits of the last column, [rows, vocabulary]; the cache of ``rows`` grows by the columns of
        ``ids``."""
        masked: dict[str, Tensor] = {}
        if rows.cache is None:  # all columns again: batches are of one length, and have no padding
            rows.read = torch.cat([rows.read, ids], 1)
            output = self.model(input_ids=rows.read, use_cache=False, **self.last_only)
            return cast(Tensor, output.logits[:, -1])
        if rows.mask is not None:
            filled = rows.cache.get_seq_length() + ids.shape[1]
            new = rows.mask.new_ones(1, 1).expand(rows.size, max(0, filled - rows.mask.shape[1]))
            masked = {"attention_mask": torch.cat([rows.mask[:, :filled], new], 1)}
            masked["position_ids"] = positions
        output = self.model(input_ids=ids, past_key_values=rows.cache, use_cache=True, **masked, **self.last_only)
        return cast(Tensor, output.logits[:, -1])

    def _steered(self, rows: _Rows) -> AbstractContextManager[None]:
        return self.intervention.apply(
            self.model, rows.strengths, prompt_lengths=rows.lengths, attention_mask=rows.mask
        )

    def _sample(self, logits: Tensor, uniforms: Tensor) -> Tensor:
        return sample_nucleus(logits, uniforms, top_p=self.config.top_p, temperature=self.config.temperature)


@dataclass
class _Rows:
    """The batch: its cache and what the model and the intervention must know of each row.

    cache: None for a model that has none to rely on; then ``read`` [rows, columns] is what it reads anew each time.
    lengths: prompt tokens without padding, [rows]. strengths: [rows]. mask: [rows, columns of the prompt],
    None without padding.
    """

    cache: DynamicCache | None
    read: Tensor
    lengths: Tensor
    strengths: Tensor
    mask: Tensor | None

    @property
    def size(self) -> int:
        return len(self.lengths)

    def branch(self, rows: Tensor, room: int) -> None:
        """Become ``rows`` of this batch, repeats allowed, with ``room`` free columns in the cache."""
        if self.cache is not None:
            branch(self.cache, rows, room)
        self._select(rows)

    def keep(self, rows: Tensor) -> None:
        """Drop all but ``rows``."""
        if self.cache is not None:
            self.cache.reorder_cache(cast(LongTensor, rows))
        self._select(rows)

    def _select(self, rows: Tensor) -> None:
        self.lengths, self.strengths = self.lengths[rows], self.strengths[rows]
        if self.cache is None:
            self.read = self.read[rows]
        self.mask = None if self.mask is None else self.mask[rows]
