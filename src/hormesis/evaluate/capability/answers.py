"""Asking a model all questions at all strengths."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import torch

from hormesis.detox import Intervention
from hormesis.errors import HormesisError
from hormesis.evaluate.capability.data import Task
from hormesis.measurements.answer_table import AnswerTable
from hormesis.models import LanguageModel
from hormesis.optional import needed_for


def evaluate_tasks(
    lm: LanguageModel,
    tasks: Sequence[Task],
    intervention: Intervention,
    strengths: Sequence[float],
    *,
    progress: Callable[[int, int], None] | None = None,
) -> AnswerTable:
    """Ask ``model`` every question of ``tasks`` at every strength.

    :param progress: called with (choices judged, choices), over all strengths.
    :raises HormesisError: lm-eval is not installed; no tasks or strengths; a question without a right answer, or one
        that does not fit the context.
    """
    if not tasks or not strengths:
        raise HormesisError(
            f"there are {len(tasks)} tasks and {len(strengths)} strengths to measure capability at",
            "give at least one of each; 0.0 is the unsteered model",
        )
    with needed_for("asking questions of capability"):
        from hormesis.evaluate.capability.harness import Harness
        from hormesis.evaluate.capability.steered_model import SteeredModel
    harness = Harness(tasks)
    rows = []
    for round_, strength in enumerate(strengths):

        def show(done: int, requests: int, round_: int = round_) -> None:
            if progress is not None:
                progress(round_ * requests + done, len(strengths) * requests)

        steered = SteeredModel(lm, intervention, strength, show)
        with lm.evaluating(), torch.inference_mode():
            for answer in harness.answers(steered):
                known = answer.right_normalised is not None
                rows.append(
                    {
                        "domain": answer.task,
                        "part": answer.part,
                        "item": answer.item,
                        "strength": strength,
                        "choices": answer.choices,
                        "right": float(answer.right),
                        "right_normalised": float(bool(answer.right_normalised)) if known else np.nan,
                    }
                )
    return AnswerTable(pd.DataFrame(rows))
