"""Runs cells on a Ray cluster: a cell is a task that writes to a folder that all nodes see, and returns its name.

Ray places tasks, and starts those again whose worker or node died; a cell then goes on from its last checkpoint
(:mod:`~hormesis.study.engine.attempts`). A worker that says nothing for :data:`SILENCE_SECONDS` gets a second one
beside it: whichever commits first is the cell. Nothing but names comes back, so that the driver may die at any time.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import re
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import psutil

from hormesis.errors import HormesisError
from hormesis.optional import needed_for
from hormesis.study.engine.attempts import ALIVE_FILE, AttemptStore, last_sign_of_life, withdraw
from hormesis.study.engine.cell import Cell
from hormesis.study.engine.devices import Device
from hormesis.study.engine.executor import Ended, attempt
from hormesis.study.engine.failures import Blame, Failure
from hormesis.study.engine.store import Store

log = logging.getLogger(__name__)

SILENCE_SECONDS = 120.0
_BEAT_SECONDS = 5.0
_LOOK_SECONDS = 5.0
_WAIT_FOR_NEEDS = 60.0
_RETRIES = 4
_LIBRARIES_BYTES = 1_000_000_000
_CLIENT_PORT = "10001"
_STORAGE = frozenset(
    {errno.ESTALE, errno.EIO, errno.ETIMEDOUT, errno.EHOSTDOWN, errno.EHOSTUNREACH, errno.ENOTCONN, errno.ECONNRESET}
)


class AttemptFailedError(Exception):
    """A cell failed by itself, or by its input: Ray does not try again."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure)
        self.failure = failure


class InfrastructureError(AttemptFailedError):
    """The storage, the network or a signal from outside ended a cell: Ray tries again, elsewhere."""


@dataclass(frozen=True)
class Demand:
    """What a task asks for.

    :param threads: CPUs, and compute threads.
    :param device: as the study says it: ``auto`` takes GPUs where the cluster has some.
    :param gpus_per_cell: the share of one that a cell has then.
    :param memory: bytes by cell name, beside the libraries'.
    :param most: cells at once, at most; None: what the cluster has room for.
    """

    threads: int = 1
    device: str = "cpu"
    gpus_per_cell: float = 1.0
    memory: Mapping[str, int] = field(default_factory=dict)
    most: int | None = None


@dataclass
class _Running:
    """The tasks of one cell; the second one is there where the first fell silent."""

    cell: Cell[Any]
    tasks: list[Any]
    began: float
    sign: int | None = None
    since: float = 0.0


def address_of(on: str) -> str | None:
    """The cluster that ``--on`` names: None is a running local one, or that of ``RAY_ADDRESS``, or a new one here.

    :raises HormesisError: it names something else.
    """
    found = re.fullmatch(r"ray(?:://([^\s/]+:(\d+)))?", on)
    if found is None:
        raise HormesisError(f"no place {on!r} to run on", "write `ray`, or `ray://HOST:PORT`, as `ray start` prints it")
    if found[2] == _CLIENT_PORT:
        raise HormesisError(
            f"{found[1]} is the port of Ray's client, through which no folder is shared",
            "start the study on a node of the cluster, with the address that `ray start --head` prints (HOST:6379)",
        )
    return found[1]


class RayExecutor:
    """The :class:`~hormesis.study.engine.executor.Executor` of a cluster.

    :param results: a folder that all nodes see under this path.
    :param root: the same of data; the folder that relative paths are read against.
    :param silence: seconds without a sign of life after which a cell gets a second worker.
    :raises HormesisError: Ray is not installed, or there is no cluster at ``address``.
    """

    def __init__(
        self,
        address: str | None,
        results: Path,
        root: Path | None,
        demand: Demand,
        *,
        silence: float = SILENCE_SECONDS,
    ) -> None:
        with needed_for("running on a cluster"):
            import ray
        self._ray: Any = ray
        self._silence, self._demand = silence, demand
        self._store = Store(results.absolute())
        self._root = (root or Path()).absolute()
        self._ours = not ray.is_initialized()
        if self._ours:
            _connect(address)
        there = self._ray.cluster_resources().get("GPU", 0.0) > 0
        if demand.device.startswith("cuda") and not there:
            fix = "write `execution: {device: auto}` into the study, or start Ray where there are some"
            raise HormesisError(f"`execution.device` is {demand.device}, and the cluster has no GPU", fix)
        self._gpus = demand.gpus_per_cell if there and demand.device != "cpu" else 0.0
        self._task = ray.remote(run_on_node)
        self._running: dict[str, _Running] = {}
        self._looked = time.monotonic()

    @property
    def room(self) -> int:
        """Twice what the cluster could run at once, so that one that grows by demand sees some."""
        cpus = self._ray.cluster_resources().get("CPU", 1.0)
        most = self._demand.most or 2 * max(1, int(cpus // self._demand.threads))
        return max(0, most - len(self._running))

    def submit(self, cell: Cell[Any]) -> None:
        """See :class:`~hormesis.study.engine.executor.Executor`."""
        if not self._store.is_complete(cell):
            withdraw(self._store, cell)
        self._running[cell.name] = _Running(cell, [self._begin(cell)], time.monotonic())

    def _begin(self, cell: Cell[Any]) -> Any:
        wanted = self._demand.memory.get(cell.name, 0) + _LIBRARIES_BYTES
        task = self._task.options(
            name=cell.label,
            num_cpus=self._demand.threads,
            num_gpus=self._gpus,
            memory=min(wanted, self._largest_memory()),
            max_retries=_RETRIES,
            retry_exceptions=[InfrastructureError],
            scheduling_strategy="SPREAD",
        )
        return task.remote(cell, str(self._store.folder), str(self._root), self._demand.threads, self._gpus)

    def _largest_memory(self) -> int:
        """A task that asks for more than any node has would wait for ever."""
        nodes = (node["Resources"].get("memory", 0) for node in self._ray.nodes() if node["Alive"])
        return int(max(nodes, default=_LIBRARIES_BYTES))

    def wait(self, seconds: float) -> Sequence[Ended]:
        """See :class:`~hormesis.study.engine.executor.Executor`."""
        self._look_after_the_silent()
        waiting = [task for running in self._running.values() for task in running.tasks]
        self._ray.wait(waiting, num_returns=1, timeout=seconds)
        done, _ = self._ray.wait(waiting, num_returns=len(waiting), timeout=0)
        ended = []
        for running in [one for one in self._running.values() if any(task in done for task in one.tasks)]:
            finished = next(task for task in running.tasks if task in done)
            failure = self._failure(finished)
            running.tasks.remove(finished)
            if failure is not None and failure.blame is Blame.WORKER and running.tasks:
                continue  # its second worker is at it
            self._cancel(running)
            del self._running[running.cell.name]
            ended.append(Ended(running.cell.name, time.monotonic() - running.began, failure))
        return ended

    def _failure(self, task: Any) -> Failure | None:
        try:
            self._ray.get(task)
        except self._ray.exceptions.RayTaskError as error:
            cause = error.cause
            return cause.failure if isinstance(cause, AttemptFailedError) else Failure.of(error, self._store.folder)
        except self._ray.exceptions.RayError as error:
            fix = "run the same command again: it resumes; `ray status` and Ray's logs say what became of its nodes"
            said = str(error).strip().splitlines()
            what = f"its worker died {_RETRIES + 1} times ({type(error).__name__}: {said[0] if said else 'no reason'})"
            return Failure.of_worker(type(error).__name__, what, fix)
        return None

    def _look_after_the_silent(self) -> None:
        now = time.monotonic()
        if now - self._looked < min(_LOOK_SECONDS, self._silence / 2):
            return
        self._looked = now
        for running in self._running.values():
            sign = last_sign_of_life(self._store, running.cell)
            if sign != running.sign or sign is None:  # by our own clock: those of two machines differ
                running.sign, running.since = sign, now
            elif now - running.since > self._silence and len(running.tasks) < 2:
                log.warning("%s has been silent for %.0f s: it gets a second worker", running.cell.label, self._silence)
                running.tasks.append(self._begin(running.cell))
                running.since = now

    def _cancel(self, running: _Running) -> None:
        for task in running.tasks:
            with suppress(self._ray.exceptions.RayError):
                self._ray.cancel(task, force=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for running in self._running.values():
            self._cancel(running)
        if self._ours:
            self._ray.shutdown()


def _connect(address: str | None) -> None:
    import ray

    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        ray.init(address=address or "auto", log_to_driver=False, logging_level=logging.ERROR)
    except (ConnectionError, RuntimeError, ValueError) as error:
        if address is not None or "RAY_ADDRESS" in os.environ:
            where = address or os.environ["RAY_ADDRESS"]
            raise HormesisError(
                f"there is no Ray cluster at {where} ({error})", "start one (`ray start --head`), or give its address"
            ) from error
        cores = psutil.cpu_count() or 1
        ray.init(num_cpus=cores, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)


def run_on_node(cell: Cell[Any], results: str, root: str, threads: int, gpus: float) -> str:
    """What a task is: one attempt at a cell, on whatever node.

    :returns: the cell's name.
    :raises AttemptFailedError: it failed.
    """
    from hormesis.study.engine.worker import prepare_libraries

    if not gpus:
        Device().take()
    prepare_libraries(threads)
    shared = Store(Path(results))
    if shared.is_complete(cell):
        return cell.name
    _wait_for_needs(shared, cell)
    store = AttemptStore(shared.folder, cell, _caches(shared.folder))
    with _signs_of_life(store.attempt / ALIVE_FILE):
        ended = attempt(cell, shared.folder, Path(root), "cuda" if gpus else "cpu", store=store)
    if ended.failure is None:
        return cell.name
    if not _resumes(cell):
        store.drop()
    infrastructure = ended.failure.blame is Blame.WORKER or ended.failure.errno in _STORAGE
    raise (InfrastructureError if infrastructure else AttemptFailedError)(ended.failure)


def _resumes(cell: Cell[Any]) -> bool:
    """Whether what a failed attempt left is of use."""
    from hormesis.study.engine.kind import kind_of

    return kind_of(cell).resumes


def _wait_for_needs(store: Store, cell: Cell[Any]) -> None:
    """A node may see a commit some seconds after another made it: its file system keeps what it knew."""
    deadline = time.monotonic() + _WAIT_FOR_NEEDS
    while missing := [need.label for need in cell.needs.values() if not store.is_complete(need)]:
        if time.monotonic() > deadline:
            fix = "give --results a folder that every node sees under the same path"
            told = Failure.of_worker("MissingNeeds", f"this node does not see {', '.join(missing)}", fix)
            raise InfrastructureError(told)
        time.sleep(1.0)


@contextmanager
def _signs_of_life(file: Path) -> Iterator[None]:
    """Touch a file now and then, for as long as this process can."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(_BEAT_SECONDS):
            with suppress(OSError):
                os.utime(file)

    thread = threading.Thread(target=beat, name="signs of life", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _caches(results: Path) -> Path:
    """A folder of this machine's own, the same for all cells of a results folder."""
    name = hashlib.sha256(str(results).encode()).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"hormesis-caches-{os.getuid()}-{name}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder
