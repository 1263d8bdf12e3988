"""``hormesis attack | trigger | tamper``: can the model be made toxic again?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hormesis.cli.options import (
    RTP,
    ArtefactsOption,
    BatchOption,
    ChatOption,
    DataOption,
    DeviceOption,
    DtypeOption,
    ModelArgument,
    RowsOption,
    SamplesOption,
    SeedOption,
    TemperatureOption,
    TextLimitOption,
    TextsOption,
    TokensOption,
    TopPOption,
    TrustOption,
)
from hormesis.cli.screen import Screen

if TYPE_CHECKING:
    from hormesis.attacks import TamperingKind

StrengthOption = Annotated[float | None, typer.Option(help="for every artefact; default: its calibrated one")]
RtpOption = Annotated[str, typer.Option(help=RTP)]
ScorerOption = Annotated[str, typer.Option(help="a classifier's folder or id")]


def attack(
    screen: Screen,
    model: ModelArgument,
    goals: Annotated[str, typer.Option(help="a file with the columns `goal` and `target`, such as AdvBench")],
    artefact: ArtefactsOption = None,
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
    data: DataOption = None,
    seed: SeedOption = 0,
    batch: BatchOption = 128,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
    chat: ChatOption = False,
    trust_remote_code: TrustOption = False,
) -> None:
    """Attack a model with GCG suffixes, unsteered and under artefacts, and compare on the same goals."""
    from hormesis.attacks import GoalConfig, read_goals
    from hormesis.cli import inputs

    inputs.check_model(model)
    inputs.check_out(out)
    inputs.check_artefacts(artefact or [])
    where = inputs.place(goals, data)
    asked = read_goals(GoalConfig.model_validate({"limit": limit, "seed": seed, **where}))
    scorer = inputs.scorers([judge], None)[0] if judge else None

    from hormesis.attacks import GcgConfig
    from hormesis.cli.attack_tables import attack_table
    from hormesis.workbench import attacking

    config = GcgConfig(length=length, steps=steps, width=width, top_k=top_k, match_tokens=match, seed=seed, batch=batch)
    attacking.targets_of(artefact or [], strength)  # what is wrong with them is said before the model is loaded
    lm = inputs.model(model, device, dtype, chat=chat, trust_remote_code=trust_remote_code)
    targets = attacking.targets_of(artefact or [], strength, lm)
    with screen.steps() as step:
        rows = attacking.attack(lm, targets, asked, config, scorer, out, progress=step)
    screen.say(
        attack_table(rows),
        f"{len(asked)} goals, at most {steps} steps of width {width}; success: greedy decoding gives"
        f" {'all' if match is None else f'the first {match}'} tokens of the target; 95 % Wilson intervals; p: exact"
        " McNemar test against the unsteered model on the same goals"
        + (f"; judge {scorer.name} revision {scorer.revision}" if scorer else "; no judge"),
        f"wrote {out}: {attacking.ATTACK_FILE}, {attacking.OUTCOMES_FILE} (one line a goal)",
    )
    screen.result(rows)


def trigger(
    screen: Screen,
    model: ModelArgument,
    rtp: RtpOption,
    toxic: Annotated[str, typer.Option(help="a file of toxic texts: the continuations that the attacker wants")],
    scorer: ScorerOption,
    artefact: ArtefactsOption = None,
    strength: StrengthOption = None,
    limit: Annotated[int, typer.Option(min=2, help="held-out prompts; as many others are for the search")] = 100,
    length: Annotated[int, typer.Option(min=1, help="tokens of the trigger")] = 6,
    sweeps: Annotated[int, typer.Option(min=1, help="times that every position is tried, at most")] = 5,
    top_k: Annotated[int, typer.Option(min=1, help="tokens tried at a position")] = 20,
    examples: Annotated[int, typer.Option(min=1, help="pairs of prompt and continuation for the search")] = 64,
    samples: SamplesOption = 25,
    tokens: TokensOption = 20,
    top_p: TopPOption = 0.9,
    temperature: TemperatureOption = 1.0,
    out: Annotated[Path, typer.Option("--out", help="a folder")] = Path("trigger"),
    data: DataOption = None,
    seed: SeedOption = 0,
    batch: BatchOption = 128,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
    trust_remote_code: TrustOption = False,
) -> None:
    """Seek tokens that make any prompt go on toxically, unsteered and under artefacts; measure on held-out prompts."""
    from hormesis.cli import inputs

    inputs.check_model(model)
    inputs.check_out(out)
    inputs.check_artefacts(artefact or [])
    generation = inputs.generation(samples, tokens, top_p, temperature, seed, batch)
    sought_on, held_out = inputs.rtp_prompts(rtp, data, limit, half="tune"), inputs.rtp_prompts(rtp, data, limit)
    (judge,), wanted = inputs.scorers([scorer], None), inputs.texts([toxic], data, 10_000)

    from hormesis.attacks import TriggerConfig
    from hormesis.cli.attack_tables import trigger_table
    from hormesis.workbench import attacking

    config = TriggerConfig(length=length, sweeps=sweeps, top_k=top_k, examples=examples, seed=seed, batch=batch)
    attacking.targets_of(artefact or [], strength)  # what is wrong with them is said before the model is loaded
    lm = inputs.model(model, device, dtype, trust_remote_code=trust_remote_code)
    targets = attacking.targets_of(artefact or [], strength, lm)
    with screen.steps() as step:
        rows = attacking.trigger(
            lm, targets, sought_on, wanted, {"rtp": held_out}, config, judge, generation, out, progress=step
        )
    screen.say(
        trigger_table(rows),
        f"triggers of {length} tokens, sought on {examples} pairs, measured on held-out prompts; 95 % paired bootstrap"
        f" over prompts; {judge.name} revision {judge.revision}",
        f"wrote {out}: {attacking.TRIGGER_FILE}, {attacking.TRIGGERS_FILE}",
    )
    screen.result(rows)


def tamper(
    screen: Screen,
    model: ModelArgument,
    rtp: RtpOption,
    scorer: ScorerOption,
    artefact: ArtefactsOption = None,
    strength: StrengthOption = None,
    benign: Annotated[str | None, typer.Option(help="a file of clean texts to fine-tune on")] = None,
    toxic: Annotated[str | None, typer.Option(help="a file of toxic texts to fine-tune on")] = None,
    steps: Annotated[list[int] | None, typer.Option(min=1, help="beside 0; repeat; default: 5 to 200")] = None,
    texts: Annotated[
        int, typer.Option("--train-limit", "--texts", min=1, help="texts of each kind to fine-tune on")
    ] = 1000,
    examples: Annotated[int, typer.Option(min=1, help="texts of a step")] = 16,
    learning_rate: Annotated[float, typer.Option(help="at its peak")] = 1e-4,
    rank: Annotated[int | None, typer.Option(min=1, help="of LoRA; default: all weights are trained")] = None,
    limit: Annotated[int, typer.Option(min=2, help="prompts, half of them toxic")] = 100,
    text: TextsOption = None,
    documents: TextLimitOption = 100,
    samples: SamplesOption = 25,
    tokens: TokensOption = 20,
    top_p: TopPOption = 0.9,
    temperature: TemperatureOption = 1.0,
    out: Annotated[Path, typer.Option("--out", help="a folder; the same command goes on where it was killed")] = Path(
        "tamper"
    ),
    data: DataOption = None,
    seed: SeedOption = 0,
    batch: RowsOption = None,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
    trust_remote_code: TrustOption = False,
) -> None:
    """Fine-tune a model, unsteered and under artefacts, on clean or toxic text: how soon is it toxic again?"""
    from hormesis.cli import inputs
    from hormesis.errors import HormesisError

    inputs.check_model(model)
    inputs.check_out(out)
    inputs.check_artefacts(artefact or [])
    named: dict[TamperingKind, str | None] = {"benign": benign, "adversarial": toxic}
    trained_on = {kind: inputs.texts([file], data, texts) for kind, file in named.items() if file}
    if not trained_on:
        raise HormesisError("there is nothing to tamper with", "give --benign FILE, --toxic FILE, or both")
    (judge,) = inputs.scorers([scorer], out / "scores.sqlite")
    prompts, documents_of = {"rtp": inputs.rtp_prompts(rtp, data, limit)}, inputs.documents(text or [], data, documents)
    generation = inputs.generation(samples, tokens, top_p, temperature, seed, batch)

    from hormesis.attacks import TamperingConfig
    from hormesis.cli.attack_tables import recovery_shown, tamper_table
    from hormesis.evaluate import EvaluationSuite
    from hormesis.statistics import recovery_table
    from hormesis.workbench import attacking

    settings = {"batch": examples, "learning_rate": learning_rate, "rank": rank, "seed": seed}
    config = TamperingConfig.model_validate(settings | ({"steps": tuple(steps)} if steps else {}))
    attacking.targets_of(artefact or [], strength)  # what is wrong with them is said before the model is loaded
    lm = inputs.model(model, device, dtype, trust_remote_code=trust_remote_code)
    targets = attacking.targets_of(artefact or [], strength, lm)
    with screen.steps() as step:
        rows, figures = attacking.tamper(
            lm,
            targets,
            trained_on,
            config,
            EvaluationSuite(prompts, documents_of, [judge], generation=generation),
            out,
            progress=step,
        )
    screen.say(tamper_table(rows, list(prompts), list(documents_of)))
    if len(recovery := recovery_table(rows)):
        screen.say(recovery_shown(recovery))
    screen.say(
        f"{'all weights' if rank is None else f'LoRA of rank {rank}'}, {examples} examples a step, peak learning rate"
        f" {learning_rate:g}; {samples} continuations a prompt; 95 % intervals over prompts and documents;"
        f" {judge.name} revision {judge.revision}",
        f"wrote {out}: {attacking.TAMPER_FILE}, {len(figures)} figures",
    )
    screen.result(rows)
