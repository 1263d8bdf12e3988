"""Batches that halve themselves where the memory is short: a result must not depend on the size of a card."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import torch

logger = logging.getLogger(__name__)
T = TypeVar("T")
R = TypeVar("R")
_WORDS = ("out of memory", "can't allocate memory", "not enough memory")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether a computation failed for want of memory, of a GPU or of this machine."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error).lower() for words in _WORDS)


def make_room(what: str, now: int, before: int, *, quiet: bool = False) -> None:
    """Say that ``what`` is taken in smaller batches from now on, and hand back what is no longer used."""
    if not quiet:
        logger.warning("memory is short: %s are taken %d at once, no longer %d", what, now, before)
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


class Batches:
    """Runs batch after batch. One that does not fit is halved, and so are those after it; the log says so once.

    :param what: what is batched, in the log: ``prompts of a generation``.
    """

    def __init__(self, what: str) -> None:
        self.what = what
        self.limit: int | None = None
        """The most that is taken at once; None: as much as is given."""

    def run(self, batch: Sequence[T], work: Callable[[Sequence[T]], R]) -> Iterator[tuple[Sequence[T], R]]:
        """``work`` on ``batch``, in as many parts as the memory asks for: each part with its result, in order.

        :param work: leaves nothing behind where it fails: it is done again on a smaller part.
        :raises torch.OutOfMemoryError: (or its like) a single one does not fit.
        """
        start = 0
        while start < len(batch):
            part = batch[start : start + (self.limit or len(batch))]
            try:
                found = work(part)
            except (RuntimeError, MemoryError) as error:
                if len(part) == 1 or not is_out_of_memory(error):
                    raise
                found = None
            if found is None:  # out of the handler, which holds on to what the computation held
                self._halve(len(part))
                continue
            yield part, found
            start += len(part)

    def _halve(self, size: int) -> None:
        make_room(self.what, size // 2, size, quiet=self.limit is not None)
        self.limit = size // 2
