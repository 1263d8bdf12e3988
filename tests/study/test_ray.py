"""A study on a Ray cluster of this machine: the rows of a run in one place, whatever becomes of workers and nodes.

On loopback alone: ``RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER=0`` keeps Ray from looking for another address of this machine.
"""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from hormesis.errors import HormesisError
from hormesis.measurements import read_measurements
from hormesis.study.engine.on_ray import Demand, RayExecutor, address_of
from hormesis.study.engine.run import run_cells
from hormesis.study.engine.store import Store
from hormesis.study.opened import OpenStudy, Unwatched
from tests.study.running import run_here
from tests.study.trials import End, attempts, known, trials


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two nodes of one CPU each."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
        environment.setenv("RAY_USAGE_STATS_ENABLED", "0")
        environment.setenv("OMP_NUM_THREADS", "1")
        # Only now: Ray reads the environment when it is imported.
        pytest.importorskip("ray", reason="Ray is an extra: pip install 'hormesis[cluster]'")
        from ray.cluster_utils import Cluster

        found: Any = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
        found.add_node(num_cpus=1)
        yield found
        found.shutdown()


@contextmanager
def _meanwhile(trouble: Callable[[], bool]) -> Iterator[None]:
    """``trouble`` is made as soon as it can be (when it returns True)."""
    over = threading.Event()

    def make() -> None:
        while not over.wait(0.02) and not trouble():
            pass

    thread = threading.Thread(target=make)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_dead_sleeping_and_ill_workers_lose_nothing_and_no_cell_is_committed_twice(
    cluster: Any, tmp_path: Path
) -> None:
    seen, store = tmp_path / "seen", Store(tmp_path / "results")
    ends: dict[str, End] = {"shot": "is killed once", "asleep": "sleeps once", "ill": "raises", "sound": "well"}
    cells = [cell for cell in trials(seen, ends) if cell.label in ends or cell.label.startswith("ill")]
    asleep = next(cell for cell in cells if cell.label == "asleep")
    store.claim()
    committed: dict[str, bytes] = {}

    def wake() -> bool:
        """The sleeper, when its second worker has finished."""
        if not (place := store.folder / "cells" / asleep.name / "COMMIT.json").exists():
            return False
        committed[asleep.name] = place.read_bytes()
        sleeper = min((seen / "asleep").iterdir()).name.partition("-")[2]
        os.kill(int(sleeper), signal.SIGCONT)
        return True

    with known(), _meanwhile(wake):
        executor = RayExecutor(cluster.address, store.folder, None, Demand(), silence=3.0)
        failed = run_cells(cells, store, executor, Unwatched())
        assert [(one.what, one.attempts, len(one.skipped)) for one in failed] == [("ill", 2, 2)]
        assert "the drum has no skin" in failed[0].problem and "trials.py" in failed[0].log.read_text()
        times = attempts(seen)
        assert {name: times[name] for name in ends} == {"shot": 2, "asleep": 2, "ill": 2, "sound": 1}
        assert all(store.is_complete(cell) for cell in cells if cell.label[:3] != "ill")
    time.sleep(1.0)
    assert committed == {name: (store.folder / "cells" / name / "COMMIT.json").read_bytes() for name in committed}
    commits = {path.parent.name: json.loads(path.read_text())["attempt"] for path in store.folder.glob("cells/*/*")}
    assert commits[cells[0].name] == commits[asleep.name] == "2"


def test_a_lost_node_and_a_killed_worker_change_no_row(cluster: Any, tiny_text: str, tmp_path: Path) -> None:
    values: dict[str, Any] = yaml.safe_load(tiny_text)
    values["mixture"] |= {"shares": [0.25], "tokens": 12288}
    values["training"]["checkpoint_every"] = 2
    values |= {"seeds": [0], "methods": [], "execution": {"device": "cpu", "threads": 1}}
    wanted = _rows(run_here(values, tmp_path))
    results = tmp_path / "on ray"

    def kill() -> bool:
        for path in results.glob("attempts/pretrain-*/1/progress.json"):
            said = json.loads(path.read_text())
            if said["fraction"] > 0.2:
                os.kill(said["process"], signal.SIGKILL)
                cluster.remove_node(next(iter(cluster.worker_nodes)), allow_graceful=False)
                return True
        return False

    with _meanwhile(kill):
        opened = OpenStudy(str(tmp_path / "study.yaml"), None, results, on=f"ray://{cluster.address}")
        assert opened.run().is_file()
    assert not cluster.worker_nodes, "one of the two nodes was lost"
    pd.testing.assert_frame_equal(_rows(results), wanted)
    commits = {path.parent.name: json.loads(path.read_text()) for path in results.glob("cells/*/COMMIT.json")}
    assert set(commits) == {cell.name for cell in opened.plan.cells}
    (trained,) = (commit for name, commit in commits.items() if name.startswith("pretrain"))
    assert int(trained["attempt"]) > 1, "the first was killed"
    assert Store(results).check_files().whole == len(commits)
    assert not (results / "scores.sqlite").exists(), "no database on a folder that several machines see"
    left = sorted((path.parent.name, path.name) for path in results.glob("attempts/*/*"))
    assert left == sorted((name, commit["attempt"]) for name, commit in commits.items()), "no other attempt stays"


def _rows(results: Path) -> pd.DataFrame:
    """All rows but those that say how fast it went, and without the revision of the code."""
    rows = read_measurements(results / "measurements.parquet")
    return rows[rows["metric"] != "tokens_per_second"].drop(columns="code").reset_index(drop=True)


@pytest.mark.parametrize("wrong", ["slurm", "ray:/10.0.0.1", "ray://10.0.0.1", "ray://10.0.0.1:10001"])
def test_another_place_to_run_on_is_refused(wrong: str) -> None:
    assert address_of("ray") is None and address_of("ray://head:6379") == "head:6379"
    with pytest.raises(HormesisError):
        address_of(wrong)
