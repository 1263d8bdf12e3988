"""Every recipe by name, for people: what it does, what it needs, and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RecipeEntry:
    """A line of the list."""

    name: str
    """As in a study's YAML."""
    summary: str
    needs: str
    source: str


_SCORES = "a labeller"
_SUFFIX, _CONDITIONAL = "Prabhumoye et al. 2023, arXiv 2302.07388", "Korbak et al. 2023, arXiv 2302.08582"

RECIPES: tuple[RecipeEntry, ...] = (
    RecipeEntry("meda", "the toxicity score before each document; 0 before a prompt", _SCORES, _SUFFIX),
    RecipeEntry("inst", "a sentence that says toxic or non-toxic before each document and prompt", _SCORES, _SUFFIX),
    RecipeEntry(
        "tags",
        "a good or bad tag before each document, none in a cooldown at the end; the good tag before a prompt",
        _SCORES,
        f"{_CONDITIONAL}; Gao et al. 2025, arXiv 2501.01956",
    ),
    RecipeEntry("filter", "documents on one side of a threshold are left out", _SCORES, _CONDITIONAL),
    RecipeEntry("mask", "toxic documents or sentences are read and carry no loss", _SCORES, "arXiv 2601.21571"),
    RecipeEntry("early", "the toxic rows before all others", "nothing", "arXiv 2601.07087"),
    RecipeEntry("late", "the toxic rows after all others", "nothing", "arXiv 2601.07087"),
    RecipeEntry("control", "another source in the place of the toxic one, at the same share", "a source", "control"),
    RecipeEntry(
        "count", "the same number of toxic tokens in more clean ones, the smaller the share", "nothing", "control"
    ),
)
"""In the order in which they are listed."""
