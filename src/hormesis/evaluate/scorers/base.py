"""What a kind of scorer is: what a user writes of it, and how its scorer is opened, or fitted first."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from hormesis.config import Config
from hormesis.corpus import Half, Microworld, SourceConfig
from hormesis.evaluate.scorer import Scorer


class ScorerKind(Config, ABC):
    """One scorer, as a study's YAML has it."""

    kind: str
    """Its name; each kind narrows it to a ``Literal`` of one."""

    needs_microworld: ClassVar[bool] = False
    """Whether it can only judge texts of a microworld."""
    worth_caching: ClassVar[bool] = True
    """Whether a score takes longer to compute than to look up."""

    @abstractmethod
    def open(self, folder: Path, world: Microworld | None) -> Scorer:
        """The scorer.

        :param folder: where :meth:`FittedScorerKind.fit` wrote it, if it was fitted.
        :param world: that of the study, if it has one.
        :raises HormesisError: its artefact or model cannot be loaded.
        """

    def is_same_model(self, other: ScorerKind) -> bool:
        """Whether the two would judge alike, so that one is no check of the other. Of fitted ones none would: each is
        fitted on rows of its own."""
        return self == other

    @classmethod
    def opened_from(cls, folder: Path) -> Scorer | None:  # noqa: ARG003
        """The scorer that lies in ``folder``, with nothing else known of it; None: that is none of this kind.

        :raises HormesisError: it is one, and cannot be loaded.
        """
        return None


class FittedScorerKind(ScorerKind):
    """A scorer fitted on the rows set aside by ``held_out.scorer``, which no model is trained on."""

    nontoxic: tuple[SourceConfig, ...] = Field(
        default=(), description="more sources of non-toxic rows (of the same register), beside the clean one"
    )
    half: Half | None = Field(
        default=None, description="only this half of those rows: two scorers fitted on two halves share no text"
    )

    @property
    def begins_with(self) -> str | None:
        """The model (a folder, or a hub id) that fitting starts from; None: it starts from nothing."""
        return None

    @abstractmethod
    def fit(
        self,
        texts: Sequence[str],
        labels: Sequence[bool],
        folder: Path,
        *,
        root: Path | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        """Fit on labelled texts (True = toxic) and write ``folder``, for :meth:`ScorerKind.open`.

        :param root: the folder that relative paths are read against.
        :param progress: called with (steps done, steps).
        :raises HormesisError: too few texts, or a model that cannot be loaded.
        """

    def is_same_model(self, other: ScorerKind) -> bool:  # noqa: ARG002
        """See :meth:`ScorerKind.is_same_model`."""
        return False
