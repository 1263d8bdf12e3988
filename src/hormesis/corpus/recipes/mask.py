"""Loss masking: toxic text stays in the context and carries no loss (Rathi and Radford, arXiv 2601.21571).

    loss = Σ_i m_i · -log p(x_i | x_<i) / Σ_i m_i,    m_i = 0 where x_i lies in a unit with score >= threshold

The model reads the unit, and is not taught to write it. The paper masks tokens that a token classifier flags; our units
are whole documents or sentences, since the labeller scores text. A sentence ends at ``.``, ``!`` or ``?`` followed by
white space, or at the end of a line; the white space between sentences belongs to none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from hormesis.corpus.documents import Document, Span
from hormesis.corpus.recipes.registry import recipe
from hormesis.corpus.recipes.transform import DocumentTransform

_BETWEEN_SENTENCES = re.compile(r"(?<=[.!?])\s+|\s*\n\s*")


@recipe
class Mask(DocumentTransform):
    """No loss on toxic documents or sentences."""

    recipe: Literal["mask"] = "mask"
    threshold: float = Field(default=0.5, ge=0, le=1, description="units of at least this score carry no loss")
    unit: Literal["document", "sentence"] = "document"
    label = "masked loss"
    summary = "toxic documents or sentences are read and carry no loss"
    citation = "arXiv 2601.21571"

    def spans(self, text: str) -> Sequence[Span]:
        """The whole text, or its sentences."""
        return super().spans(text) if self.unit == "document" else sentence_spans(text)

    def transform(self, document: Document, scores: Sequence[float]) -> Document:
        """See the module."""
        units = zip(self.spans(document.text), scores, strict=True)
        toxic = tuple(span for span, score in units if score >= self.threshold)
        return Document(document.text, document.source, (*document.unlearned, *toxic))


def sentence_spans(text: str) -> tuple[Span, ...]:
    """The sentences of ``text``, in order, without the white space around them."""
    starts, ends = [0], []
    for gap in _BETWEEN_SENTENCES.finditer(text):
        ends.append(gap.start())
        starts.append(gap.end())
    ends.append(len(text))
    spans = []
    for start, end in zip(starts, ends, strict=True):
        sentence = text[start:end]
        left = start + len(sentence) - len(sentence.lstrip())
        right = left + len(sentence.strip())
        if left < right:
            spans.append((left, right))
    return tuple(spans)
