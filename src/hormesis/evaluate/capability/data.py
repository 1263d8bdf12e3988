"""Questions from local files, and a stratified draw of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow
import pyarrow.parquet as pq

from hormesis.errors import HormesisError
from hormesis.evaluate.capability.catalogue import TASKS
from hormesis.evaluate.capability.config import CapabilityConfig
from hormesis.files import expanded
from hormesis.reprs import short_repr


@short_repr
@dataclass(frozen=True, eq=False)
class Task:
    """The questions of one benchmark that are asked.

    name: a key of ``TASKS``. rows: one mapping a question, in the columns of lm-eval's configuration. items: their
    places in the file, ascending: the same questions have the same items whatever the limit. strata, parts: one a
    question, empty where the task has none.
    """

    name: str
    rows: tuple[dict[str, object], ...]
    items: tuple[int, ...]
    strata: tuple[str, ...]
    parts: tuple[str, ...]


def load_tasks(config: CapabilityConfig, root: Path | None = None) -> tuple[Task, ...]:
    """The questions of all tasks.

    :param root: the folder that a relative ``config.folder`` is read against.
    :raises HormesisError: a task has no file, or several; a file is damaged, empty, or lacks a column.
    """
    folder = config.folder if root is None else root / config.folder
    return tuple(_load(name, find_task_file(folder, name), config) for name in config.names)


def find_task_file(folder: Path, name: str) -> Path:
    """The one Parquet file of a task, at whatever depth below ``folder``.

    :raises HormesisError: there is none, or several.
    """
    stems, place = (name, *TASKS[name].files), expanded(folder)
    found = sorted(file for file in place.rglob("*.parquet") if file.stem in stems)
    if len(found) != 1:
        listed = f": {', '.join(str(file.relative_to(place)) for file in found)}" if found else ""
        raise HormesisError(
            f"{len(found)} files of the task {name} in {folder}{listed}",
            f"put one {name}.parquet there, with the columns {', '.join(TASKS[name].columns)}",
        )
    return found[0]


def _load(name: str, path: Path, config: CapabilityConfig) -> Task:
    benchmark = TASKS[name]
    try:
        table = pq.read_table(path)
    except (pyarrow.ArrowException, OSError) as error:
        raise HormesisError(f"{path} cannot be read as Parquet ({error})", "write the file anew") from error
    table = table.rename_columns(
        [
            renamed if (renamed := benchmark.renamed.get(column)) and renamed not in table.column_names else column
            for column in table.column_names
        ]
    )
    if missing := [column for column in benchmark.columns if column not in table.column_names]:
        raise HormesisError(
            f"{path} lacks the columns {', '.join(missing)} of the task {name}",
            f"give exactly the columns of the task: {', '.join(benchmark.columns)}",
        )
    if not table.num_rows:
        raise HormesisError(f"{path} holds no question", "give a file with rows")

    def values(column: str | None) -> list[str]:
        return [str(value) for value in table[column].to_pylist()] if column else [""] * table.num_rows

    strata, parts = values(benchmark.stratum), values(benchmark.part)
    items = _drawn(strata, config.limit, config.seed)
    rows = table.select(list(benchmark.columns)).take(items).to_pylist()
    return Task(
        name,
        tuple(rows),
        tuple(int(item) for item in items),
        tuple(strata[item] for item in items),
        tuple(parts[item] for item in items),
    )


def _drawn(strata: Sequence[str], limit: int | None, seed: int) -> np.ndarray:
    """Row numbers, ascending: at most ``limit``, of each stratum in proportion; a smaller draw is part of a larger.

    Systematic sampling: the shuffled rows of a stratum stand at evenly spaced places of [0, 1), from an offset that is
    drawn for it, and the rows with the lowest places are taken.
    """
    count = len(strata)
    if limit is None or limit >= count:
        return np.arange(count)
    generator = np.random.default_rng(seed)
    places = np.empty(count)
    _, codes = np.unique(np.asarray(strata, dtype=str), return_inverse=True)
    for code in range(codes.max() + 1):
        members = generator.permutation(np.flatnonzero(codes == code))
        places[members] = (np.arange(len(members)) + generator.random()) / len(members)
    return np.sort(np.argsort(places, kind="stable")[:limit])
