"""INST: a sentence that says whether the document is toxic, before the document (arXiv 2302.07388).

    "This is a toxic post.\\n" + document        where score >= threshold
    "This is a non-toxic post.\\n" + document    elsewhere

Like MEDA, but in words: the model learns p(document | sentence), the sentence is ordinary text of the sample, and the
second one is put before prompts at inference. The wording is ours, after the paper's description.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from hormesis.corpus.documents import Document
from hormesis.corpus.recipes.registry import recipe
from hormesis.corpus.recipes.transform import DocumentTransform, ends_its_line, prefixed


@recipe
class Inst(DocumentTransform):
    """An instruction sentence before each document."""

    recipe: Literal["inst"] = "inst"
    threshold: float = Field(default=0.5, ge=0, le=1, description="documents of at least this score are toxic")
    toxic: Annotated[str, AfterValidator(ends_its_line)] = "This is a toxic post.\n"
    nontoxic: Annotated[str, AfterValidator(ends_its_line)] = "This is a non-toxic post.\n"
    label = "INST"
    summary = "a sentence that says toxic or non-toxic before each document and prompt"
    citation = "Prabhumoye et al. 2023, arXiv 2302.07388"

    @property
    def condition(self) -> str:
        """The sentence that says non-toxic."""
        return self.nontoxic

    def transform(self, document: Document, scores: Sequence[float]) -> Document:
        """See the module."""
        return prefixed(document, self.toxic if scores[0] >= self.threshold else self.nontoxic, learned=True)
