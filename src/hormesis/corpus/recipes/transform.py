"""What a recipe for documents is: a document and its toxicity in, a document for training out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from hormesis.corpus.documents import Document, Span
from hormesis.corpus.recipes.base import Needs, Recipe


class DocumentTransform(Recipe, ABC):
    """A recipe for single documents."""

    needs: ClassVar[Needs] = "a labeller"

    def spans(self, text: str) -> Sequence[Span]:
        """The parts of ``text`` whose toxicity the recipe asks for, as character spans [start, end); none of a recipe
        that needs no labeller."""
        return ((0, len(text)),) if self.needs == "a labeller" else ()

    @abstractmethod
    def transform(self, document: Document, scores: Sequence[float]) -> Document | None:
        """The document as it is trained on, or ``None`` where it is left out.

        :param scores: the toxicity of each of :meth:`spans`, in [0, 1].
        """


def prefixed(document: Document, prefix: str, *, learned: bool) -> Document:
    """``document`` with ``prefix`` before its text.

    :param learned: whether the prefix carries loss.
    """
    shift = len(prefix)
    own = tuple((start + shift, end + shift) for start, end in document.unlearned)
    return Document(prefix + document.text, document.source, own if learned else ((0, shift), *own))


def ends_its_line(prefix: str) -> str:
    """Check that a prefix ends in a line break.

    Byte-level pre-tokenisers put a space and the word after it into one token, but never a line break and a word:
    so no token holds both prefix and text, and what follows the prefix is encoded as it would be without it.

    :raises ValueError: it does not.
    """
    if not prefix.endswith("\n"):
        raise ValueError(f"the prefix {prefix!r} does not end in a line break (`\\n`)")
    return prefix
