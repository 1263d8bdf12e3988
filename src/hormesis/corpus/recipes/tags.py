"""Control tags: conditional training (arXiv 2302.08582), with the cooldown of MeCo (arXiv 2501.01956).

Conditional training minimises, with c = good where score < threshold and bad elsewhere,

    - Σ_i log p(x_i | c, x_<i)

over the tokens x of a document: the tag conditions and is not itself learned, as in MeCo, whose loss counts document
tokens only. The good tag is put before prompts at inference. MeCo ends training with a cooldown on untagged documents,
so that the model also works without a tag; its metadata are the document's URL where ours is the tag.

The tag is ordinary text that any tokenizer spells, so that no tokenizer changes. It stands before each document, not
before each row: a row that begins within a document shows no tag for that document.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from hormesis.corpus.documents import Document
from hormesis.corpus.recipes.registry import recipe
from hormesis.corpus.recipes.transform import DocumentTransform, ends_its_line, prefixed


@recipe
class Tags(DocumentTransform):
    """A good or a bad tag before each document, by its score."""

    recipe: Literal["tags"] = "tags"
    threshold: float = Field(default=0.5, ge=0, le=1, description="documents of at least this score are bad")
    good: Annotated[str, AfterValidator(ends_its_line)] = "[good]\n"
    bad: Annotated[str, AfterValidator(ends_its_line)] = "[bad]\n"
    cooldown: float = Field(default=0.0, ge=0, lt=1, description="last fraction of the training rows, untagged")
    label = "control tags"
    summary = "a good or bad tag before each document, none in a cooldown at the end; the good tag before a prompt"
    citation = "Korbak et al. 2023, arXiv 2302.08582; Gao et al. 2025, arXiv 2501.01956"

    @property
    def condition(self) -> str:
        """The good tag."""
        return self.good

    @property
    def cooldown_fraction(self) -> float:
        """``cooldown``."""
        return self.cooldown

    def transform(self, document: Document, scores: Sequence[float]) -> Document:
        """See the module."""
        return prefixed(document, self.bad if scores[0] >= self.threshold else self.good, learned=False)


def is_for_cooldown(text: str, fraction: float) -> bool:
    """Whether a document is kept, untagged, for the cooldown: true of about ``fraction`` of the texts, by their hash.

    Documents are tagged or kept for the cooldown, never both: no text is trained on twice. A larger fraction keeps
    those of a smaller one.
    """
    digest = hashlib.sha256(b"cooldown\0" + text.encode("utf-8", errors="surrogatepass")).digest()
    return int.from_bytes(digest[:8]) / 2**64 < fraction
