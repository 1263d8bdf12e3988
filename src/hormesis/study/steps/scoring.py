"""Fit or load the scorer, and measure it against labels that it has not seen."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Literal

import numpy as np

from hormesis.corpus import HeldOutConfig, Microworld, Prompt, half_of, read, read_prompts, role_of, with_role
from hormesis.corpus.prompt_sources import FilePrompts, Prompts
from hormesis.evaluate import CachedScorer, Measurement, ScoreCache, Scorer, scorer_agreement
from hormesis.evaluate.scorers import FittedScorerKind, ScorerKind
from hormesis.study.cells import Cell, ScorerInputs
from hormesis.study.config import FileCorpus, MicroworldCorpus
from hormesis.study.steps.corpus import read_texts
from hormesis.study.steps.rows import origin_of, write_rows
from hormesis.study.store import Store


def prompts_of(prompts: Prompts, corpus: FileCorpus | MicroworldCorpus, root: Path | None) -> tuple[Prompt, ...]:
    """One set of prompts of a study."""
    if isinstance(prompts, FilePrompts):
        return read_prompts(prompts, root)
    assert isinstance(corpus, MicroworldCorpus)
    return Microworld(corpus.settings).prompts(prompts.count)


def open_scorer(cell: Cell, store: Store) -> Scorer:
    """The scorer of a finished scorer cell, behind the results folder's cache of scores.

    :raises HormesisError: its artefact or model cannot be loaded.
    """
    return CachedScorer(_scorer(cell, store.cell_folder(cell)), ScoreCache(store.folder / "scores.sqlite"))


def _scorer(cell: Cell, folder: Path) -> Scorer:
    inputs = cell.inputs
    assert isinstance(inputs, ScorerInputs)
    return scorer_of(inputs.scorer, inputs.corpus, folder)


def scorer_of(section: ScorerKind, corpus: FileCorpus | MicroworldCorpus, folder: Path) -> Scorer:
    """The scorer of a section; one that was fitted here lies in ``folder``.

    :raises HormesisError: its artefact or model cannot be loaded.
    """
    return section.open(
        folder / "scorer", Microworld(corpus.settings) if isinstance(corpus, MicroworldCorpus) else None
    )


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


def scorer_step(cell: Cell, store: Store, root: Path | None, progress: Callable[[float, str], None]) -> None:
    """``scorer/`` for a scorer that is fitted here, and its agreement with labels on held-out rows and on prompts."""
    inputs = cell.inputs
    assert isinstance(inputs, ScorerInputs)
    work, corpus = store.work_folder(cell), store.cell_folder(cell.needs["corpus"])

    if isinstance(inputs.scorer, FittedScorerKind):
        fit_scorer(inputs.scorer, inputs.held_out, "scorer", corpus, work / "scorer", root, progress)
    progress(0.7, "measures it")
    scorer = _scorer(cell, work)
    rows: list[Measurement] = []

    def measure(domain: str, texts: Sequence[str], toxic: Sequence[bool]) -> None:
        found = scorer_agreement(scorer.score(texts), np.array(toxic, dtype=float))
        origin = asdict(origin_of(cell.name, None, scorer=(scorer.name, scorer.revision)))
        if math.isfinite(found.auroc):
            rows.append(Measurement(**origin, metric="scorer_auroc", domain=domain, value=found.auroc, n=found.n))

    held_toxic = read_texts(corpus / "held_out" / "toxic.parquet")
    held_other = read_texts(corpus / "held_out" / "clean.parquet")
    measure("held out", held_toxic + held_other, [True] * len(held_toxic) + [False] * len(held_other))
    if isinstance(inputs.scorer, FittedScorerKind) and inputs.scorer.nontoxic:
        # The honest test: of the same register, so that the scorer cannot tell the site instead of the toxicity.
        documents = (row for source in inputs.scorer.nontoxic for row in read(source, root=root))
        register = [row.text for row in with_role(documents, inputs.held_out, "evaluate")]
        measure("held out, same register", held_toxic + register, [True] * len(held_toxic) + [False] * len(register))
    for name, prompts in inputs.prompts.items():
        known = [prompt for prompt in prompts_of(prompts, inputs.corpus, root) if prompt.toxic is not None]
        if known:
            measure(name, [prompt.text for prompt in known], [bool(prompt.toxic) for prompt in known])
    write_rows(work, rows)
