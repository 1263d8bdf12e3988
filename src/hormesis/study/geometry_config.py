"""What a user writes about the geometry of concepts: the bank, where it is looked at, and what else toxicity is."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from hormesis.corpus import ConceptBankConfig, SourceConfig
from hormesis.representation.geometry import Estimator, Place, SurveyConfig
from hormesis.study.section import Section


class FileBank(ConceptBankConfig):
    """Texts of many concepts from a file: the values of the column ``concept``."""

    source: Literal["file"] = "file"


class MicroworldBank(Section):
    """The topics of the microworld, each with as many hostile as civil texts; drawn apart from its concept's."""

    source: Literal["microworld"]
    minimum: int = Field(default=60, ge=6)


class TransferSection(Section):
    """A second data set of toxic texts and others of the same register, for transfer."""

    toxic: SourceConfig
    nontoxic: SourceConfig
    limit: int | None = Field(default=1000, ge=10)
    """Texts of each, drawn by their hash from those that no model was trained on; None: all."""


class GeometrySection(Section):
    """Measure how the toxicity direction of every model lies among those of other concepts."""

    bank: Annotated[FileBank | MicroworldBank, Field(discriminator="source")]
    place: Place = "residual"
    layers: tuple[int, ...] | None = None
    estimator: Estimator = "mean-difference"
    lens: bool = True
    transfer: TransferSection | None = None

    @property
    def survey(self) -> SurveyConfig:
        """As the representation room takes it: the same split for every model, so that they are compared on the same
        texts."""
        return SurveyConfig(place=self.place, layers=self.layers, estimator=self.estimator, lens=self.lens)
