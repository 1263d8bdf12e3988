"""Kill -9 at every stage of a run, its start-up included: the same command then ends with the same bits.

Moments are counted in operations on files (:mod:`benchmarks.soak.moments`), so that each is as likely to be struck as
another, a rename as the minutes of training. A results folder is killed once in every part, then run to its end.
"""

from __future__ import annotations

import random
import shutil
import time
from pathlib import Path

from benchmarks.soak.moments import Moment, Trap
from benchmarks.soak.runs import Ended, Run, World, start, start_as_a_user, temporary_folder, undisturbed
from benchmarks.soak.small_study import digest, left_over, plant, touched
from benchmarks.soak.tally import Count, Tally

_KILLS = 120
_START_UP = "start-up of a new process"
_START_UP_SECONDS = 8.0
_ORDER = (
    _START_UP, "start", "fork", "commit", "cell", "checkpoint", "start", "checkpoint", "commit",
    "cell", "fork", "cell", "commit", "report", "report", "start", "report",
)  # fmt: skip
"""What a results folder goes through; it is as a run's own order, for what is done is not done again."""
_WAIT = 0.02
_A_LITTLE = 0.2
"""Seconds within which half of the kills come after their moment: amid what follows, training and native code too."""


def run(scale: float) -> Tally:
    """See :mod:`benchmarks.soak.tally`."""
    chance, kills, count = random.Random(14), max(1, round(_KILLS * scale)), Count()
    with undisturbed(as_a_user=True) as world:
        results = world.folder / "killed"
        while count.tried.total() < kills:
            parts = iter(_ORDER[: kills - count.tried.total()])
            if all(_killed(world, results, part, chance, count) for part in parts):
                _whole(world, results, start(world.study, results).end(), count)
            shutil.rmtree(results)
    return count.tally("kills")


def _killed(world: World, results: Path, part: str, chance: random.Random, count: Count) -> bool:
    """Start, kill, and look at what is left; False where the run ended before."""
    planted = not touched(results)
    if part == _START_UP:
        process = start_as_a_user(world.study, results)
        time.sleep(chance.uniform(0, _START_UP_SECONDS))
        who = "all of it"
        done = not process.is_over
        process.kill()
    else:
        trap = Trap(Moment(part, chance.randrange(1 + world.operations[part] // _ORDER.count(part))))
        process = start(world.study, results, trap.hook)
        who = chance.choice(("all of it", "the process itself", "the parent"))
        done = _trapped(process, trap, who, chance)
        trap.close()
    end = process.end()
    done = done and end.status != 0  # a worker may have had nothing left to do
    told = f"{part}, {who}"
    if done:
        count.attempt(part)
    if remaining := process.alive(15.0):
        count.fault("left_over", f"{told}: {len(remaining)} processes stay", len(remaining))
        process.kill()
    if end.traceback or (end.status > 0 and not end.said.strip()):
        count.fault("tracebacks", f"{told}: {end.said[-400:]}")
    if not done:
        _whole(world, results, end, count)
    if planted and (missing := touched(results)):
        count.fault("foreign_touched", f"{told}: {missing}", len(missing))
    plant(results)
    return done


def _trapped(process: Run, trap: Trap, who: str, chance: random.Random) -> bool:
    """Whether the run came to the moment, and was killed."""
    while (stopped := trap.reached(_WAIT)) is None:
        if process.is_over:
            return False
    if chance.random() < 0.5:
        trap.let_go()
        time.sleep(chance.uniform(0, _A_LITTLE))
        if process.is_over:
            return False
    process.kill({"all of it": None, "the process itself": stopped, "the parent": process.pid}[who])
    return True


def _whole(world: World, results: Path, end: Ended, count: Count) -> None:
    """A run that was let alone must end well, with the same bits, and nothing left."""
    if end.status != 0:
        count.fault("tracebacks", f"after {count.tried.total()} kills it ended with {end.status}: {end.said[-400:]}")
        return
    if digest(results) != world.right:
        count.fault("silent_wrong", f"after {count.tried.total()} kills another result")
    if over := left_over(results, temporary_folder(results)):
        count.fault("left_over", f"after {count.tried.total()} kills: {over[:3]}", len(over))
