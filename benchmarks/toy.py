"""The toy: all members at once against the same members one after another."""

from __future__ import annotations

import statistics
import time

import torch

from benchmarks.result import BenchmarkResult
from hormesis.toy.chains import World, build_world
from hormesis.toy.model import Decoder, initial_parameters
from hormesis.toy.setting import Setting
from hormesis.toy.training import Members, TrainingConfig, _Batches, _optimiser, _rate, one_hot_tokens, train

TARGET = 8.0


def _seconds_together(world: World, setting: Setting, members: Members, steps: int) -> float:
    """Seconds a step for all members at once, without the compiler's start: the difference of two lengths."""
    config = setting.training
    durations = []
    for length in (steps, 2 * steps):
        started = time.perf_counter()
        train(world, setting.model, config.model_copy(update={"steps": length}), members, compiled=True)
        durations.append(time.perf_counter() - started)
    return (durations[1] - durations[0]) / steps


def _seconds_alone(world: World, setting: Setting, steps: int) -> float:
    """Seconds a step of one member as an ordinary training loop, without vmap."""
    config: TrainingConfig = setting.training
    decoder, (inputs, targets) = Decoder(setting.model, stacked=False), one_hot_tokens(world)
    parameters = {
        name: value.requires_grad_() for name, value in initial_parameters(setting.model, world.config, 0).items()
    }
    optimiser = _optimiser(list(parameters.values()), config)
    started = time.perf_counter()
    weights = _Batches(world, Members((setting.shares[0],), (0,)), config.batch_sequences).draw(steps)
    for step in range(steps):
        optimiser.zero_grad()
        torch.autograd.backward((decoder.losses(parameters, inputs, targets) * weights[step, 0]).sum())
        for group in optimiser.param_groups:
            group["lr"] = _rate(config, step)
        optimiser.step()
    return (time.perf_counter() - started) / steps


def run(quick: bool) -> list[BenchmarkResult]:
    """9 shares × 20 seeds of the default setting: one batched step against 180 single steps, paired.

    ``quick`` measures 3 shares × 8 seeds, which is a smaller gain.
    """
    setting = Setting(shares=Setting().shares[::3], seeds=8) if quick else Setting()
    world = build_world(setting.world)
    members = Members.cross(setting.shares, setting.seed_numbers)
    steps, pairs = (20, 3) if quick else (50, 5)
    _seconds_alone(world, setting, 10)
    train(world, setting.model, setting.training.model_copy(update={"steps": 2}), members, compiled=True)
    ratios, together = [], []
    for _ in range(pairs):
        together.append(_seconds_together(world, setting, members, steps))
        ratios.append(len(members) * _seconds_alone(world, setting, 4 * steps) / together[-1])
    whole = statistics.median(together) * setting.training.steps
    note = (
        f"{len(members)} members at once against one after another, the same {setting.training.steps} steps; all "
        f"members take {whole:.0f} s here (aim: 180 s for 9 × 20 on 2 idle cores), plus up to a minute of compiling"
    )
    return [BenchmarkResult("toy/members at once", statistics.median(ratios), TARGET, ratios, note)]
