"""A disk that is full at some moment of a run: an error with its fix, and the same bits once there is room."""

from __future__ import annotations

import resource
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.soak.small_study import Ended, digest, left_over, undisturbed
from benchmarks.soak.small_study import run as run_study
from benchmarks.soak.tally import Tally

_MOMENTS = 24
_EXAMPLES = 20


def run(scale: float) -> Tally:
    """See :mod:`benchmarks.soak.tally`: sizes from nothing to all that a run needs."""
    moments = max(1, round(_MOMENTS * scale))
    tracebacks = wrong = left = 0
    examples: list[str] = []
    with undisturbed() as (folder, study, right):
        whole = sum(path.stat().st_size for path in (folder / "undisturbed").rglob("*") if path.is_file())
        longest = max(path.stat().st_size for path in (folder / "undisturbed").rglob("*") if path.is_file())
        for number in range(moments):
            part = (number + 0.5) / moments
            results = folder / f"full-{number}"
            by_disk = number % 2 == 0
            end = _on_a_small_disk(study, results, int(part * 1.3 * whole)) if by_disk else None
            if end is None:
                end = _with_short_files(study, results, int(part * longest))
            told = f"{'disk' if by_disk else 'files'} of {part:.0%}"
            if end.traceback:
                tracebacks += 1
                examples.append(f"{told}: {end.said[-400:]}")
            elif end.status not in (0, 1) or (end.status == 1 and "disk is full" not in end.said):
                tracebacks += 1
                examples.append(f"{told}: ended with {end.status} and no word of the disk: {end.said[-300:]}")
            again = run_study(study, results)
            if again.status != 0 or digest(results) != right:
                wrong += 1
                examples.append(f"{told}: with room it ended with {again.status}: {again.said[-300:]}")
            elif over := left_over(results):
                left += len(over)
                examples.append(f"{told}: left over {over[:3]}")
            shutil.rmtree(results)
    return Tally("full disk", moments, tracebacks, wrong, 0, left, tuple(examples[:_EXAMPLES]))


def _with_short_files(study: Path, results: Path, size: int) -> Ended:
    """No file may become longer: the nearest to a full disk that anybody may have."""
    return run_study(study, results, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)))


def _on_a_small_disk(study: Path, results: Path, size: int) -> Ended | None:
    """On a disk in memory; None where this user may mount none. What was written is kept in ``results``."""
    with _mounted(results.with_name(f"{results.name}-disk"), size) as disk:
        if disk is None:
            return None
        end = run_study(study, disk / "results")
        shutil.copytree(disk / "results", results)
        return end


@contextmanager
def _mounted(place: Path, size: int) -> Iterator[Path | None]:
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={max(size, 1 << 16)}", "tmpfs", str(place)]
    try:
        mounted = shutil.which("mount") is not None and subprocess.run(command, capture_output=True).returncode == 0
    except OSError:
        mounted = False
    try:
        yield place if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", str(place)], check=True)
        place.rmdir()
