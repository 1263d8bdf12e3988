"""One model under several interventions: how toxic its continuations are, and what each intervention costs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version

import pandas as pd

from hormesis.corpus import LabelledTexts, Prompt
from hormesis.detox import Intervention, Unsteered
from hormesis.errors import HormesisError
from hormesis.evaluate import (
    GenerationConfig,
    Measurement,
    Origin,
    PromptTable,
    Scorer,
    Task,
    answer_measurements,
    detection_measurements,
    document_measurements,
    evaluate_tasks,
    generate,
    language_model_cost,
    linear_probe,
    prompt_measurements,
    score_generations,
    to_frame,
    zero_shot,
)
from hormesis.models import LanguageModel
from hormesis.reprs import short_repr


@short_repr
@dataclass(frozen=True, eq=False)
class Setting:
    """An intervention and the strengths at which it is measured."""

    intervention: Intervention
    strengths: tuple[float, ...] = (0.0,)
    """``(0.0,)`` where strength has no meaning."""


def measure(
    loaded: LanguageModel,
    settings: Sequence[Setting],
    *,
    prompts: Mapping[str, Sequence[Prompt]],
    texts: Mapping[str, Sequence[str]],
    scorers: Sequence[Scorer],
    tasks: Sequence[Task] = (),
    detection: LabelledTexts | None = None,
    generation: GenerationConfig | None = None,
    base: bool = True,
    progress: Callable[[str, int, int], None] | None = None,
) -> pd.DataFrame:
    """Measurement rows (:class:`hormesis.evaluate.Measurement`).

    Each prompt is continued once for an intervention, whatever the number of scorers.

    :param prompts: by domain, such as ``rtp`` and ``toxigen``.
    :param texts: by domain, for cross-entropy and KL.
    :param tasks: of capability (:func:`hormesis.evaluate.load_tasks`).
    :param detection: texts that the model is to judge itself (:mod:`hormesis.evaluate.detection`); the linear probe
        reads the unsteered model only.
    :param base: whether the unsteered model is measured too.
    :param progress: called with (what is done, how many, of how many).
    :raises HormesisError: nothing to measure on; prompts and no scorer.
    """
    if not prompts and not texts and not tasks and detection is None:
        raise HormesisError(
            "there is nothing to measure on", "give prompts, text for cross-entropy, tasks, or texts to detect"
        )
    if prompts and not scorers:
        raise HormesisError("continuations need a scorer", "give at least one: a folder or id of a classifier")
    names = [setting.intervention.name for setting in settings]
    if len(set(names)) != len(names):
        raise HormesisError(f"a method is measured twice: {', '.join(names)}", "put its strengths into one setting")
    every = [Setting(Unsteered()), *settings] if base and "base" not in names else list(settings)
    rows: list[Measurement] = []
    for setting in every:
        rows += _of_setting(
            loaded, setting, prompts, texts, scorers, tasks, detection, generation or GenerationConfig(), progress
        )
    return to_frame(rows)


def _of_setting(
    loaded: LanguageModel,
    setting: Setting,
    prompts: Mapping[str, Sequence[Prompt]],
    texts: Mapping[str, Sequence[str]],
    scorers: Sequence[Scorer],
    tasks: Sequence[Task],
    detection: LabelledTexts | None,
    generation: GenerationConfig,
    progress: Callable[[str, int, int], None] | None,
) -> list[Measurement]:
    rows: list[Measurement] = []
    intervention, name = setting.intervention, setting.intervention.name

    def told(what: str) -> Callable[[int, int], None] | None:
        return None if progress is None else lambda done, whole: progress(f"{name}: {what}", done, whole)

    for domain, asked in prompts.items():
        continued = generate(
            loaded,
            [prompt.text for prompt in asked],
            intervention,
            setting.strengths,
            generation,
            progress=told(domain),
        )
        for scorer in scorers:
            table = PromptTable.of(domain, asked, continued, score_generations(continued, scorer))
            rows += prompt_measurements([table], _origin(loaded, name, scorer))
    for domain, documents in texts.items():
        table_of_costs = language_model_cost(
            loaded, documents, intervention, setting.strengths, domain=domain,
            progress=told(f"cross-entropy on {domain}"),
        )  # fmt: skip
        rows += document_measurements([table_of_costs], _origin(loaded, name, None))
    if tasks:
        answers = evaluate_tasks(loaded, tasks, intervention, setting.strengths, progress=told("tasks"))
        rows += answer_measurements([answers], _origin(loaded, name, None))
    if detection is not None:
        asked_itself = zero_shot(loaded, detection, intervention, setting.strengths, progress=told("detection"))
        rows += detection_measurements(asked_itself, _origin(loaded, name, None))
        if name == "base":
            probed = linear_probe(loaded, detection, progress=told("reads texts"))
            rows += detection_measurements(probed, _origin(loaded, name, None))
    return rows


def _origin(loaded: LanguageModel, method: str, scorer: Scorer | None) -> Origin:
    """A model from elsewhere has no share and no budget of toxic data that we know of."""
    return Origin(
        cell=loaded.name,
        share=math.nan,
        budget="",
        method=method,
        code=version("hormesis"),
        scorer=scorer.name if scorer else None,
        scorer_revision=scorer.revision if scorer else None,
    )
