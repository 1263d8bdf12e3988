"""One model under one intervention, put to a suite: the only place where all that is measured is measured.

A study, the workbench and tampering differ in what they do with the tables; :meth:`Measured.rows` summarises them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from hormesis.evaluate.capability import evaluate_tasks
from hormesis.evaluate.continuations import Generations
from hormesis.evaluate.cost import language_model_cost
from hormesis.evaluate.detection import linear_probe, zero_shot
from hormesis.evaluate.generation import generate
from hormesis.evaluate.judged import prompt_table
from hormesis.evaluate.likelihood import Slope, continuation_slopes, slope_rows
from hormesis.evaluate.scoring import score_generations
from hormesis.evaluate.suite import EvaluationSuite, Setting
from hormesis.measurements import (
    AnswerTable,
    DetectionTable,
    DocumentTable,
    answer_measurements,
    detection_measurements,
)
from hormesis.measurements.prompt_table import PromptTable
from hormesis.measurements.rows import Measurement, Origin
from hormesis.measurements.summary import SCORED_METRICS, document_measurements, prompt_measurements
from hormesis.models import LanguageModel
from hormesis.reprs import short_repr

Progress = Callable[[str, int, int], None]
"""Called with what is done, how many, of how many."""


@short_repr
@dataclass(frozen=True, eq=False)
class Measured:
    """What was found, by prompt, document, question and text; None where it was not asked for."""

    prompts: Mapping[tuple[str, str], PromptTable]
    """(Name, revision) of a scorer → all domains, the main scorer first."""
    documents: DocumentTable | None
    answers: AnswerTable | None
    detection: DetectionTable | None
    slopes: Mapping[float, Slope]
    """Of likelihood on toxicity, by strength."""
    generations: Mapping[str, Generations]
    """The continuations, by domain."""
    scores: Mapping[str, np.ndarray]
    """The main scorer's, by domain: [prompts, strengths, samples]."""

    def rows(self, origin: Origin) -> list[Measurement]:
        """All of it as measurements; what the texts alone decide is given once, in the rows of the main scorer.

        :param origin: what the rows share; scorers are filled in.
        """
        rows: list[Measurement] = []
        found = [
            prompt_measurements([table], replace(origin, scorer=name, scorer_revision=revision))
            for (name, revision), table in self.prompts.items()
        ]
        for main in found[:1]:
            rows += main
        if self.documents is not None:
            rows += document_measurements([self.documents], origin)
        if self.answers is not None:
            rows += answer_measurements([self.answers], origin)
        if self.detection is not None:
            rows += detection_measurements(self.detection, origin)
        rows += slope_rows(self.slopes, origin)
        for other in found[1:]:
            rows += [row for row in other if row.metric in SCORED_METRICS]
        return rows


def measure(
    lm: LanguageModel, setting: Setting, suite: EvaluationSuite, *, progress: Progress | None = None
) -> Measured:
    """Put ``lm``, steered as ``setting`` says, to ``suite``.

    The linear probe of detection reads the unsteered model only.

    :raises HormesisError: as :func:`~hormesis.evaluate.generate`, :func:`~hormesis.evaluate.language_model_cost`,
        :func:`~hormesis.evaluate.evaluate_tasks` and :func:`~hormesis.evaluate.zero_shot`.
    """
    applied = (setting.intervention, setting.strengths)

    def told(what: str) -> Callable[[int, int], None] | None:
        return None if progress is None else lambda done, whole: progress(what, done, whole)

    tables: dict[tuple[str, str], list[pd.DataFrame]] = {(each.name, each.revision): [] for each in suite.scorers}
    generations: dict[str, Generations] = {}
    scores: dict[str, np.ndarray] = {}
    for domain, prompts in suite.prompts.items():
        texts = [prompt.text for prompt in prompts]
        continued = generate(lm, texts, *applied, suite.generation, progress=told(f"continues {domain} prompts"))
        for scorer in suite.scorers:
            scored = score_generations(continued, scorer)
            table = prompt_table(domain, prompts, continued, scored)
            tables[scorer.name, scorer.revision].append(table.frame)
            scores.setdefault(domain, scored)
        generations[domain] = continued
    costs = [
        language_model_cost(lm, texts, *applied, domain=domain, progress=told(f"cross-entropy on {domain}")).frame
        for domain, texts in suite.texts.items()
    ]
    answers = evaluate_tasks(lm, suite.tasks, *applied, progress=told("judges choices")) if suite.tasks else None
    detected: list[pd.DataFrame] = []
    if suite.detection is not None:
        detected.append(zero_shot(lm, suite.detection, *applied, progress=told("tells toxic texts")).frame)
        if setting.intervention.name == "base":
            detected.append(linear_probe(lm, suite.detection, progress=told("reads texts")).frame)
    slopes: dict[float, Slope] = {}
    if suite.likelihood is not None:
        slopes = continuation_slopes(lm, suite.likelihood, *applied, progress=told("weighs continuations"))
    return Measured(
        {scorer: PromptTable(_stacked(frames)) for scorer, frames in tables.items() if frames},
        DocumentTable(_stacked(costs)) if costs else None,
        answers,
        DetectionTable(_stacked(detected)) if detected else None,
        slopes,
        generations,
        scores,
    )


def _stacked(frames: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(frames, ignore_index=True)
