"""A model beside itself under artefacts: continuations, and measurements that grow artefact by artefact."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from hormesis.corpus import LabelledTexts, Prompt
from hormesis.detox import METHODS, Intervention, Unsteered, load_intervention
from hormesis.evaluate import GenerationConfig, Scorer, Setting, Task, generate
from hormesis.models import LanguageModel
from hormesis.workbench.artefacts import strengths_of
from hormesis.workbench.figures import draw_frontiers
from hormesis.workbench.measuring import measure
from hormesis.workbench.results import KeptResults, artefact_hashes, what_is_alike


def side_by_side(
    lm: LanguageModel,
    prompts: Sequence[str],
    intervention: Intervention,
    strength: float,
    config: GenerationConfig | None = None,
) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """For each prompt its unsteered and its steered continuations, from the same random numbers.

    :param strength: without meaning for some methods.
    """
    config = config or GenerationConfig()
    if METHODS[intervention.name].uses_strength:
        found = generate(lm, prompts, intervention, (0.0, strength), config)
        return [(tuple(before), tuple(after)) for before, after in found.texts]
    both = [generate(lm, prompts, each, (0.0,), config).texts for each in (Unsteered(), intervention)]
    return [(tuple(before[0]), tuple(after[0])) for before, after in zip(*both, strict=True)]


def evaluate_artefacts(
    lm: LanguageModel,
    artefacts: Sequence[Path],
    strengths: Sequence[float] | None = None,
    *,
    prompts: Mapping[str, Sequence[Prompt]],
    texts: Mapping[str, Sequence[str]],
    scorers: Sequence[Scorer],
    generation: GenerationConfig,
    tasks: Sequence[Task] = (),
    detection: LabelledTexts | None = None,
    out: Path | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> tuple[pd.DataFrame, list[Path]]:
    """:func:`measure` the unsteered model and each artefact.

    :param strengths: of every artefact; None: the calibrated one.
    :param out: a folder that keeps the rows beside earlier ones that were measured alike, and the frontiers of all.
    :returns: the rows, with those that were in ``out``; the figures.
    :raises HormesisError: as :func:`measure`; ``out`` holds what was measured otherwise.
    """
    settings, folders = [], {}
    for artefact in artefacts:
        intervention = load_intervention(artefact, lm)
        folders[intervention.name] = artefact
        settings.append(Setting(intervention, strengths_of(artefact, intervention, strengths)))
    kept = None
    if out is not None:
        alike = what_is_alike(lm, prompts, texts, scorers, generation, tasks, detection)
        kept = KeptResults(out, alike, artefact_hashes(folders))
    rows = measure(
        lm,
        settings,
        prompts=prompts,
        texts=texts,
        scorers=scorers,
        tasks=tasks,
        detection=detection,
        generation=generation,
        base=kept is None or not kept.has("base"),
        progress=progress,
    )
    if kept is None:
        return rows, []
    rows = kept.add(rows)
    return rows, draw_frontiers(rows, lm.name, kept.folder)
