"""Fit or load the labeller, whose scores recipes and tuning take, and measure it on rows that it has not seen."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from hormesis.corpus import HeldOutConfig
from hormesis.detox import FromOwnSamples
from hormesis.evaluate.scorers import SCORERS, FittedScorerKind
from hormesis.measurements import Measurement
from hormesis.study.cells.corpus import CorpusInputs, corpus_data
from hormesis.study.cells.scorer import ScorerSection, fit_scorer, scorer_of, section_data
from hormesis.study.engine.cell import Cell, Inputs
from hormesis.study.engine.kind import Job, Kind, kind
from hormesis.study.rows import origin_of, write_rows
from hormesis.study.texts import Corpus, read_texts

if TYPE_CHECKING:
    from hormesis.evaluate import Scorer
    from hormesis.study.engine.store import Store
    from hormesis.study.plan import Planning

LABELS_FILE = "labels.sqlite"


class LabellerInputs(Inputs):
    """What decides a labeller, which is fitted on rows of its own."""

    kind: ClassVar[str] = "labeller"
    labeller: ScorerSection
    corpus: Corpus
    held_out: HeldOutConfig
    data: dict[str, str]


@kind
class LabellerKind(Kind[LabellerInputs]):
    """``scorer/`` for a labeller that is fitted here, and how well it tells the two sources' held-out rows apart."""

    inputs = LabellerInputs
    after = ("calibration",)

    def plan(self, planning: Planning) -> Iterator[Cell[LabellerInputs]]:
        """One, where a recipe or a method needs scores."""
        config = planning.config
        asked = any(arms.needs == "a labeller" for arms in config.recipes) or any(
            isinstance(method, FromOwnSamples) for method in config.methods
        )
        if config.labeller is None or not asked:
            return
        inputs = LabellerInputs(
            labeller=config.labeller,
            corpus=config.corpus,
            held_out=config.held_out,
            data=corpus_data(planning) | section_data(config.labeller, planning.files),
            plugins=SCORERS.plugin(config.labeller.kind),
        )
        yield Cell(inputs, {"corpus": planning.of(CorpusInputs)[0]}, label=f"labeller {config.labeller.kind}")

    def run(self, job: Job[LabellerInputs]) -> None:
        """See :meth:`~hormesis.study.engine.kind.Kind.run`."""
        from hormesis.evaluate import scorer_agreement

        inputs, work, corpus = job.inputs, job.work, job.folder("corpus")
        if isinstance(inputs.labeller, FittedScorerKind):
            fit_scorer(inputs.labeller, inputs.held_out, "labeller", corpus, work / "scorer", job.root, job.progress)
        job.progress(0.7, "measures it")
        labeller = scorer_of(inputs.labeller, inputs.corpus, work, job.device)
        toxic = read_texts(corpus / "held_out" / "toxic.parquet")
        other = read_texts(corpus / "held_out" / "clean.parquet")
        found = scorer_agreement(labeller.score(toxic + other), np.repeat([1.0, 0.0], [len(toxic), len(other)]))
        origin = asdict(origin_of(job.cell.name, None, scorer=(labeller.name, labeller.revision)))
        rows = [Measurement(**origin, metric="labeller_auroc", domain="held out", value=found.auroc, n=found.n)]
        write_rows(work, [row for row in rows if math.isfinite(row.value)])


def open_labeller(cell: Cell[LabellerInputs], store: Store, device: str = "cpu") -> Scorer:
    """The labeller of a finished cell.

    Scores that take long are kept for the next recipe, in a file of their own.

    :raises HormesisError: its artefact or model cannot be loaded.
    """
    from hormesis.evaluate import CachedScorer, ScoreCache

    inputs = cell.inputs
    labeller = scorer_of(inputs.labeller, inputs.corpus, store.cell_folder(cell), device)
    return (
        CachedScorer(labeller, ScoreCache(store.cache_folder / LABELS_FILE))
        if inputs.labeller.worth_caching
        else labeller
    )
