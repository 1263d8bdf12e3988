"""Runs of the command line, each a fork of this process, which has imported what a study imports: seconds each.

:func:`undisturbed` warms up. A fork calls the same ``main()`` as ``hormesis study run`` does; its workers are forks,
too, where a user's are started anew (:func:`start_as_a_user` does that).
"""

from __future__ import annotations

import contextlib
import importlib
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.soak.moments import Hook, Record, install
from benchmarks.soak.small_study import digest, write_study

_TIMEOUT = 300.0
_FORKED = {"TOKENIZERS_PARALLELISM": "false", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
"""Pools of threads do not survive a fork."""
_LARGE = (
    "hormesis.cli.study",
    "hormesis.report.write",
    "olmo_core.train",
    "sklearn.linear_model",
    "transformers.trainer",
)
"""What takes longest to import: once here, instead of in the first run, too."""


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit status (negative: the signal), and all that it said."""

    status: int
    said: str

    @property
    def traceback(self) -> bool:
        """Whether a person would have seen one."""
        return "Traceback (most recent call last)" in self.said

    def says(self, words: str) -> bool:
        """Whether it said so, wherever lines were broken."""
        return words in " ".join(self.said.split())


class Run:
    """A run under way, in a session of its own; what it says goes to a file beside its results."""

    def __init__(self, pid: int, said: Path) -> None:
        self.pid = pid
        self._said = said
        self._status: int | None = None

    @property
    def is_over(self) -> bool:
        """Whether it ended."""
        if self._status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._status = os.waitstatus_to_exitcode(status)
        return self._status is not None

    def end(self) -> Ended:
        """Wait for it, not for ever; what it said is taken away."""
        until = time.monotonic() + _TIMEOUT
        while not self.is_over:
            if time.monotonic() > until:
                os.killpg(self.pid, signal.SIGKILL)
                raise TimeoutError(f"it did not end in {_TIMEOUT} s: {self._said.read_text(encoding='utf-8')[-500:]}")
            time.sleep(0.005)
        said = self._said.read_text(encoding="utf-8", errors="replace")
        self._said.unlink()
        assert self._status is not None
        return Ended(self._status, said)

    def kill(self, who: int | None = None) -> None:
        """Kill -9: one process, or all of the session."""
        with contextlib.suppress(ProcessLookupError):
            if who is None:
                os.killpg(self.pid, signal.SIGKILL)
            else:
                os.kill(who, signal.SIGKILL)

    def workers(self) -> list[int]:
        """Its children."""
        try:
            return [child.pid for child in psutil.Process(self.pid).children()]
        except psutil.Error:
            return []

    def alive(self, within: float = 5.0) -> list[int]:
        """Processes of its session that are still there after some seconds."""
        until = time.monotonic() + within
        while (found := _of_session(self.pid)) and time.monotonic() < until:
            time.sleep(0.02)
        return found


@dataclass(frozen=True)
class World:
    """A folder, the study in it, and what a run of it gives when nothing goes wrong (``folder/undisturbed``).

    :param right: the digest of that.
    :param operations: how many it did to files, by part.
    """

    folder: Path
    study: Path
    right: str
    operations: Counter[str]


@contextlib.contextmanager
def undisturbed(*, as_a_user: bool = False) -> Iterator[World]:
    """Import what a study imports, and run it.

    :param as_a_user: once more as a user would; both must give the same.
    :raises RuntimeError: they do not, or the run fails.
    """
    os.environ.update(_FORKED)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place).resolve()
        study, results = write_study(folder), folder / "undisturbed"
        _import(_LARGE)
        record = Record(folder / "operations.txt")
        end = start(study, results, record.hook).end()
        if end.status:
            raise RuntimeError(f"an undisturbed run failed: {end.said[-500:]}")
        right = digest(results)
        if as_a_user:
            end = start_as_a_user(study, folder / "spawned").end()
            if end.status or digest(folder / "spawned") != right:
                raise RuntimeError(f"a run of new processes gives something else: {end.said[-500:]}")
            shutil.rmtree(folder / "spawned")
        operations, imported = record.read()
        _import(imported)
        yield World(folder, study, right, operations)


def _import(modules: Iterable[str]) -> None:
    for name in modules:
        with contextlib.suppress(ImportError, AttributeError):  # what is looked for, and not there
            importlib.import_module(name)


def start(
    study: Path, results: Path, hook: Callable[[Path], Hook] | None = None, prepare: Callable[[], None] | None = None
) -> Run:
    """``hormesis study run`` as a fork.

    :param hook: of audit events, made in the run.
    :param prepare: called in the run before anything else.
    """
    said, arguments = _said(study, results), _arguments(study, results)
    temporary_folder(results).mkdir(parents=True, exist_ok=True)
    pid = os.fork()
    if not pid:
        _be(arguments, said, temporary_folder(results), hook and (lambda: install(hook(results))), prepare)
    return Run(pid, said)


def start_as_a_user(study: Path, results: Path) -> Run:
    """The same as a new process, which imports what it needs and starts its workers anew."""
    said, temporary = _said(study, results), temporary_folder(results)
    temporary.mkdir(parents=True, exist_ok=True)
    with said.open("a", encoding="utf-8") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", *_arguments(study, results)],
            stdout=file, stderr=file, start_new_session=True, env=os.environ | {"TMPDIR": str(temporary)},
        )  # fmt: skip
    process.returncode = 0  # it is waited for here
    return Run(process.pid, said)


def undrawn() -> None:
    """For ``prepare``: nothing is drawn at the end, which takes most of a run's time and is compared with nothing."""
    from hormesis.study.results import report

    report.draw_report = lambda store, **_: store.folder


def temporary_folder(results: Path) -> Path:
    """Where a run puts temporary files: beside its results, so that a disk holds both."""
    return results.with_name(f"{results.name}.temporary")


def _be(
    arguments: Sequence[str],
    said: Path,
    temporary: Path,
    begin: Callable[[], None] | None,
    prepare: Callable[[], None] | None,
) -> None:
    """Become the run; never returns."""
    code = 1
    try:
        os.setsid()
        file = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(file, 1)
        os.dup2(file, 2)
        tempfile.tempdir = str(temporary)
        os.environ["TMPDIR"] = str(temporary)
        of = multiprocessing.get_context
        multiprocessing.get_context = lambda method=None: of("fork" if method == "spawn" else method)  # type: ignore[assignment]
        if prepare is not None:
            prepare()
        if begin is not None:
            begin()
        sys.argv = list(arguments)
        from hormesis.cli import main

        main()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _arguments(study: Path, results: Path) -> list[str]:
    return ["hormesis", "study", "run", str(study), "--results", str(results), "--workers", "2", "--threads", "1"]


def _of_session(session: int) -> list[int]:
    found = []
    for process in psutil.process_iter(["pid", "status"]):
        try:
            ours = os.getsid(process.info["pid"]) == session and process.info["status"] != psutil.STATUS_ZOMBIE
        except (OSError, psutil.Error):
            continue
        found += [process.info["pid"]] if ours else []
    return found


def _said(study: Path, results: Path) -> Path:
    """Beside the study, for the disk of the results may be full."""
    return study.with_name(f"{results.parent.name}-{results.name}.said.txt")
