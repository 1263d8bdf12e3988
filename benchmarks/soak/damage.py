"""Damaged files and flipped bits in finished results: noticed, or without effect; never another value."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import tempfile
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.soak.runs import Ended, start, temporary_folder, undisturbed, undrawn
from benchmarks.soak.small_study import digest, left_over, plant, touched
from benchmarks.soak.tally import Count, Tally
from hormesis.errors import HormesisError
from hormesis.study.engine.store import State, Store
from hormesis.study.plan import make_plan
from hormesis.study.results.collect import collect

_BITS, _FILES = 1000, 100
_MENDED_EVERY = 10
Damage = Callable[[bytes, random.Random], bytes | None]
"""What becomes of a file; None: it is removed."""


def flipped(content: bytes, chance: random.Random) -> bytes:
    """One bit of it."""
    if not content:
        return b"\x01"
    place = chance.randrange(len(content))
    return content[:place] + bytes([content[place] ^ 1 << chance.randrange(8)]) + content[place + 1 :]


DAMAGES: tuple[Damage, ...] = (
    lambda _content, _chance: None,
    lambda _content, _chance: b"",
    lambda content, chance: content[: chance.randrange(len(content) or 1)],
    lambda content, chance: chance.randbytes(len(content)),
    lambda content, _chance: content + b"\x00",
    lambda content, _chance: bytes(len(content)),
)


def run(scale: float) -> Tally:
    """See :mod:`benchmarks.soak.tally`."""
    with undisturbed() as world:
        results = world.folder / "undisturbed"
        return damaged(
            results,
            bits=round(_BITS * scale),
            files=round(_FILES * scale),
            mend=lambda: start(world.study, results, prepare=undrawn).end(),
        )


def damaged(results: Path, *, bits: int, files: int, mend: Callable[[], Ended] | None = None) -> Tally:
    """Damage the files of finished results one after another.

    :param mend: runs the study again; asked after every tenth damaged file, for it takes a while.
    """
    chance, count = random.Random(14), Count()
    right = read(results)
    paths = [path for path in sorted(results.rglob("*")) if path.is_file() and _counts(path.relative_to(results))]
    plant(results)
    damages = [flipped] * bits + [DAMAGES[number % len(DAMAGES)] for number in range(files)]
    for number, damage in enumerate(damages):
        path = chance.choice(paths)
        kind = "flipped bits" if damage is flipped else "damaged files"
        told = f"{path.relative_to(results)} ({'bit' if damage is flipped else f'damage {DAMAGES.index(damage)}'})"
        content, before = path.read_bytes(), path.stat().st_mtime_ns
        new = damage(content, chance)
        path.unlink() if new is None else path.write_bytes(new)
        mends = mend is not None and damage is not flipped and number % _MENDED_EVERY == 0
        count.attempt(f"{kind}, and the run that mends them" if mends else kind)
        try:
            found = read(results)
        except HormesisError:
            found = None
        except Exception:
            count.fault("tracebacks", f"{told}: {traceback.format_exc()[-300:]}")
            found = None
        if found is not None and found.differs(right):
            count.fault("silent_wrong", f"{told}: other values")
        if mend is not None and mends:
            _mended(results, mend(), right, told, count)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, ns=(before, before))
    return count.tally("damaged files and bits")


def _mended(results: Path, end: Ended, right: Read, told: str, count: Count) -> None:
    """A run over damaged results mends them, or says which file is damaged and what to do."""
    if end.traceback:
        count.fault("tracebacks", f"{told}: {end.said[-300:]}")
    if end.status == 0 and read(results).differs(right):
        count.fault("silent_wrong", f"{told}: the run did not mend it: {end.said[-300:]}")
    if end.status != 0 and not end.says("fix:"):
        count.fault("tracebacks", f"{told}: the run ended with {end.status}: {end.said[-300:]}")
    if over := left_over(results, temporary_folder(results)):
        count.fault("left_over", f"{told}: {over[:3]}", len(over))
    if missing := touched(results):
        count.fault("foreign_touched", f"{told}: {missing}", len(missing))


@dataclass(frozen=True)
class Read:
    """What a run or a report takes from results: the hash of their tables, and of the artefacts of complete cells."""

    tables: str
    artefacts: dict[str, str]

    def differs(self, right: Read) -> bool:
        """Whether anything has another value; a cell that is not complete runs again before it is read."""
        others = [name for name, content in self.artefacts.items() if right.artefacts.get(name, content) != content]
        return bool(others) or self.tables != right.tables


def read(results: Path) -> Read:
    """All that is read of results.

    :raises HormesisError: damage that was noticed.
    """
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / "results"  # reading the tables of cells writes those of the results
        shutil.copytree(results, copy, ignore=shutil.ignore_patterns("figures", "tables", "report.html", "trainer"))
        store = Store(copy)
        plan = make_plan(store.study(), None, recorded=store.recorded_data())
        measured = store.measured_cells()
        rerun = [cell.name for cell in plan.cells if store.state(cell, measured) is State.DAMAGED]
        if rerun:
            raise HormesisError(f"damaged: {', '.join(rerun)}", "they run again")
        collect(plan, store)
        complete = [cell for cell in plan.cells if store.is_complete(cell)]
        return Read(digest(copy), {cell.name: _content(store.cell_folder(cell)) for cell in complete})


def _content(folder: Path) -> str:
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name not in ("cell.json", ".lock"):
            found.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes())
    return found.hexdigest()


def _counts(path: Path) -> bool:
    """Whether results are read from it: the page and its figures are drawn anew, locks hold nothing."""
    drawn: Sequence[str] = ("figures", "tables")
    return path.parts[0] not in drawn and path.name not in (
        ".lock",
        "report.html",
        "summary.json",
        "scores.sqlite.lock",
    )
