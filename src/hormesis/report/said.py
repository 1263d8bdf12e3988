"""What a report says in words, beside its figures and tables."""

from __future__ import annotations

from dataclasses import dataclass

from hormesis.measurements import BehaviourTable
from hormesis.report.cautions import cautions
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
    warnings: tuple[str, ...]
    """What to be careful with, the weightiest first."""

    @classmethod
    def of(cls, analysis: Analysis) -> Said:
        """Put it into words."""
        measurements = analysis.measurements
        warnings = [
            *(caution for table in BehaviourTable.of_rows(analysis.about) for caution in table.cautions),
            *overlap_cautions(analysis.about),
            *disagreements(measurements, analysis.headlines),
            *cautions(measurements),
        ]
        said = sentences(analysis.headlines, measurements.capability_domain)
        return cls(tuple(said), tuple(verdicts(analysis.judgements)), tuple(warnings))
