"""The toy: all members at once against the same members one after another, step for step, in turn."""

from __future__ import annotations

import time
from statistics import median

import torch

from benchmarks.result import BenchmarkResult
from hormesis.toy.chains import World, build_world
from hormesis.toy.model import Decoder, initial_parameters
from hormesis.toy.setting import Setting
from hormesis.toy.training import (
    Members,
    TrainingProgress,
    _Batches,
    _optimiser,
    _rate,
    one_hot_tokens,
    train,
)

TARGET = 8.0
STEPS_ALONE = 200


def _seconds_alone(world: World, setting: Setting) -> float:
    """Seconds a step of one member as an ordinary training loop: no vmap, no compiler (it does not pay alone)."""
    config = setting.training
    decoder, (inputs, targets) = Decoder(setting.model, stacked=False), one_hot_tokens(world)
    parameters = {
        name: value.requires_grad_() for name, value in initial_parameters(setting.model, world.config, 0).items()
    }
    optimiser = _optimiser(list(parameters.values()), config)
    started = time.perf_counter()
    weights = _Batches(world, Members((setting.shares[0],), (0,)), config.batch_sequences).draw(STEPS_ALONE)
    for step in range(STEPS_ALONE):
        optimiser.zero_grad()
        torch.autograd.backward((decoder.losses(parameters, inputs, targets) * weights[step, 0]).sum())
        for group in optimiser.param_groups:
            group["lr"] = _rate(config, step)
        optimiser.step()
    return (time.perf_counter() - started) / STEPS_ALONE


def run(quick: bool) -> list[BenchmarkResult]:
    """9 shares × 20 seeds of the default setting: one batched step against 180 single steps.

    The two take turns within one process: after each stretch of batched steps the single steps are timed. The
    first stretch, which waits for the compiler, is left out and named in the note. ``quick`` takes fewer turns.
    """
    setting = Setting()
    world, members = build_world(setting.world), Members.cross(setting.shares, setting.seed_numbers)
    turns = 3 if quick else 7
    stretch = 50
    ratios: list[float] = []
    together: list[float] = []
    resumed = time.perf_counter()
    first = 0.0

    def take_turn(progress: TrainingProgress) -> None:
        nonlocal resumed, first
        seconds = time.perf_counter() - resumed
        if progress.step == stretch:
            first = seconds
            _seconds_alone(world, setting)
        else:
            together.append(seconds / stretch)
            ratios.append(len(members) * _seconds_alone(world, setting) / together[-1])
        resumed = time.perf_counter()

    training = setting.training.model_copy(update={"steps": (turns + 1) * stretch})
    train(world, setting.model, training, members, compiled=True, progress=take_turn)
    whole = first + median(together) * (setting.training.steps - stretch)
    note = (
        f"{len(members)} members (9 shares × 20 seeds), {torch.get_num_threads()} thread(s); the whole setting of "
        f"{setting.training.steps} steps takes {whole:.0f} s here, {first:.0f} s of it until the first {stretch} steps "
        "are compiled and done (aim: 180 s on 2 idle cores)"
    )
    return [BenchmarkResult("toy/members at once", median(ratios), TARGET, ratios, note)]
