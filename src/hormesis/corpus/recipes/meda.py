"""MEDA: the toxicity score of a document, as a number, before the document (arXiv 2302.07388).

    "toxicity: " + score + "\\n" + document

The model learns p(document | score), and is conditioned on a score of zero at inference. The number is ordinary text of
the sample and is learned like the rest. The paper gives the idea ("raw toxicity score as meta-data"); the wording is
ours. One decimal by default: the number that stands for non-toxic is then one that training has often shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from hormesis.corpus.documents import Document
from hormesis.corpus.recipes.registry import recipe
from hormesis.corpus.recipes.transform import DocumentTransform, prefixed


@recipe
class Meda(DocumentTransform):
    """The raw score before each document."""

    recipe: Literal["meda"] = "meda"
    decimals: int = Field(default=1, ge=1, le=4, description="of the score")
    label = "MEDA"
    summary = "the toxicity score before each document; 0 before a prompt"
    citation = "Prabhumoye et al. 2023, arXiv 2302.07388"

    @property
    def condition(self) -> str:
        """A score of zero."""
        return self._prefix(0.0)

    def _prefix(self, score: float) -> str:
        return f"toxicity: {score:.{self.decimals}f}\n"

    def transform(self, document: Document, scores: Sequence[float]) -> Document:
        """See the module."""
        return prefixed(document, self._prefix(scores[0]), learned=True)
