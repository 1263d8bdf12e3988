"""Compare two results folders that `hormesis study report` wrote: `python -m benchmarks.compare_reports OLD NEW`.

Draw OLD with the code of before (a worktree of an older commit) and NEW with that of today, from copies of one folder.
Prints every table, column and key of the summary that differs, and exits with 1 if any does.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd


def differences(old: Path, new: Path) -> Iterator[str]:
    """What a reader of the tables, the summary, the page's words or the figures would see change."""
    names = {path.name for folder in (old, new) for path in (folder / "tables").glob("*.csv")}
    for name in sorted(names):
        yield from _of_tables(old / "tables" / name, new / "tables" / name)
    before, after = (json.loads((folder / "summary.json").read_text(encoding="utf-8")) for folder in (old, new))
    for key in sorted(before.keys() | after.keys()):
        if before.get(key) != after.get(key):
            yield f"summary.json: {key}"
    if len({(folder / "tables" / "paper.md").read_text(encoding="utf-8") for folder in (old, new)}) > 1:
        yield "paper.md"
    if len({(folder / "report.html").read_bytes() for folder in (old, new)}) > 1:
        yield "report.html"
    figures = {path.name for folder in (old, new) for path in (folder / "figures").glob("*.svg")}
    for name in sorted(figures):
        drawn = [(folder / "figures" / name) for folder in (old, new)]
        if not all(path.is_file() for path in drawn):
            yield f"figures/{name}: in one of them only"
        elif drawn[0].read_bytes() != drawn[1].read_bytes():
            yield f"figures/{name}: other bytes"


def _of_tables(old: Path, new: Path) -> Iterator[str]:
    if not (old.is_file() and new.is_file()):
        yield f"{old.name}: in one of them only"
        return
    before, after = (pd.read_csv(path, keep_default_na=False, dtype=str) for path in (old, new))
    for column in sorted(map(str, set(before) ^ set(after))):
        yield f"{old.name}: column {column} in {'OLD' if column in before else 'NEW'} only"
    if len(before) != len(after):
        yield f"{old.name}: {len(before):,} rows, then {len(after):,}"
        return
    for column in (str(column) for column in before if column in after):
        if (other := before[column] != after[column]).any():
            first = f"{before[column][other].iloc[0]} → {after[column][other].iloc[0]}"
            yield f"{old.name}: {column} in {int(other.sum()):,} of {len(before):,} rows, first {first}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    given = parser.parse_args()
    found = list(differences(given.old, given.new))
    sys.stdout.write("".join(f"{line}\n" for line in found) or "equal\n")
    sys.exit(bool(found))
