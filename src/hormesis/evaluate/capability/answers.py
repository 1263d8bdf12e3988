"""Asking a model all questions at all strengths, and what is kept of it: one row a question, no text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from hormesis.detox import Intervention
from hormesis.errors import HormesisError
from hormesis.evaluate.capability.data import Task
from hormesis.evaluate.tables import Schema, conform, read_table, write_table
from hormesis.models import LanguageModel
from hormesis.optional import needed_for
from hormesis.reprs import short_repr

ANSWER_SCHEMA: Schema = {
    "domain": "string",
    "part": "string",
    "item": "int64",
    "strength": "float64",
    "choices": "int64",
    "right": "float64",
    "right_normalised": "float64",
}


@short_repr
@dataclass(frozen=True, eq=False)
class AnswerTable:
    """One row for each (domain, item, strength), from which accuracies, their parts and intervals, and chance follow.

    frame: the columns of ``ANSWER_SCHEMA``. domain: the task. part: of it, such as a subject; empty without parts.
    item: the question's place in its file. choices: how many it has. right: 1 where the likeliest choice is the right
    one, else 0. right_normalised: the same of log-likelihoods divided by the characters of the choice; NaN for tasks
    that lm-eval does not count so.

    :raises HormesisError: the frame has other columns or types.
    """

    frame: pd.DataFrame

    def __post_init__(self) -> None:
        object.__setattr__(self, "frame", conform(self.frame, ANSWER_SCHEMA, "the table of answers"))

    def write(self, path: Path) -> None:
        """Write Parquet."""
        write_table(path, self.frame)

    @classmethod
    def read(cls, path: Path) -> AnswerTable:
        """Read what :meth:`write` wrote.

        :raises HormesisError: no such file, a damaged one, or other columns.
        """
        return cls(read_table(path, ANSWER_SCHEMA, "table of answers"))


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
