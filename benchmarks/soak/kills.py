"""Kill -9 at every stage of a run, its start-up included: the same command then ends with the same bits."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from benchmarks.soak.small_study import alive, digest, ended, left_over, start, undisturbed
from benchmarks.soak.tally import Tally

_KILLS = 120
_EXAMPLES = 20
Moment = Callable[[Path, int], bool]
"""Whether it has come, by the results folder and the process of the run."""


def _any(pattern: str) -> Moment:
    return lambda results, _process: next(results.glob(pattern), None) is not None


def _forked(_results: Path, process: int) -> bool:
    return bool(_children(process))


MOMENTS: dict[str, tuple[Moment, float]] = {
    "while it imports": (lambda _results, _process: True, 3.0),
    "in a fork": (_forked, 1.5),
    "in a cell": (_any("work/*/progress.json"), 2.0),
    "in training": (_any("work/pretrain-*/trainer"), 3.0),
    "in a checkpoint": (_any("work/pretrain-*/trainer/step*-tmp"), 0.02),
    "in a commit": (_any("work/*/cell.json"), 0.01),
    "after a commit": (_any("cells/*/cell.json"), 0.5),
    "in a report": (_any(".*.tmp"), 0.3),
}
"""What is waited for, and for how many seconds after it the kill may come."""
_WHO = ("parent", "worker", "all")


def run(scale: float) -> Tally:
    """See :mod:`benchmarks.soak.tally`."""
    moments, kills = random.Random(14), max(1, round(_KILLS * scale))
    tracebacks = wrong = left = killed = 0
    examples: list[str] = []
    with undisturbed() as (folder, study, right):
        results = folder / "killed"
        while True:
            name = list(MOMENTS)[killed % len(MOMENTS)]
            who = _WHO[killed // len(MOMENTS) % len(_WHO)]
            process = start(study, results)
            done = killed >= kills or not _kill(process, results, name, who, moments)
            end = ended(process, results)
            if remaining := alive(process.pid, 15.0):
                left += len(remaining)
                examples.append(f"{name}, {who}: {len(remaining)} processes stay")
            if end.traceback:
                tracebacks += 1
                examples.append(f"{name}, {who}: {end.said[-300:]}")
            killed += not done
            if end.status != 0:
                continue
            if digest(results) != right:
                wrong += 1
                examples.append(f"after {killed} kills another result")
            if over := left_over(results):
                left += len(over)
                examples.append(f"left over: {over[:3]}")
            if killed >= kills:
                break
            shutil.rmtree(results)
    return Tally("kills", killed, tracebacks, wrong, 0, left, tuple(examples[:_EXAMPLES]))


def _kill(process: subprocess.Popen[str], results: Path, name: str, who: str, moments: random.Random) -> bool:
    """Whether the run was killed; it may have ended before."""
    moment, seconds = MOMENTS[name]
    while not moment(results, process.pid):
        if process.poll() is not None:
            return False
        time.sleep(0.001)
    time.sleep(moments.uniform(0, seconds))
    if process.poll() is not None:
        return False
    workers = _children(process.pid)
    if who == "all":
        os.killpg(process.pid, signal.SIGKILL)
    elif who == "worker" and workers:
        os.kill(moments.choice(workers), signal.SIGKILL)
    else:
        os.kill(process.pid, signal.SIGKILL)
    return True


def _children(process: int) -> list[int]:
    try:
        return [child.pid for child in psutil.Process(process).children()]
    except psutil.Error:
        return []
