"""What an intervention costs on plain text: cross-entropy, bits a byte and KL divergence, for each document.

Every token of a text is scored once. A text longer than the context is cut into consecutive windows; the
first token of a text is predicted from the tokenizer's bos token, or eos where there is no bos (as after the
end of another document in training), the first token of a later window from the token before it. The end of a
text is not scored. So the scored tokens spell the text exactly, and bits a byte divides by its UTF-8 bytes.

Every position is steered (docs: the position rule for plain text). A prefix that ``intervention.prepare``
adds stands before every window and is left out of the loss; the windows are as much shorter, and the base
model, which has no prefix, is measured on the same windows.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd
import torch
from torch import Tensor
from transformers import PreTrainedModel

from hormesis.detox import Intervention
from hormesis.errors import HormesisError
from hormesis.measurements.document_table import DocumentTable
from hormesis.memory import Batches
from hormesis.models import LanguageModel, text_config

_DEFAULT_WINDOW = 1024
"""Tokens of a window for a model whose config declares no context."""
_LOGITS = 2**23
"""Logits of one forward pass, at most, unless a single row has more: the bound on memory."""
_WINDOW_LOGITS = 2**29
"""Logits of a window, at most (2 GiB): a longer context is cut into more windows."""


def language_model_cost(
    lm: LanguageModel,
    texts: Sequence[str],
    intervention: Intervention,
    strengths: Sequence[float],
    *,
    domain: str,
    progress: Callable[[int, int], None] | None = None,
) -> DocumentTable:
    """Measure ``texts`` at all strengths, the base model once.

    :param domain: names the texts in measurements: ``clean``, ``toxic``, ….
    :param progress: called with (windows done, windows).
    :raises HormesisError: no texts or strengths; no bos and no eos token; a prefix that fills the context;
        losses that are not finite.
    """
    if not texts or not strengths:
        raise HormesisError(
            f"there are {len(texts)} texts and {len(strengths)} strengths to measure the cost on ({domain})",
            "give at least one of each; 0.0 is the unsteered model",
        )
    start = lm.start_token
    if start is None:
        raise HormesisError(
            "the tokenizer has neither a bos nor an eos token to predict a text's first token from",
            "set tokenizer.bos_token to the token that parts documents in the training data",
        )
    prefix = lm.token_ids(intervention.prepare(""), special=False)
    ahead = len(prefix) + intervention.reserved_tokens
    longest = max(2, _WINDOW_LOGITS // int(text_config(lm.model.config).vocab_size))
    context = min(lm.context_length or _DEFAULT_WINDOW + ahead, longest + ahead)
    if context - ahead < 2:
        raise HormesisError(
            f"a prefix of {ahead} tokens fills the context of {context}",
            "shorten the prefix, or take a model with a longer context",
        )
    windows, tokens = [], np.zeros(len(texts), dtype=np.int64)
    for index, text in enumerate(texts):
        ids = lm.token_ids(text, special=False)
        tokens[index] = len(ids)
        windows += _cut(index, ids, start, context - ahead)
    sums = np.zeros((len(texts), len(strengths), 3))  # nll, base nll, KL
    with lm.evaluating(), torch.inference_mode():
        meter = _Meter(lm.model, intervention, prefix, strengths, padding=start)
        windows.sort(key=lambda window: len(window.targets))  # like lengths together: little or no padding
        done, fitting = 0, Batches("texts whose loss is measured")
        for whole in meter.batches(windows):
            for batch, measured in fitting.run(whole, meter.measure):
                for row, window in enumerate(batch):
                    sums[window.document] += measured[row]
                done += len(batch)
                if progress is not None:
                    progress(done, len(windows))
    if not np.isfinite(sums).all():
        raise HormesisError(
            f"the loss on {domain} is not finite",
            "look at the loss of the training (did it diverge?), or lower the strength of the intervention",
        )
    every = len(strengths)
    frame = pd.DataFrame(sums.reshape(-1, 3), columns=["nll", "base_nll", "kl"])
    frame["domain"] = domain
    frame["document"] = np.repeat(np.arange(len(texts)), every)
    frame["strength"] = np.tile(np.array(strengths, dtype=np.float64), len(texts))
    frame["tokens"] = np.repeat(tokens, every)
    frame["bytes"] = np.repeat([len(text.encode("utf-8")) for text in texts], every)
    return DocumentTable(frame)


@dataclass(frozen=True)
class _Window:
    """document: its index. before: the token that the first target follows. first: nothing of the text stands
    before it."""

    document: int
    before: int
    targets: tuple[int, ...]
    first: bool


def _cut(document: int, ids: tuple[int, ...], start: int, length: int) -> list[_Window]:
    return [
        _Window(document, start if at == 0 else ids[at - 1], ids[at : at + length], at == 0)
        for at in range(0, len(ids), length)
    ]


class _Meter:
    """What is constant over the batches of one :func:`language_model_cost`."""

    def __init__(
        self,
        model: PreTrainedModel,
        intervention: Intervention,
        prefix: tuple[int, ...],
        strengths: Sequence[float],
        *,
        padding: int,
    ) -> None:
        self.model, self.intervention, self.prefix, self.padding = model, intervention, prefix, padding
        self.device = model.device
        # Strength 0 without a prefix is the base model to the bit: no need to run it again.
        self.steered = [i for i, strength in enumerate(strengths) if strength != 0 or prefix]
        self.strengths = torch.tensor(list(strengths), dtype=torch.float32, device=self.device)
        self.keeps = "logits_to_keep" in inspect.signature(model.forward).parameters
        self.vocabulary = int(text_config(model.config).vocab_size)

    def _rows(self, length: int) -> int:
        return max(1, _LOGITS // (length * self.vocabulary))

    def batches(self, windows: Sequence[_Window]) -> Iterator[Sequence[_Window]]:
        """Runs of windows, sorted by length, of which all strengths together fit the bound if they can."""
        start = 0
        while start < len(windows):
            size = 1
            while start + size < len(windows):
                rows = self._rows(len(windows[start + size].targets)) // max(1, len(self.steered))
                if size >= rows:
                    break
                size += 1
            yield windows[start : start + size]
            start += size

    def measure(self, windows: Sequence[_Window]) -> np.ndarray:
        """Sums over each window of nll, base nll and KL: float64 [windows, strengths, 3]."""
        width = max(len(window.targets) for window in windows)
        targets = torch.full((len(windows), width), -1, dtype=torch.long, device=self.device)
        for row, window in enumerate(windows):
            targets[row, : len(window.targets)] = torch.tensor(window.targets)
        base = self._logits(windows, (), width, None)
        for each in base:
            for part in self._parts(width):
                each[part] = torch.log_softmax(each[part], -1)
        sums = torch.zeros(len(windows), len(self.strengths), 3, dtype=torch.float64)
        for row in range(len(windows)):
            sums[row, :, :2] = _nll(base[row], targets[row])
        group = max(1, self._rows(width) // len(windows)) if self.intervention.rowwise else 1
        for start in range(0, len(self.steered), group):
            chosen = self.steered[start : start + group]
            logits = self._logits(windows, self.prefix, width, self.strengths[chosen])
            for index, row in enumerate(logits):
                place, which = divmod(index, len(chosen))
                known = targets[place] >= 0
                divergence = torch.empty(width, device=self.device)
                for part in self._parts(width):
                    log_p = row[part] = torch.log_softmax(row[part], -1)
                    divergence[part] = (log_p.exp() * (log_p - base[place, part])).sum(-1)
                sums[place, chosen[which], 0] = _nll(row, targets[place])
                sums[place, chosen[which], 2] = divergence[known].double().sum()
        return sums.numpy()

    def _parts(self, width: int) -> Iterator[slice]:
        """Positions that are reckoned with together: temporaries stay small beside the logits, however long a row."""
        step = max(1, _LOGITS // (8 * self.vocabulary))
        return (slice(at, at + step) for at in range(0, width, step))

    def _logits(
        self, windows: Sequence[_Window], prefix: tuple[int, ...], width: int, strengths: Tensor | None
    ) -> Tensor:
        """float32 [windows × strengths, width, vocabulary]: the logits that predict the targets."""
        rows = []
        for window in windows:
            # The start of the text precedes a prefix; within the text, the prefix precedes what is known of
            # the text.
            head = (window.before, *prefix) if window.first else (*prefix, window.before)
            padding = (self.padding,) * (width - len(window.targets))
            rows.append((*head, *window.targets[:-1], *padding))
        ids = torch.tensor(rows, dtype=torch.long, device=self.device)
        mask = None
        if any(len(window.targets) < width for window in windows):
            lengths = torch.tensor([len(prefix) + len(w.targets) for w in windows], device=self.device)
            mask = (torch.arange(ids.shape[1], device=self.device) < lengths[:, None]).long()
        keep = {"logits_to_keep": width} if self.keeps else {}
        if strengths is None:
            logits = self.model(input_ids=ids, attention_mask=mask, use_cache=False, **keep).logits
        else:
            each = len(strengths)
            ids = ids.repeat_interleave(each, 0)
            mask = None if mask is None else mask.repeat_interleave(each, 0)
            with self.intervention.apply(self.model, strengths.repeat(len(windows)), attention_mask=mask):
                logits = self.model(input_ids=ids, attention_mask=mask, use_cache=False, **keep).logits
        return cast(Tensor, logits[:, -width:].float())  # of this call alone: whoever asked may write into them


def _nll(log_p: Tensor, targets: Tensor) -> float:
    """Σ -log p of the targets ≥ 0, in nats: log_p [positions, vocabulary], targets [positions]."""
    known = targets >= 0
    chosen = log_p.gather(1, targets.clamp(min=0)[:, None]).squeeze(1)
    return -math.fsum(chosen[known].tolist())
