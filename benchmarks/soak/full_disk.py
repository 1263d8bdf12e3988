"""A disk that is full at some moment of a run: an error with its fix, and the same bits once there is room.

In three ways: a disk in memory that is too small; one that is filled by another at a moment, and freed after; files
that may not become longer, which needs no right to mount.
"""

from __future__ import annotations

import errno
import os
import random
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.soak.moments import PARTS, Moment, Trap
from benchmarks.soak.runs import Ended, World, start, temporary_folder, undisturbed, undrawn
from benchmarks.soak.small_study import digest, left_over, plant, touched
from benchmarks.soak.tally import Count, Tally

_EACH = {"a disk of a size": 6, "files of a size": 4, "a disk filled at a moment": 14}
_ROOM = 128 << 20
_OF_ALL, _OF_LONGEST = 4.0, 3.0
"""Checkpoints, which are removed in the end, are larger than what is left: sizes go up to this much of that."""
_WAIT = 0.02
_BLOCK = bytes(1 << 16)


def run(scale: float) -> Tally:
    """See :mod:`benchmarks.soak.tally`."""
    count = Count()
    with undisturbed() as world:
        sizes = [path.stat().st_size for path in (world.folder / "undisturbed").rglob("*") if path.is_file()]
        for kind, most in _EACH.items():
            number = max(1, round(most * scale))
            for each in range(number):
                share = (each + 0.5) / number
                place = world.folder / f"disk-{kind.split()[-1]}-{each}"
                if kind == "files of a size":
                    place.mkdir()
                    _full(world, count, kind, _short_files(world, place, int(share * _OF_LONGEST * max(sizes))), share)
                    shutil.rmtree(place)
                    continue
                with _mounted(
                    place, int(share * _OF_ALL * sum(sizes)) if kind == "a disk of a size" else _ROOM
                ) as disk:
                    if disk is None:
                        continue
                    small = kind == "a disk of a size"
                    _full(world, count, kind, _small(world, disk) if small else _filled(world, disk, each), share)
    return count.tally("full disk")


@dataclass(frozen=True)
class _Tried:
    """A run on a disk that was full.

    :param room: makes room.
    :param draws: whether what was drawn may be half there.
    """

    results: Path
    end: Ended
    room: Callable[[], object]
    draws: bool = False


def _full(world: World, count: Count, kind: str, tried: _Tried | None, share: float) -> None:
    """Count it, and run again with room."""
    if tried is None:
        return
    results, end = tried.results, tried.end
    told = f"{kind}, {share:.0%}"
    count.attempt(kind)
    if end.traceback:
        count.fault("tracebacks", f"{told}: {end.said[-400:]}")
    elif end.status not in (0, 1) or (end.status == 1 and not end.says("disk is full")):
        count.fault("tracebacks", f"{told}: ended with {end.status} and no word of the disk: {end.said[-400:]}")
    tried.room()
    plant(results)
    again = start(world.study, results, prepare=None if tried.draws else undrawn).end()
    if again.status != 0 or digest(results) != world.right:
        count.fault("silent_wrong", f"{told}: with room it ended with {again.status}: {again.said[-400:]}")
    elif over := left_over(results, temporary_folder(results)):
        count.fault("left_over", f"{told}: {over[:3]}", len(over))
    if (results / "notes.txt").exists() and (missing := touched(results)):
        count.fault("foreign_touched", f"{told}: {missing}", len(missing))


def _short_files(world: World, place: Path, size: int) -> _Tried:
    """No file may become longer: the nearest to a full disk that anybody may have."""
    results = place / "results"
    limit = (size, resource.getrlimit(resource.RLIMIT_FSIZE)[1])
    end = start(world.study, results, prepare=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit)).end()
    return _Tried(results, end, lambda: None)


def _small(world: World, disk: Path) -> _Tried:
    """A disk that holds a part of what a run needs, and is made larger then."""
    results = disk / "results"
    command = ["mount", "-o", f"remount,size={_ROOM}", str(disk)]
    return _Tried(results, start(world.study, results).end(), lambda: subprocess.run(command, check=True))


def _filled(world: World, disk: Path, number: int) -> _Tried | None:
    """A disk that another fills when the run comes to a moment; None where it ended before."""
    results, ballast = disk / "results", disk / "ballast"
    part = PARTS[number % len(PARTS)]
    trap = Trap(Moment(part, random.Random(number).randrange(world.operations[part])))
    run = start(world.study, results, trap.hook)
    while trap.reached(_WAIT) is None and not run.is_over:
        pass
    reached = not run.is_over
    _fill(ballast)
    trap.let_go()
    end = run.end()
    trap.close()
    return _Tried(results, end, ballast.unlink, part == "report") if reached else None


def _fill(ballast: Path) -> None:
    file = os.open(ballast, os.O_WRONLY | os.O_CREAT)
    try:
        while True:
            os.write(file, _BLOCK)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
    finally:
        os.close(file)


@contextmanager
def _mounted(place: Path, size: int) -> Iterator[Path | None]:
    """A disk in memory; None where this user may mount none."""
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={max(size, 1 << 16)}", "tmpfs", str(place)]
    mounted = shutil.which("mount") is not None and subprocess.run(command, capture_output=True).returncode == 0
    try:
        yield place if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", str(place)], check=True)
        place.rmdir()
