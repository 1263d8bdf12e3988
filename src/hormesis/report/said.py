"""What a report says in words, beside its figures and tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hormesis.measurements import BehaviourTable
from hormesis.report.cautions import cautions_by_kind
from hormesis.report.scorer_trust import disagreements, overlap_cautions
from hormesis.report.summary import sentences
from hormesis.report.verdicts import verdicts
from hormesis.statistics import Analysis


@dataclass(frozen=True)
class Said:
    """The words of one analysis."""

    sentences: tuple[str, ...]
    """The headline numbers."""
    verdicts: tuple[str, ...]
    """What the data decide."""
    cautions: Mapping[str, tuple[str, ...]]
    """What to be careful with, by what it is about: the kinds of :func:`~hormesis.report.cautions.cautions_by_kind`,
    after ``judges`` (what a scorer calls toxic, what it has seen) and ``scorers`` (where they differ)."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """All cautions, the weightiest first."""
        return tuple(dict.fromkeys(text for texts in self.cautions.values() for text in texts))

    @classmethod
    def of(cls, analysis: Analysis) -> Said:
        """Put it into words."""
        measurements, about = analysis.measurements, analysis.about
        kinds = {
            "judges": [
                *(caution for table in BehaviourTable.of_rows(about) for caution in table.cautions),
                *overlap_cautions(about),
            ],
            "scorers": disagreements(measurements, analysis.headlines),
            **cautions_by_kind(measurements),
        }
        said = sentences(analysis.headlines, measurements.capability_domain)
        return cls(
            tuple(said),
            tuple(verdicts(analysis.judgements)),
            {kind: tuple(texts) for kind, texts in kinds.items()},
        )
