"""What a worker process does first: it imports little, so that it is under control before it imports much."""

from __future__ import annotations

import ctypes
import logging
import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from hormesis.study.engine.devices import Device

_PR_SET_PDEATHSIG = 1


@contextmanager
def deaf_to_interrupts() -> Iterator[None]:
    """Processes started within do not hear Ctrl-C, from their first instruction on: it reaches the whole group, and the
    parent decides. One that comes meanwhile reaches this process afterwards."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def start_worker(threads: int, device: Device) -> None:
    """Make this process a worker, which lives no longer than its parent.

    :param threads: of each computation.
    :param device: its own.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _die_with_parent()
    device.take()
    prepare_libraries(threads)


def prepare_libraries(threads: int) -> None:
    """Import the large libraries, with so many threads, and silent."""
    import tqdm  # type: ignore[import-untyped]

    # tqdm's own lock is a semaphore of the system, which a killed worker would leave behind.
    tqdm.tqdm.set_lock(threading.RLock())
    logging.getLogger("olmo_core").setLevel(logging.ERROR)  # it warns of what is meant here
    logging.getLogger("olmo_core.train.trainer").setLevel(logging.CRITICAL)  # what it logs as an error, it raises
    import torch
    from transformers.utils import logging as transformers_logging

    torch.set_num_threads(threads)
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # the study has its own
    transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    warnings.filterwarnings("ignore", "torch.distributed is disabled", UserWarning)


def _die_with_parent() -> None:
    """A worker whose parent was killed must not go on writing: the folder's lock died with the parent."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    if sys.platform == "linux":  # at once, whatever it does; a thread waits while a large library is loaded
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent.pid:
            os._exit(1)

    def watch() -> None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, name="parent watch", daemon=True).start()
