"""One model under several interventions: how toxic its continuations are, and what each intervention costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from hormesis.corpus import LabelledTexts, Prompt
from hormesis.detox import columns_of
from hormesis.errors import HormesisError
from hormesis.evaluate import EvaluationSuite, GenerationConfig, Scorer, Setting, Task
from hormesis.evaluate import measure as measure_setting
from hormesis.measurements import Measurement, Origin, to_frame
from hormesis.models import LanguageModel


def measure(
    lm: LanguageModel,
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
    suite = EvaluationSuite(prompts, texts, scorers, tasks, detection, generation or GenerationConfig())
    names = [setting.intervention.name for setting in settings]
    if len(set(names)) != len(names):
        raise HormesisError(f"a method is measured twice: {', '.join(names)}", "put its strengths into one setting")
    every = [Setting(), *settings] if base and "base" not in names else list(settings)
    rows: list[Measurement] = []
    for setting in every:
        name = setting.intervention.name
        told = None if progress is None else lambda what, *far, name=name: progress(f"{name}: {what}", *far)
        origin = Origin(**columns_of(name), cell=lm.name, method=name)
        rows += measure_setting(lm, setting, suite, progress=told).rows(origin)
    return to_frame(rows)
