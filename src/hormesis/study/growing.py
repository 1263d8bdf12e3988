"""Studies that grow: seeds that join those of a results folder, and folders of several runs that become one.

Rows belong to cells, and cells to seeds: what earlier seeds measured stays as it is, whether or not their models are
still there, and whatever code measured it (each row says which).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pandas as pd
import yaml

from hormesis.errors import HormesisError
from hormesis.measurements.frames import read_frame, write_table
from hormesis.measurements.names import MEASUREMENTS_FILE, TABLES
from hormesis.study.arms import Seeds
from hormesis.study.config import StudyConfig, load_study, parse_study, study_text
from hormesis.study.engine.store import Store
from hormesis.study.plan import make_plan
from hormesis.study.results.outside import POOLED


def parse_seeds(text: str) -> tuple[int, ...]:
    """Numbers and ranges, such as ``4-7`` or ``4,6,8-11``.

    :raises HormesisError: something else.
    """
    found: list[int] = []
    try:
        for part in text.split(","):
            first, _, last = part.partition("-")
            found += range(int(first), int(last or first) + 1)
    except ValueError as error:
        raise HormesisError(f"seeds {text!r} are not numbers and ranges", "write such as 4-7 or 4,6,8-11") from error
    if not found or len(set(found)) != len(found):
        raise HormesisError(f"seeds {text!r} are none, or one is there twice", "write such as 4-7 or 4,6,8-11")
    return tuple(found)


def grown(study: str, store: Store, more: Sequence[int]) -> str:
    """The YAML of ``study``, with the seeds that its results folder knows and ``more``.

    :raises HormesisError: not a valid study.
    """
    known = list(load_study(study).seeds)
    if (store.folder / "study.yaml").is_file():
        known += [seeds for seeds in store.study().seeds if seeds not in known]
    known += [seeds for number in more if (seeds := Seeds.model_validate(number)) not in known]
    return _with_seeds(study_text(study), known)


def _with_seeds(text: str, seeds: Sequence[Seeds]) -> str:
    """A study's YAML with other seeds, and with its comments."""
    root = cast("yaml.MappingNode", yaml.compose(text, Loader=yaml.SafeLoader))  # a study that was read
    key, old = next((key, value) for key, value in root.value if key.value == "seeds")
    numbers = [one.init if one == Seeds.model_validate(one.init) else one.model_dump() for one in seeds]
    new = yaml.safe_dump(numbers, default_flow_style=True, width=10**6).strip()
    if old.flow_style:
        return text[: old.start_mark.index] + new + text[old.end_mark.index :]
    return f"{text[: key.end_mark.index]}: {new}\n{text[old.end_mark.index :]}"  # a list of lines ends at the next key


def merge(folders: Sequence[Path], out: Path) -> Store:
    """Write the rows of several results folders of one study into ``out``, each cell's once, and pool them anew.

    Of a cell that several folders hold, the rows of the first are taken.

    :param folders: of runs that differ in their seeds alone.
    :raises HormesisError: fewer than two, no results folders, other studies or data, or ``out`` holds something.
    """
    from hormesis.study.results.collect import collect

    if len(folders) < 2:
        raise HormesisError("one folder has nothing to be merged with", "give two or more results folders")
    if out.exists() and any(out.iterdir()):
        raise HormesisError(f"{out} is not empty", "choose another --results folder for what is merged")
    stores = [Store(folder) for folder in folders]
    studies = [store.study() for store in stores]
    for folder, study in zip(folders[1:], studies[1:], strict=True):
        if other := _differ(studies[0], study):
            raise HormesisError(
                f"{folder} is of another study than {folders[0]}: {', '.join(other)} differ",
                "merge runs of one study, which differ in their seeds alone",
            )
    seeds: list[Seeds] = []
    for study in studies:
        seeds += [one for one in study.seeds if one not in seeds]
    text = _with_seeds(study_text(str(folders[0] / "study.yaml")), seeds)
    merged = Store(out)
    merged.claim()
    with merged.writing():
        for store in stores:
            merged.remember(text, store.recorded_data())
        for file in sorted(TABLES):
            tables = [read_frame(folder / file) for folder in folders if (folder / file).is_file()]
            if tables:
                write_table(out / file, _each_once(tables))
        if not (out / MEASUREMENTS_FILE).is_file():
            raise HormesisError(f"nothing was measured in {', '.join(map(str, folders))}", "run them first")
        plan = make_plan(parse_study(text, where=str(out)), None, recorded=merged.recorded_data())
        collect(plan, merged)
    return merged


def _each_once(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The rows of each cell from the first table that has it; those over several cells are made anew."""
    seen: set[str] = {POOLED}
    parts = []
    for table in tables:
        parts.append(table[~table["cell"].isin(seen)])
        seen |= set(table["cell"])
    return pd.concat(parts, ignore_index=True)


def _differ(one: StudyConfig, other: StudyConfig) -> list[str]:
    """The sections in which two studies differ, beside what decides no result."""
    apart = {"name", "description", "seeds", "execution"}
    both = (study.model_dump(mode="json", exclude=apart) for study in (one, other))
    first, second = both
    return sorted(key for key in first.keys() | second.keys() if first.get(key) != second.get(key))
