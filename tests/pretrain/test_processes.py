"""Real processes: killed with -9 at random moments, and two of them training one model."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import socket
import time
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path

import torch

from hormesis.pretrain import Checkpoint
from tests.pretrain.support import CONFIG, same_bits, train_random, weights_of

STEPS = 40
# A checkpoint every other step: most of the time of the run is spent in writing them.
DENSE = CONFIG.model_copy(update={"checkpoint_every": 2})

# The imports are paid for once: the server has them, and children are forked from it.
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["hormesis.pretrain", "tests.pretrain.support"])


def _start(target: Callable[..., object], *args: object) -> BaseProcess:
    process = _context.Process(target=target, args=args)
    process.start()
    return process


def _kill(process: BaseProcess) -> None:
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()


def _steps_logged(folder: Path) -> int:
    path = folder / "loss.jsonl"
    return path.read_text().count("\n") if path.is_file() else 0


def test_killed_at_any_moment_the_same_call_ends_with_the_same_bits(tmp_path: Path) -> None:
    whole = train_random(tmp_path / "whole", STEPS, DENSE)
    folder, moments = tmp_path / "killed", random.Random(0)
    kills = during_a_checkpoint = 0
    while kills < 6:
        process = _start(train_random, folder, STEPS, DENSE)
        before = _steps_logged(folder)
        if kills % 2:  # while a checkpoint is being written
            while process.is_alive() and not list(folder.glob("trainer/step*-tmp")):
                time.sleep(0.0005)
            time.sleep(moments.uniform(0, 0.004))
        else:
            while process.is_alive() and _steps_logged(folder) <= before:
                time.sleep(0.001)
            time.sleep(moments.uniform(0, 0.3))
        if not process.is_alive():
            break
        _kill(process)
        kills += 1
        during_a_checkpoint += bool(list(folder.glob("trainer/step*-tmp")))
    assert kills >= 3 and during_a_checkpoint >= 1
    process = _start(train_random, folder, STEPS, DENSE)
    process.join()
    assert process.exitcode == 0
    assert same_bits(weights_of(whole), weights_of(Checkpoint.open(folder)))
    assert (folder / "loss.jsonl").read_text() == (tmp_path / "whole/loss.jsonl").read_text()


def test_ctrl_c_leaves_a_checkpoint(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    process = _start(train_random, folder, 400, CONFIG.model_copy(update={"checkpoint_every": 1000}))
    while process.is_alive() and _steps_logged(folder) < 5:
        time.sleep(0.01)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGINT)
    process.join(60)
    assert process.exitcode == 1  # KeyboardInterrupt reached the caller
    assert len(list(folder.glob("trainer/step*/.metadata.json"))) == 1
    assert not (folder / "provenance.json").exists()


def _one_of_two(rank: int, port: int, folder: Path, parallel: str) -> None:
    os.environ.update(
        RANK=str(rank),
        LOCAL_RANK=str(rank),
        WORLD_SIZE="2",
        LOCAL_WORLD_SIZE="2",
        MASTER_ADDR="127.0.0.1",
        MASTER_PORT=str(port),
        NUM_NODES="1",
    )
    train_random(folder, 8, CONFIG.model_copy(update={"parallel": parallel}))


def _train_by_two(folder: Path, parallel: str) -> Checkpoint:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    processes = [_start(_one_of_two, rank, port, folder, parallel) for rank in range(2)]
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0, 0]
    return Checkpoint.open(folder)


def _losses(checkpoint: Checkpoint) -> torch.Tensor:
    lines = (checkpoint.folder.parent / "loss.jsonl").read_text().splitlines()
    return torch.tensor([json.loads(line)["loss"] for line in lines])


def test_two_processes_give_the_loss_curve_of_one(tmp_path: Path) -> None:
    one = train_random(tmp_path / "one", 8)
    both = _train_by_two(tmp_path / "ddp", "ddp")
    assert both.provenance.processes == 2
    torch.testing.assert_close(_losses(both), _losses(one), rtol=1e-4, atol=1e-4)
    for name, weight in weights_of(one).items():
        torch.testing.assert_close(weights_of(both)[name], weight, rtol=2e-2, atol=2e-3)


def test_a_sharded_model_trains_and_is_exported_whole(tmp_path: Path) -> None:
    sharded = _train_by_two(tmp_path / "fsdp", "fsdp")
    losses = _losses(sharded)
    assert len(losses) == 8
    assert losses[-1] < losses[0]
