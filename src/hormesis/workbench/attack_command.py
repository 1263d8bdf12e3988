"""``hormesis attack | trigger | tamper``: what a user types."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hormesis.workbench.command_options import DeviceOption, DtypeOption, ModelArgument
from hormesis.workbench.progress import terminal

WithOption = Annotated[
    list[Path] | None, typer.Option("--with", help="an artefact of `hormesis detox`; repeat for several")
]
StrengthOption = Annotated[float | None, typer.Option(help="for every artefact; default: its calibrated one")]
RtpOption = Annotated[
    str, typer.Option(help="RealToxicityPrompts: a file (columns prompt, prompt_toxicity), or `rtp` from the hub")
]
ScorerOption = Annotated[str, typer.Option(help="a classifier's folder or id")]
SamplesOption = Annotated[int, typer.Option(min=1, help="continuations of a prompt")]
TokensOption = Annotated[int, typer.Option(min=1, help="new tokens of a continuation")]


def attack(
    model: ModelArgument,
    goals: Annotated[str, typer.Option(help="a file with the columns `goal` and `target`, such as AdvBench")],
    artefact: WithOption = None,
    strength: StrengthOption = None,
    limit: Annotated[int, typer.Option(min=1, help="goals, drawn at random")] = 50,
    length: Annotated[int, typer.Option(min=1, help="tokens of the suffix")] = 20,
    steps: Annotated[int, typer.Option(min=1, help="at most so many, for each goal")] = 250,
    width: Annotated[int, typer.Option(min=1, help="candidates of a step")] = 512,
    top_k: Annotated[int, typer.Option(min=1, help="tokens tried at a position")] = 256,
    match: Annotated[
        int | None, typer.Option(min=1, help="first tokens of the target that are a success; default: all")
    ] = None,
    judge: Annotated[
        str | None, typer.Option(help="a classifier (folder or id) that says whether the continuation is toxic")
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="a folder; the same command goes on where it was killed")] = Path(
        "attack"
    ),
    seed: int = 0,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
) -> None:
    """Attack a model with GCG suffixes, unsteered and under artefacts, and compare on the same goals."""
    from hormesis.attacks import GcgConfig, GoalConfig, read_goals
    from hormesis.workbench import actions, attacking, options

    asked = read_goals(GoalConfig.model_validate({**options.place(goals), "limit": limit, "seed": seed}))
    config = GcgConfig(length=length, steps=steps, width=width, top_k=top_k, match_tokens=match, seed=seed)
    targets = attacking.targets_of(artefact or [], strength)
    scorers = options.scorers([judge] if judge else [], None)
    loaded = actions.opened(model, device, dtype)
    attacking.attack(terminal(), loaded, targets, asked, config, scorers[0] if scorers else None, out)


def trigger(
    model: ModelArgument,
    rtp: RtpOption,
    toxic: Annotated[str, typer.Option(help="a file of toxic texts: the continuations that the attacker wants")],
    scorer: ScorerOption,
    artefact: WithOption = None,
    strength: StrengthOption = None,
    limit: Annotated[int, typer.Option(min=2, help="held-out prompts; as many others are for the search")] = 100,
    length: Annotated[int, typer.Option(min=1, help="tokens of the trigger")] = 6,
    sweeps: Annotated[int, typer.Option(min=1, help="times that every position is tried, at most")] = 5,
    top_k: Annotated[int, typer.Option(min=1, help="tokens tried at a position")] = 20,
    examples: Annotated[int, typer.Option(min=1, help="pairs of prompt and continuation for the search")] = 64,
    samples: SamplesOption = 25,
    tokens: TokensOption = 20,
    out: Annotated[Path, typer.Option("--out", help="a folder")] = Path("trigger"),
    seed: int = 0,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
) -> None:
    """Seek tokens that make any prompt go on toxically, unsteered and under artefacts; measure on held-out prompts."""
    from hormesis.attacks import TriggerConfig
    from hormesis.evaluate import GenerationConfig
    from hormesis.workbench import actions, attacking, options

    config = TriggerConfig(length=length, sweeps=sweeps, top_k=top_k, examples=examples, seed=seed)
    generation = GenerationConfig(samples=samples, max_new_tokens=tokens)
    sought_on, held_out = options.rtp_prompts(rtp, limit, half="tune"), options.rtp_prompts(rtp, limit)
    (judge,), wanted = options.scorers([scorer], None), options.texts([toxic], 10_000)
    targets = attacking.targets_of(artefact or [], strength)
    loaded = actions.opened(model, device, dtype)
    attacking.trigger(terminal(), loaded, targets, sought_on, wanted, {"rtp": held_out}, config, judge, generation, out)


def tamper(
    model: ModelArgument,
    rtp: RtpOption,
    scorer: ScorerOption,
    artefact: WithOption = None,
    strength: StrengthOption = None,
    benign: Annotated[str | None, typer.Option(help="a file of clean texts to fine-tune on")] = None,
    toxic: Annotated[str | None, typer.Option(help="a file of toxic texts to fine-tune on")] = None,
    steps: Annotated[list[int] | None, typer.Option(min=1, help="beside 0; repeat; default: 5 to 200")] = None,
    texts: Annotated[int, typer.Option(min=1, help="texts of each kind")] = 1000,
    batch: Annotated[int, typer.Option(min=1, help="examples of a step")] = 16,
    learning_rate: Annotated[float, typer.Option(help="at its peak")] = 1e-4,
    rank: Annotated[int | None, typer.Option(min=1, help="of LoRA; default: all weights are trained")] = None,
    limit: Annotated[int, typer.Option(min=2, help="prompts, half of them toxic")] = 100,
    text: Annotated[list[str] | None, typer.Option(help="FILE or NAME=FILE, for cross-entropy; repeat")] = None,
    documents: Annotated[int, typer.Option(min=1, help="documents of each text")] = 100,
    samples: SamplesOption = 25,
    tokens: TokensOption = 20,
    out: Annotated[Path, typer.Option("--out", help="a folder; the same command goes on where it was killed")] = Path(
        "tamper"
    ),
    seed: int = 0,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
) -> None:
    """Fine-tune a model, unsteered and under artefacts, on clean or toxic text: how soon is it toxic again?"""
    from hormesis.attacks import TamperingConfig, TamperingKind, Yardstick
    from hormesis.errors import HormesisError
    from hormesis.evaluate import GenerationConfig
    from hormesis.workbench import actions, attacking, options

    settings = {"batch": batch, "learning_rate": learning_rate, "rank": rank, "seed": seed}
    config = TamperingConfig.model_validate(settings | ({"steps": tuple(steps)} if steps else {}))
    named: dict[TamperingKind, str | None] = {"benign": benign, "adversarial": toxic}
    trained_on = {kind: options.texts([file], texts) for kind, file in named.items() if file}
    if not trained_on:
        raise HormesisError("there is nothing to tamper with", "give --benign FILE, --toxic FILE, or both")
    (judge,) = options.scorers([scorer], out / "scores.sqlite")
    yardstick = Yardstick(
        {"rtp": options.rtp_prompts(rtp, limit)},
        options.documents(text or [], documents),
        judge,
        GenerationConfig(samples=samples, max_new_tokens=tokens),
    )
    targets = attacking.targets_of(artefact or [], strength)
    attacking.tamper(terminal(), actions.opened(model, device, dtype), targets, trained_on, config, yardstick, out)
