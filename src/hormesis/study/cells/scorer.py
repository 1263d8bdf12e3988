"""Scorers: fit or load one, and measure it against labels that it has not seen."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np

from hormesis.config import OneOf
from hormesis.corpus import HeldOutConfig, SourceConfig, half_of, read, role_of, with_role
from hormesis.corpus.prompt_sources import Prompts
from hormesis.evaluate.scorers import SCORERS, FittedScorerKind, ScorerKind
from hormesis.measurements import Measurement
from hormesis.study.cells.corpus import CorpusInputs, corpus_data
from hormesis.study.engine.cell import Cell, Inputs
from hormesis.study.engine.kind import Job, Kind, kind
from hormesis.study.rows import origin_of, write_rows
from hormesis.study.texts import Corpus, MicroworldCorpus, look_at, prompts_of, read_texts, world_of

if TYPE_CHECKING:
    from hormesis.evaluate import Scorer
    from hormesis.study.config import StudyConfig
    from hormesis.study.engine.fingerprints import Fingerprints
    from hormesis.study.engine.store import Store
    from hormesis.study.plan import Plan, Planning

ScorerSection = Annotated[ScorerKind, OneOf(SCORERS, "kind", lambda kind: kind)]


def check_scorers(main: ScorerKind, scorers: Sequence[ScorerKind]) -> None:
    """Whether several scorers are several, and share no text that they were fitted on.

    :raises ValueError: they do not.
    """
    if scorers and scorers[0] != main:
        raise ValueError("give either `scorer` or `scorers`, whose first is the main one")
    for place, scorer in enumerate(scorers):
        for other in scorers[:place]:
            if scorer.is_same_model(other) or scorer == other:
                raise ValueError(f"the {scorer.kind} scorer is listed twice")
            if isinstance(scorer, FittedScorerKind) and isinstance(other, FittedScorerKind):
                halves = {scorer.half, other.half}
                if halves != {"first", "second"}:
                    raise ValueError(
                        f"the {other.kind} and the {scorer.kind} scorer are fitted on the same rows, so they err alike:"
                        " give one `half: first` and the other `half: second`"
                    )


class ScorerInputs(Inputs):
    """What decides a scorer and what is measured of it."""

    kind: ClassVar[str] = "scorer"
    scorer: ScorerSection
    corpus: Corpus
    held_out: HeldOutConfig
    prompts: dict[str, Prompts]
    data: dict[str, str]


@kind
class ScorerCellKind(Kind[ScorerInputs]):
    """``scorer/`` for a scorer that is fitted here, and its agreement with labels on held-out rows and on prompts."""

    inputs = ScorerInputs
    after = ("check",)

    def plan(self, planning: Planning) -> Iterator[Cell[ScorerInputs]]:
        """One for each scorer, the main one first."""
        config, files = planning.config, planning.files
        for section in config.evaluation.all_scorers:
            inputs = ScorerInputs(
                scorer=section,
                corpus=config.corpus,
                held_out=config.held_out,
                prompts=config.evaluation.prompts,
                data=corpus_data(planning) | files.prompts(config.evaluation.prompts) | section_data(section, files),
                plugins=SCORERS.plugin(section.kind),
            )
            yield Cell(inputs, {"corpus": planning.of(CorpusInputs)[0]}, label=f"scorer {section.kind}")

    def foresee(self, plan: Plan, root: Path | None) -> None:
        """See :meth:`~hormesis.study.engine.kind.Kind.foresee`."""
        for sources in fitted_roles(plan.config).values():
            for source in sources:
                look_at(source, root)

    def run(self, job: Job[ScorerInputs]) -> None:
        """See :meth:`~hormesis.study.engine.kind.Kind.run`."""
        from hormesis.evaluate import scorer_agreement

        inputs, root, work, corpus = job.inputs, job.root, job.work, job.folder("corpus")
        if isinstance(inputs.scorer, FittedScorerKind):
            fit_scorer(inputs.scorer, inputs.held_out, "scorer", corpus, work / "scorer", root, job.progress)
        job.progress(0.7, "measures it")
        scorer = scorer_of(inputs.scorer, inputs.corpus, work, job.device)
        rows: list[Measurement] = []

        def measure(domain: str, texts: Sequence[str], toxic: Sequence[bool]) -> None:
            found = scorer_agreement(scorer.score(texts), np.array(toxic, dtype=float))
            origin = asdict(origin_of(job.cell.name, None, scorer=(scorer.name, scorer.revision)))
            if math.isfinite(found.auroc):
                rows.append(Measurement(**origin, metric="scorer_auroc", domain=domain, value=found.auroc, n=found.n))

        held_toxic = read_texts(corpus / "held_out" / "toxic.parquet")
        held_other = read_texts(corpus / "held_out" / "clean.parquet")
        measure("held out", held_toxic + held_other, [True] * len(held_toxic) + [False] * len(held_other))
        if isinstance(inputs.scorer, FittedScorerKind) and inputs.scorer.nontoxic:
            # The honest test: of the same register, so that the scorer cannot tell the site instead of the toxicity.
            documents = (row for source in inputs.scorer.nontoxic for row in read(source, root=root))
            register = [row.text for row in with_role(documents, inputs.held_out, "evaluate")]
            measure(
                "held out, same register", held_toxic + register, [True] * len(held_toxic) + [False] * len(register)
            )
        for name, prompts in inputs.prompts.items():
            known = [prompt for prompt in prompts_of(prompts, inputs.corpus, root) if prompt.toxic is not None]
            if known:
                measure(name, [prompt.text for prompt in known], [bool(prompt.toxic) for prompt in known])
        write_rows(work, rows)


def scorers_needed(planning: Planning) -> dict[str, Cell[ScorerInputs]]:
    """What an evaluation needs, the main one first: ``scorer``, and ``scorer 2``, … where there are several."""
    main, *others = planning.of(ScorerInputs)
    return {"scorer": main} | {f"scorer {place}": cell for place, cell in enumerate(others, start=2)}


def needed_scorers(cell: Cell[Any]) -> tuple[Cell[ScorerInputs], ...]:
    """The scorers that an evaluation needs, the main one first."""
    return tuple(need for need in cell.needs.values() if isinstance(need.inputs, ScorerInputs))


def section_data(section: ScorerKind, files: Fingerprints) -> dict[str, str]:
    """Fingerprints of what a scorer is fitted on beside the corpus."""
    if not isinstance(section, FittedScorerKind):
        return {}
    sources = {f"nontoxic {position}": source for position, source in enumerate(section.nontoxic)}
    model = files.model(section.begins_with) if section.begins_with is not None else {}
    return files.fingerprints(sources) | model


def fitted_roles(config: StudyConfig) -> Mapping[str, list[SourceConfig]]:
    """``scorer``, ``labeller``: those that are fitted here, with the sources of their own that they are fitted on."""
    sections = {"scorer": config.evaluation.all_scorers, "labeller": (config.labeller,)}
    fitted = {role: [one for one in each if isinstance(one, FittedScorerKind)] for role, each in sections.items()}
    return {role: [source for one in each for source in one.nontoxic] for role, each in fitted.items() if each}


def open_scorer(cell: Cell[ScorerInputs], store: Store, device: str = "cpu") -> Scorer:
    """The scorer of a finished cell, behind the results folder's cache of scores.

    :raises HormesisError: its artefact or model cannot be loaded.
    """
    from hormesis.evaluate import CachedScorer, ScoreCache

    scorer = scorer_of(cell.inputs.scorer, cell.inputs.corpus, store.cell_folder(cell), device)
    return CachedScorer(scorer, ScoreCache(store.cache_folder / "scores.sqlite"))


def scorer_of(section: ScorerKind, corpus: Corpus, folder: Path, device: str = "cpu") -> Scorer:
    """The scorer of a section; one that was fitted here lies in ``folder``.

    :param device: of one that is a network.
    :raises HormesisError: its artefact or model cannot be loaded.
    """
    from hormesis.evaluate import Movable

    found = section.open(folder / "scorer", world_of(corpus) if isinstance(corpus, MicroworldCorpus) else None)
    if isinstance(found, Movable):
        found.to(device)
    return found


def fit_scorer(
    section: FittedScorerKind,
    held_out: HeldOutConfig,
    role: Literal["scorer", "labeller"],
    corpus: Path,
    folder: Path,
    root: Path | None,
    progress: Callable[[float, str], None],
) -> None:
    """Fit a scorer on the rows that are set aside for ``role``, or on its half of them, and save it in ``folder``.

    :param corpus: the folder of the finished corpus cell.
    :raises HormesisError: too few rows, or an encoder that cannot be loaded.
    """
    progress(0.1, "reads its rows")

    def is_its_own(text: str) -> bool:
        return section.half is None or half_of(text, among=role) == section.half

    toxic, clean = (
        [
            text
            for text in read_texts(corpus / "scorer_rows" / f"{part}.parquet")
            if role_of(text, held_out) == role and is_its_own(text)
        ]
        for part in ("toxic", "clean")
    )
    more = (row for source in section.nontoxic for row in read(source, root=root))
    other = [*clean, *(row.text for row in with_role(more, held_out, role) if is_its_own(row.text))]
    what = f"fits on {len(toxic):,} toxic and {len(other):,} other rows"
    progress(0.3, what)
    texts, labels = toxic + other, [True] * len(toxic) + [False] * len(other)
    section.fit(texts, labels, folder, root=root, progress=lambda done, all_: progress(0.3 + 0.4 * done / all_, what))
