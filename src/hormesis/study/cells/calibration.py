"""Hold a scorer against the reference scores of other texts (Perspective's), and fit the map to their scale."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from hormesis.corpus import ScoredTextsConfig, read_scored_texts
from hormesis.study.cells.scorer import ScorerInputs, open_scorer
from hormesis.study.engine.cell import Cell, Inputs
from hormesis.study.engine.kind import Job, Kind, kind
from hormesis.study.rows import origin_of, write_rows

if TYPE_CHECKING:
    from pathlib import Path

    from hormesis.study.plan import Plan, Planning

SCALE_FILE = "scale.json"


class CalibrationInputs(Inputs):
    """What a scorer is held against."""

    kind: ClassVar[str] = "calibration"
    reference: ScoredTextsConfig
    data: dict[str, str]


@kind
class CalibrationKind(Kind[CalibrationInputs]):
    """``scale.json``, and the scorer's agreement with the reference by column of texts."""

    inputs = CalibrationInputs
    after = ("scorer",)

    def plan(self, planning: Planning) -> Iterator[Cell[CalibrationInputs]]:
        """One for each scorer, where there is a reference."""
        reference = planning.config.evaluation.perspective
        if reference is None:
            return
        data = planning.files.fingerprints({"reference": reference})
        for scorer in planning.of(ScorerInputs):
            inputs = CalibrationInputs(reference=reference, data=data)
            yield Cell(inputs, {"scorer": scorer}, label=f"calibration {scorer.inputs.scorer.kind}")

    def foresee(self, plan: Plan, root: Path | None) -> None:
        """See :meth:`~hormesis.study.engine.kind.Kind.foresee`."""
        reference = plan.config.evaluation.perspective
        if reference is not None and reference.path is not None:
            read_scored_texts(reference, root)

    def run(self, job: Job[CalibrationInputs]) -> None:
        """See :meth:`~hormesis.study.engine.kind.Kind.run`."""
        from hormesis.evaluate.comparison import compare_with_reference

        scorer = open_scorer(job.cell.need("scorer", ScorerInputs), job.store, job.device)
        texts = read_scored_texts(job.inputs.reference, job.root)
        job.progress(0.1, f"scores {sum(len(part.texts) for part in texts.values()):,} texts")
        comparison = compare_with_reference(scorer, texts, job.inputs.reference.name)
        comparison.scale.save(job.work / SCALE_FILE)
        origin = origin_of(job.cell.name, None, scorer=(scorer.name, scorer.revision))
        write_rows(job.work, comparison.measurements(origin))
