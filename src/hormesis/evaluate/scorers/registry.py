"""All kinds of scorers by name."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from hormesis.config import tag_of
from hormesis.evaluate.scorer import Scorer
from hormesis.evaluate.scorers.base import ScorerKind
from hormesis.registry import Registry

SCORERS: Registry[type[ScorerKind]] = Registry("scorer", "hormesis.evaluate.scorers", "hormesis.scorers")
"""As ``kind`` in a study's YAML."""

K = TypeVar("K", bound=type[ScorerKind])


def scorer(kind: K) -> K:
    """Add a kind of scorer. In a script, a notebook, or a package whose entry point of the group ``hormesis.scorers``
    names the module::

        @scorer
        class Listed(ScorerKind):
            \"\"\"The share of words that are on a list.\"\"\"

            kind: Literal["listed"]
            words: tuple[str, ...]

            def open(self, folder: Path, world: Microworld | None) -> Scorer:
                return ListScorer(frozenset(self.words))  # has a name, a revision, and score(texts)

    A study writes it with its fields: ``scorer: {kind: listed, words: [goose, drum]}``.
    """
    SCORERS.register(tag_of(kind, "kind"), kind)
    return kind


def scorer_at(place: str | Path, label: str | None = None, batch: int | None = None) -> Scorer:
    """A scorer from a folder that some kind wrote, else any Hugging Face classifier by its folder or hub id.

    :param label: of a classifier: the name of the toxic label, if it cannot be told.
    :param batch: of a classifier: texts of a forward pass; None: its own default.
    :raises HormesisError: it cannot be loaded.
    """
    folder = Path(place)
    if folder.is_dir() and label is None:
        for kind in SCORERS.values():
            if (found := kind.opened_from(folder)) is not None:
                return found
    from hormesis.evaluate.scorers.huggingface import BATCH, HuggingFaceScorer

    return HuggingFaceScorer(place, label=label, batch_size=batch or BATCH)
