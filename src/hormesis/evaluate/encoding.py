"""Prompts as token ids that fit the model's context."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from hormesis.detox import Intervention
from hormesis.errors import HormesisError
from hormesis.models import LanguageModel
from hormesis.reprs import short_repr

logger = logging.getLogger(__name__)


@short_repr
@dataclass(frozen=True)
class EncodedPrompts:
    """Token ids of prepared prompts.

    ids: one tuple of at least one id for each prompt. truncated: how many prompts lost tokens from their left
    end.
    """

    ids: tuple[tuple[int, ...], ...]
    truncated: int


def encode_prompts(
    lm: LanguageModel,
    prompts: Sequence[str],
    intervention: Intervention,
    max_new_tokens: int,
) -> EncodedPrompts:
    """Prepare and tokenise prompts so that each, plus ``max_new_tokens``, fits the context.

    A prompt that is too long loses tokens from the left, as is usual for continuation: what is nearest to the
    continuation stays, and so does what stands before the prompt: bos, the opening of a chat, a prefix of
    ``intervention.prepare``. An empty prompt is the start token.

    :raises HormesisError: there is no prompt; the context has no room for the prefix and one token; an empty
        prompt and no start token.
    """
    if not prompts:
        raise HormesisError("there are no prompts to continue", "give at least one prompt")
    context = lm.context_length
    limit = None if context is None else context - max_new_tokens - intervention.reserved_tokens
    encoded, truncated = [], 0
    for index, prompt in enumerate(prompts):
        prepared = intervention.prepare(prompt)
        ids = lm.prompt_ids(prepared)
        if not ids:
            start = lm.start_token
            if start is None:
                raise HormesisError(
                    f"prompt {index} is empty and the tokenizer has no bos or eos token to start from",
                    "drop empty prompts, or set tokenizer.bos_token",
                )
            ids = (start,)
        if limit is not None and len(ids) > limit:
            place = prepared.find(prompt) if prompt else 0
            prefix = lm.token_ids(prepared[:place], special=False) if place > 0 else ()
            opening, ending = lm.frame
            kept = len(opening) + len(prefix)
            if limit - kept - len(ending) < 1:
                raise HormesisError(
                    f"the context of {context} tokens has no room for {max_new_tokens} new tokens, a prefix "
                    f"of {kept + intervention.reserved_tokens} and one token of the prompt",
                    "lower max_new_tokens, shorten the prefix, or take a model with a longer context",
                )
            ids = ids[:kept] + ids[kept + len(ids) - limit :]
            truncated += 1
        encoded.append(ids)
    if truncated:
        logger.warning("%d of %d prompts are longer than %s tokens: cut from the left", truncated, len(prompts), limit)
    return EncodedPrompts(tuple(encoded), truncated)
