"""``hormesis generate | evaluate``: a model with and without artefacts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from hormesis.cli.options import (
    RTP,
    ArchitectureOption,
    ArtefactsOption,
    ChatOption,
    DataOption,
    DeviceOption,
    DtypeOption,
    ModelArgument,
    OutOption,
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


def generate(
    screen: Screen,
    model: ModelArgument,
    prompt: Annotated[list[str], typer.Option(help="a prompt to continue; repeat the option")],
    artefact: Annotated[Path, typer.Option("--with", help="what `hormesis detox` wrote")],
    strength: Annotated[float | None, typer.Option(help="default: the calibrated one")] = None,
    samples: SamplesOption = 1,
    tokens: TokensOption = 40,
    top_p: TopPOption = 0.9,
    temperature: TemperatureOption = 1.0,
    seed: SeedOption = 0,
    batch: RowsOption = None,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
    chat: ChatOption = False,
    trust_remote_code: TrustOption = False,
) -> None:
    """Continue prompts with and without an artefact, side by side, from the same random numbers."""
    from hormesis.cli import inputs

    settings = inputs.generation(samples, tokens, top_p, temperature, seed, batch, strengths=2)
    inputs.check_model(model)
    inputs.check_artefacts([artefact])

    from rich.table import Table

    from hormesis.detox import METHODS, load_intervention
    from hormesis.workbench import side_by_side
    from hormesis.workbench.artefacts import strengths_of

    intervention = load_intervention(artefact)
    (chosen,) = strengths_of(artefact, intervention, None if strength is None else [strength])
    lm = inputs.model(model, device, dtype, chat=chat, trust_remote_code=trust_remote_code)
    pairs = side_by_side(lm, prompt, load_intervention(artefact, lm), chosen, settings)
    name = intervention.name + (f", strength {chosen:g}" if METHODS[intervention.name].uses_strength else "")
    for text, (before, after) in zip(prompt, pairs, strict=True):
        table = Table("unsteered", name, title=text, title_justify="left", show_lines=True)
        for left, right in zip(before, after, strict=True):
            table.add_row(left, right)
        screen.say(table)
    screen.result(
        [
            {"prompt": text, "unsteered": before, "steered": after}
            for text, (before, after) in zip(prompt, pairs, strict=True)
        ]
    )


def evaluate(
    screen: Screen,
    model: ModelArgument,
    artefact: ArtefactsOption = None,
    strength: Annotated[
        list[float] | None, typer.Option(help="for every artefact; repeat; default: its calibrated one")
    ] = None,
    rtp: Annotated[str | None, typer.Option(help=RTP)] = None,
    toxigen: Annotated[str | None, typer.Option(help="a file of ToxiGen prompts (columns prompt, kind, group)")] = None,
    limit: Annotated[int, typer.Option(min=2, help="prompts of each, half of them toxic")] = 300,
    text: TextsOption = None,
    documents: TextLimitOption = 200,
    scorer: Annotated[list[str] | None, typer.Option(help="a classifier's folder or id; repeat for several")] = None,
    tasks: Annotated[
        str | None,
        typer.Option(help="capability tasks, such as blimp,arc_easy; files in --data", show_default=False),
    ] = None,
    task_limit: Annotated[int, typer.Option(min=1, help="questions of each task, drawn in proportion")] = 200,
    toxigen_detection: Annotated[
        str | None, typer.Option(help="ToxiGen's annotated texts: can the model tell the toxic ones?")
    ] = None,
    detection_labels: Annotated[
        Literal["sum", "human"], typer.Option(help="toxic: AI + human score > 5.5, or human score ≥ 2.5")
    ] = "sum",
    detection_limit: Annotated[int, typer.Option(min=20, help="texts of them, drawn at random")] = 1000,
    samples: SamplesOption = 25,
    tokens: TokensOption = 20,
    top_p: TopPOption = 0.9,
    temperature: TemperatureOption = 1.0,
    data: DataOption = None,
    out: OutOption = None,
    seed: SeedOption = 0,
    batch: RowsOption = None,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
    chat: ChatOption = False,
    architecture: ArchitectureOption = None,
    trust_remote_code: TrustOption = False,
) -> None:
    """Measure a model with and without artefacts: toxicity on RTP and ToxiGen prompts, cross-entropy and KL on text,
    accuracy on capability tasks, and whether it can tell toxic texts itself.
    """
    from hormesis.cli import inputs

    inputs.check_model(model)
    inputs.check_out(out)
    inputs.check_artefacts(artefact or [])
    prompts = {
        **({"rtp": inputs.rtp_prompts(rtp, data, limit)} if rtp else {}),
        **({"toxigen": inputs.toxigen_prompts(toxigen, data, limit)} if toxigen else {}),
    }
    texts = inputs.documents(text or [], data, documents)
    questions = inputs.tasks(tasks, data, task_limit)
    judged = inputs.detection(toxigen_detection, data, detection_labels, detection_limit)
    judges = inputs.scorers(scorer or [], out / "scores.sqlite" if out else None)
    settings = inputs.generation(samples, tokens, top_p, temperature, seed, batch, strengths=len(strength or [0]))

    from hormesis.cli.measured_tables import evaluation_lines
    from hormesis.workbench import evaluate_artefacts

    lm = inputs.model(model, device, dtype, chat=chat, architecture=architecture, trust_remote_code=trust_remote_code)
    with screen.steps() as step:
        rows, figures = evaluate_artefacts(
            lm, artefact or [], strength, prompts=prompts, texts=texts, scorers=judges, tasks=questions,
            detection=judged, generation=settings, out=out, progress=step,
        )  # fmt: skip
    screen.say(*evaluation_lines(rows, list(prompts), list(texts), [task.name for task in questions]))
    notes = [f"{samples} continuations of at most {tokens} tokens"] if prompts else []
    notes += ["95 % intervals over prompts, documents and questions"]
    screen.say("; ".join([*notes, *(f"{judge.name} revision {judge.revision}" for judge in judges)]))
    if out is not None:
        screen.say(f"wrote {out}: measurements.parquet, {len(figures)} figures")
    screen.result(rows)
