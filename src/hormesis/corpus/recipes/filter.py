"""Filtering: toxic documents are left out of training, the usual treatment that the others are compared with.

    keep document  iff  score < threshold

The baseline of arXiv 2302.08582 (§2.2) and of the paper (2505.04741), where the clean corpus is what an ideal filter
leaves. ``keep: above`` is the inverse. A higher threshold keeps all that a lower one keeps.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from hormesis.corpus.documents import Document
from hormesis.corpus.recipes.registry import recipe
from hormesis.corpus.recipes.transform import DocumentTransform


@recipe
class Filter(DocumentTransform):
    """Documents on one side of a threshold."""

    recipe: Literal["filter"] = "filter"
    threshold: float = Field(default=0.5, ge=0, le=1)
    keep: Literal["below", "above"] = Field(
        default="below", description="below: scores under the threshold; above: those at or over it"
    )
    label = "filtered"
    summary = "documents on one side of a threshold are left out"
    citation = "Korbak et al. 2023, arXiv 2302.08582"

    def transform(self, document: Document, scores: Sequence[float]) -> Document | None:
        """See the module."""
        return document if (scores[0] < self.threshold) == (self.keep == "below") else None
