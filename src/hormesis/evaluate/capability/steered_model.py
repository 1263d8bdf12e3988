"""A steered model in memory, as lm-eval sees one: (context, continuation) pairs in, log-likelihoods out.

Tokenisation is lm-eval's own (``TemplateLM``: an empty context is the bos or eos token, white space at the end of a
context belongs to the continuation), and unsteered log-likelihoods are those of its ``HFLM``; the tests hold one
against the other. ``HFLM`` itself changes the tokenizer that it is given, and calls the model without saying where a
context ends.

Which positions are steered: those that generation would steer. With a context of P tokens they are P−1, …: the last
token of the question, which predicts the first one of the answer, and the answer. So a log-likelihood is that of
*generating* the answer under the intervention. Where the context is empty (BLiMP), P is 1, and all of the sentence is
steered, as plain text is. What ``Intervention.prepare`` puts before a prompt stands before the context.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import NoReturn

import torch
from lm_eval.api.instance import Instance
from lm_eval.api.model import TemplateLM

from hormesis.detox import Intervention
from hormesis.errors import HormesisError
from hormesis.models import LanguageModel, text_config, token_ids

logger = logging.getLogger(__name__)

_Ids = tuple[int, ...]
_LOGITS = 2**23
"""Logits of one forward pass, at most, unless a single row has more: the bound on memory."""
_TOKENS = 2**12
"""Tokens of one forward pass, likewise."""


class SteeredModel(TemplateLM):  # type: ignore[misc]  # lm-eval has no types
    """``model`` under ``intervention`` at ``strength``.

    :param progress: called with (requests done, requests).
    :raises HormesisError: no bos and no eos token.
    """

    backend = "causal"

    def __init__(
        self,
        lm: LanguageModel,
        intervention: Intervention,
        strength: float,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        super().__init__()
        start = lm.start_token
        if start is None:
            raise HormesisError(
                "the tokenizer has neither a bos nor an eos token to stand for an empty context",
                "set tokenizer.bos_token to the token that parts documents in the training data",
            )
        self._start = start
        self._model, self._tokenizer = lm.model, lm.tokenizer
        self._intervention, self._strength, self._progress = intervention, strength, progress
        self._prefix = tuple(self.tok_encode(prefix)) if (prefix := intervention.prepare("")) else ()
        self._leading = lm.leading_tokens
        self._limit = lm.context_length
        self._keeps = "logits_to_keep" in inspect.signature(lm.model.forward).parameters

    @property
    def eot_token_id(self) -> int:
        """The token that stands for an empty context."""
        return self._start

    def tok_encode(self, string: str, add_special_tokens: bool | None = None, **_: object) -> list[int]:
        """As ``HFLM``: the tokenizer's special tokens, unless the text begins with the bos token already."""
        bos = self._tokenizer.bos_token
        begun = isinstance(bos, str) and string.startswith(bos)
        special = not begun if add_special_tokens is None else add_special_tokens
        return list(token_ids(self._tokenizer, string, special=special))

    def loglikelihood(
        self,
        requests: Sequence[Instance],
        disable_tqdm: bool = True,  # noqa: ARG002 (lm-eval's)
    ) -> list[tuple[float, bool]]:
        """For each request: ln p(continuation | prepared context), and whether it is what greedy decoding gives."""
        prepared = [
            replace(request, arguments=(self._intervention.prepare(request.args[0]), *request.args[1:]))
            for request in requests
        ]
        found: list[tuple[float, bool]] = super().loglikelihood(prepared, disable_tqdm=True)
        return found

    def _loglikelihood_tokens(
        self,
        requests: Sequence[tuple[object, list[int], list[int]]],
        disable_tqdm: bool = True,  # noqa: ARG002
    ) -> list[tuple[float, bool]]:
        """Continuations of one context that differ in their last token only (A, B, C, D) share a row."""
        rows: dict[tuple[_Ids, _Ids], list[tuple[int, int]]] = {}
        cut = 0
        for index, (_, context, continuation) in enumerate(requests):
            known = tuple(context) or (self._start,)  # white space alone went to the continuation: nothing is left
            fitted = self._fitted(known, len(continuation))
            cut += len(fitted) < len(known)
            rows.setdefault((fitted, tuple(continuation[:-1])), []).append((index, continuation[-1]))
        if cut:
            logger.warning("%d of %d questions are longer than the context: cut from the left", cut, len(requests))
        found: list[tuple[float, bool]] = [(0.0, False)] * len(requests)
        done = 0
        for batch in self._batches(sorted(rows, key=lambda row: len(row[0]) + len(row[1]), reverse=True)):
            for row, log_p in zip(batch, self._forward(batch), strict=True):
                known = row[1]
                sure = sum(log_p[place, token].item() for place, token in enumerate(known))
                greedy = log_p.argmax(-1).tolist()
                for index, last in rows[row]:
                    found[index] = (sure + log_p[-1, last].item(), greedy == [*known, last])
                    done += 1
            if self._progress is not None:
                self._progress(done, len(requests))
        return found

    def _fitted(self, context: _Ids, answer: int) -> _Ids:
        """``context`` without the tokens on its left for which there is no room; bos and a prefix stay."""
        if not answer:
            raise HormesisError("an answer has no token of its own", "give answers that are not empty")
        excess = 0 if self._limit is None else len(context) + answer - 1 - self._limit
        if excess <= 0:
            return context
        starts = (ids for ids in (self._prefix, self._leading) if ids and context[: len(ids)] == ids)
        kept = len(next(starts, ()))
        if len(context) - kept - excess < 1:
            raise HormesisError(
                f"the context of {self._limit} tokens has no room for a prefix of {kept}, an answer of {answer} and one"
                " token of the question",
                "leave out this task, shorten the prefix, or take a model with a longer context",
            )
        return context[:kept] + context[kept + excess :]

    def _batches(self, rows: Sequence[tuple[_Ids, _Ids]]) -> Iterator[Sequence[tuple[_Ids, _Ids]]]:
        """Runs of rows, longest first, that fit the bounds on memory if they can."""
        vocabulary = int(text_config(self._model.config).vocab_size)
        start = 0
        while start < len(rows):
            width, kept, size = sum(map(len, rows[start])), len(rows[start][1]) + 1, 1
            while start + size < len(rows):
                kept = max(kept, width - len(rows[start + size][0]) + 1)
                if (size + 1) * width > _TOKENS or (size + 1) * kept * vocabulary > _LOGITS:
                    break
                size += 1
            yield rows[start : start + size]
            start += size

    def _forward(self, rows: Sequence[tuple[_Ids, _Ids]]) -> Iterator[torch.Tensor]:
        """For each row, ln p at the tokens of its continuation: float32 [continuation, vocabulary]."""
        width = max(len(context) + len(known) for context, known in rows)
        ids = torch.full((len(rows), width), self._start, dtype=torch.long)
        mask = torch.zeros_like(ids)
        for place, (context, known) in enumerate(rows):
            # On the right: a causal model does not see it, and positions need not be told.
            ids[place, : len(context) + len(known)] = torch.tensor(context + known)
            mask[place, : len(context) + len(known)] = 1
        lengths = torch.tensor([len(context) for context, _ in rows])
        device = self._model.device
        ids, mask, lengths = ids.to(device), mask.to(device), lengths.to(device)
        first = int(lengths.min()) - 1
        keep = {"logits_to_keep": width - first} if self._keeps else {}
        with self._intervention.apply(self._model, self._strength, prompt_lengths=lengths, attention_mask=mask):
            logits = self._model(input_ids=ids, attention_mask=mask, use_cache=False, **keep).logits
        logits = logits[:, -(width - first) :]
        for place, (context, known) in enumerate(rows):
            start = len(context) - 1 - first
            yield torch.log_softmax(logits[place, start : start + len(known) + 1].float(), -1)

    def loglikelihood_rolling(self, requests: object, disable_tqdm: bool = True) -> NoReturn:  # noqa: ARG002
        """No task of ours asks for it: cross-entropy is :func:`hormesis.evaluate.language_model_cost`.

        :raises NotImplementedError: always.
        """
        raise NotImplementedError("hormesis measures the likelihood of whole texts by language_model_cost")

    def generate_until(self, requests: object, disable_tqdm: bool = True) -> NoReturn:  # noqa: ARG002
        """No task of ours asks for it: continuations are :func:`hormesis.evaluate.generate`'s.

        :raises NotImplementedError: always.
        """
        raise NotImplementedError("hormesis generates by hormesis.evaluate.generate")
