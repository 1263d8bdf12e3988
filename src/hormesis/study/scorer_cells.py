"""From the scorers of a study to the cells that fit and measure them, and that hold them against Perspective."""

from __future__ import annotations

from hormesis.evaluate.scorers import FittedScorerKind, ScorerKind
from hormesis.study.cells import CalibrationInputs, Cell, ScorerInputs
from hormesis.study.config import StudyConfig
from hormesis.study.data import DataFiles


def section_data(section: ScorerKind, files: DataFiles) -> dict[str, str]:
    """Fingerprints of what a scorer is fitted on beside the corpus."""
    if not isinstance(section, FittedScorerKind):
        return {}
    sources = {f"nontoxic {position}": source for position, source in enumerate(section.nontoxic)}
    model = files.model(section.begins_with) if section.begins_with is not None else {}
    return files.fingerprints(sources) | model


class ScorerCells:
    """The scorers of a study, the main one first, and the cells that calibrate them.

    :param data: fingerprints of the corpus's files and of the prompts'.
    """

    def __init__(self, config: StudyConfig, files: DataFiles, corpus: Cell, data: dict[str, str]) -> None:
        evaluation = config.evaluation
        self.scorers = tuple(
            Cell(
                ScorerInputs(
                    scorer=section,
                    corpus=config.corpus,
                    held_out=config.held_out,
                    prompts=evaluation.prompts,
                    data=data | section_data(section, files),
                ),
                {"corpus": corpus},
                label=f"scorer {section.kind}",
            )
            for section in evaluation.all_scorers
        )
        reference = evaluation.perspective
        self.calibrations = () if reference is None else tuple(
            Cell(
                CalibrationInputs(reference=reference, data=files.fingerprints({"reference": reference})),
                {"scorer": scorer},
                label=scorer.label.replace("scorer", "calibration"),
            )
            for scorer in self.scorers
        )  # fmt: skip

    @property
    def needs(self) -> dict[str, Cell]:
        """What an evaluation needs: ``scorer``, and ``scorer 2``, … where there are several."""
        others = {f"scorer {place}": cell for place, cell in enumerate(self.scorers[1:], start=2)}
        return {"scorer": self.scorers[0], **others}


def scorer_roles(cell: Cell) -> list[str]:
    """The roles of the scorers among an evaluation's needs, the main one first."""
    return sorted((role for role in cell.needs if role.split()[0] == "scorer"), key=lambda role: (len(role), role))
