"""A transform over a stream of documents, scored batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

import numpy as np
import numpy.typing as npt

from hormesis.corpus.documents import Document
from hormesis.corpus.recipes.transform import DocumentTransform
from hormesis.errors import HormesisError

Labeller = Callable[[Sequence[str]], npt.NDArray[np.float64]]
"""Texts to toxicity scores in [0, 1], one each."""

_BATCH_DOCUMENTS = 512


def transformed(
    documents: Iterable[Document], transform: DocumentTransform, labeller: Labeller | None
) -> TransformedDocuments:
    """``documents`` as ``transform`` leaves them, in their order, streamed; see :class:`TransformedDocuments`.

    :param labeller: None: the recipe needs none.
    """
    return TransformedDocuments(documents, transform, labeller)


class TransformedDocuments:
    """Transformed documents, and how much of the text was kept. To be iterated over once.

    :raises HormesisError: (while iterating) the labeller failed on a text. A score is never made up.
    """

    def __init__(self, documents: Iterable[Document], transform: DocumentTransform, labeller: Labeller | None) -> None:
        self._documents = iter(documents)
        self._transform = transform
        self._labeller = labeller
        self.read_bytes = 0
        """UTF-8 bytes of the documents read so far, as they were."""
        self.kept_bytes = 0
        """Those of the documents that were not left out."""

    @property
    def kept(self) -> float:
        """The part of the text that was kept, in [0, 1]; 1 where nothing was read."""
        return self.kept_bytes / self.read_bytes if self.read_bytes else 1.0

    def __iter__(self) -> Iterator[Document]:
        while batch := list(islice(self._documents, _BATCH_DOCUMENTS)):
            spans = [self._transform.spans(document.text) for document in batch]
            texts = [
                document.text[start:end] for document, parts in zip(batch, spans, strict=True) for start, end in parts
            ]
            scores = iter(self._scores(texts, batch[0].source) if texts else ())
            for document, parts in zip(batch, spans, strict=True):
                result = self._transform.transform(document, list(islice(scores, len(parts))))
                size = len(document.text.encode())
                self.read_bytes += size
                if result is not None:
                    self.kept_bytes += size
                    yield result

    def _scores(self, texts: Sequence[str], source: str) -> list[float]:
        if self._labeller is None:
            raise ValueError(f"the recipe {self._transform.recipe} asks for scores, and there is no labeller")
        scores = np.asarray(self._labeller(texts), dtype=np.float64)
        if scores.shape != (len(texts),):
            raise ValueError(f"the labeller gave scores of shape {scores.shape} for {len(texts)} texts")
        failed = int(np.isnan(scores).sum())
        if failed:
            raise HormesisError(
                f"the labeller gave no score to {failed} of {len(texts)} texts of the source {source!r}",
                "leave such texts out of the source, or take another labeller: a recipe cannot guess a score",
            )
        if len(scores) and not 0 <= scores.min() <= scores.max() <= 1:
            raise ValueError("the labeller gave scores outside [0, 1]")
        values: list[float] = scores.tolist()
        return values
