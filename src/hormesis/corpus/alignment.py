"""From characters without loss to tokens without loss."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from hormesis.corpus.documents import Span


def learned_tokens(offsets: Sequence[Span], unlearned: Sequence[Span], length: int) -> npt.NDArray[np.bool_]:
    """Which tokens of a document carry loss: bool [tokens + 1], the end-of-text token last.

    A token carries no loss if any of its characters lies in an unlearned span, so that nothing of the span is
    learned. Characters that no token claims (tokenizers may trim white space from offsets) belong to the token after
    them. The end of the text shares the fate of the last character.

    :param offsets: the characters [start, end) of each token, in order, as ``tokenizers`` gives them.
    :param unlearned: the spans that carry no loss.
    :param length: characters of the text.
    """
    covered = np.zeros(length, dtype=np.int64)
    for start, end in unlearned:
        covered[start:end] = 1
    before = np.concatenate([[0], np.cumsum(covered)])  # covered characters before each place
    bounds = np.array(offsets, dtype=np.int64).reshape(-1, 2)
    ends = np.maximum.accumulate(bounds[:, 1]) if len(bounds) else bounds[:, 1]
    starts = np.minimum(bounds[:, 0], np.concatenate([[0], ends])[: len(ends)])
    starts = np.clip(starts, 0, max(0, length - 1))
    ends = np.clip(np.maximum(bounds[:, 1], starts + 1), 0, length)  # a token of no characters stands at a place
    learned = np.ones(len(bounds) + 1, dtype=bool)
    learned[:-1] = before[ends] == before[starts]
    learned[-1] = length == 0 or covered[length - 1] == 0
    return learned
