"""lm-eval, run in this process on questions in memory, and kept quiet."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import lm_eval.tasks
from datasets import Dataset
from lm_eval.api.model import LM
from lm_eval.evaluator import evaluate
from lm_eval.tasks import TaskManager

from hormesis.errors import HormesisError
from hormesis.evaluate.capability.catalogue import TASKS
from hormesis.evaluate.capability.data import Task

_SPLIT = "questions"


class HarnessTask(Protocol):
    """What we use of a task of lm-eval."""

    task_name: str


@dataclass(frozen=True)
class Answer:
    """To the question ``item`` of ``task``. choices: how many there were. right: whether the likeliest choice is the
    right one. right_normalised: whether the likeliest one for each character of it is; None where lm-eval does not
    count so."""

    task: str
    part: str
    item: int
    choices: int
    right: bool
    right_normalised: bool | None


class Harness:
    """The questions of ``tasks`` as tasks of lm-eval.

    :raises HormesisError: lm-eval has no configuration for one (an unknown subject).
    """

    def __init__(self, tasks: Sequence[Task]) -> None:
        self._asked: dict[str, tuple[Task, list[int]]] = {}
        members: dict[Path, list[dict[str, object]]] = {}
        known = Path(lm_eval.tasks.__path__[0])
        for task in tasks:
            benchmark = TASKS[task.name]
            places: dict[str, list[int]] = {}
            for place, stratum in enumerate(task.strata):
                places.setdefault(benchmark.config.format(stratum=stratum), []).append(place)
            for config, chosen in places.items():
                self._asked[config] = (task, chosen)
                data = {_SPLIT: Dataset.from_list([task.rows[place] for place in chosen])}
                members.setdefault(known / benchmark.folder, []).append(_override(config, data))
        self._tasks: dict[str, HarnessTask] = {}
        with quiet():
            for folder, overrides in members.items():
                manager = TaskManager(include_path=str(folder), include_defaults=False)
                if unknown := sorted({str(each["task"]) for each in overrides} - set(manager.all_subtasks)):
                    raise HormesisError(
                        f"lm-eval has no task {', '.join(unknown)}", "leave these rows out, or correct their subject"
                    )
                self._tasks |= manager.load({"group": "hormesis", "task": overrides})["tasks"]

    def answers(self, model: LM) -> Iterator[Answer]:
        """Ask ``model`` every question, by lm-eval's evaluator.

        :raises HormesisError: a question whose right answer is none of its choices.
        """
        with quiet():
            results = evaluate(model, {"tasks": self._tasks}, bootstrap_iters=0)
        for config, (task, places) in self._asked.items():
            for sample in results["samples"][config]:
                place = places[sample["doc_id"]]
                choices, target = len(sample["arguments"]), sample["target"]
                if isinstance(target, int) and not 0 <= target < choices:
                    raise HormesisError(
                        f"question {task.items[place]} of {task.name} has {choices} choices, and answer {target}",
                        "correct or leave out this row",
                    )
                normalised = sample.get("acc_norm")
                yield Answer(
                    task.name,
                    task.parts[place],
                    task.items[place],
                    choices,
                    sample["acc"] == 1,
                    None if normalised is None else normalised == 1,
                )


def _override(config: str, data: Mapping[str, Dataset]) -> dict[str, object]:
    """lm-eval's configuration ``config``, but for where its questions come from."""
    return {
        "task": config,
        "custom_dataset": partial(_given, data),
        "training_split": None,
        "validation_split": _SPLIT,
        "test_split": None,
        "fewshot_split": None,
        "fewshot_config": None,
        "num_fewshot": 0,
    }


def _given(data: Mapping[str, Dataset], **_: object) -> dict[str, Dataset]:
    return dict(data)


@contextmanager
def quiet() -> Iterator[None]:
    """Without the progress bars and the log of lm-eval."""
    log = logging.getLogger("lm_eval")
    before = log.level
    log.setLevel(logging.CRITICAL)
    try:
        with redirect_stderr(io.StringIO()):
            yield
    finally:
        log.setLevel(before)
