"""The process that trains: its group, its lock, its threads, and what can go wrong around it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
import torch.distributed as dist
from filelock import FileLock, Timeout
from olmo_core.distributed.utils import get_rank, init_distributed, is_distributed

from hormesis.disk import explained_by_the_disk
from hormesis.errors import HormesisError


@contextmanager
def process_group() -> Iterator[None]:
    """Joins the processes that torchrun started, and leaves a group that it found alone."""
    if is_distributed() or int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield
        return
    backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"
    init_distributed(backend=backend, shared_filesytem=True)
    try:
        yield
    finally:
        dist.destroy_process_group()


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """:raises HormesisError: another process trains in this folder."""
    if get_rank() != 0:
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / ".lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise HormesisError(
            f"another process is training in {folder}", "wait for it to end, or give another folder"
        ) from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def problems_explained(folder: Path) -> Iterator[None]:
    """Turns a full disk, a removed folder and foreign token ids into errors with a fix."""
    try:
        yield
    except (HormesisError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # PyTorch's CheckpointException is no Exception
        if (explained := explained_by_the_disk(error, folder)) is not None:
            raise explained from error
        if "outside valid range" in str(error):
            raise HormesisError(
                f"the mixture holds token ids that the tokenizer lacks: {error}",
                "tokenise the corpus with the tokenizer that is given to the training",
            ) from error
        raise


@contextmanager
def threads(count: int | None) -> Iterator[None]:
    """That many compute threads within the context; None: as it is."""
    before = torch.get_num_threads()
    if count is not None:
        torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
