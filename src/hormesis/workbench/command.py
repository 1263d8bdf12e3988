"""``hormesis probe | geometry | detox | generate | evaluate | methods | pairs | scorer | …``: what a user types.

The libraries are imported when a command runs, not before: help and errors of usage are instant.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from hormesis.workbench.attack_command import attack, tamper, trigger
from hormesis.workbench.command_options import DeviceOption, DtypeOption, ModelArgument, OutOption
from hormesis.workbench.progress import terminal
from hormesis.workbench.scorer_command import pairs, scorer, scorer_report

CONCEPT = "The concept: labelled texts"
BANK = "The bank: texts of other concepts"
TRANSFER = "Transfer: does the direction carry over?"
ConceptOption = Annotated[
    str, typer.Option(help="a file of labelled texts, or `toxigen` from the hub", rich_help_panel=CONCEPT)
]
TextColumn = Annotated[
    str | None, typer.Option("--column", help="its column of text; default: text", rich_help_panel=CONCEPT)
]
LabelOption = Annotated[
    str | None, typer.Option(help="its column of labels, numbers or booleans", rich_help_panel=CONCEPT)
]
ThresholdOption = Annotated[
    float | None, typer.Option(help="a label at or above it means toxic; default: 0.5", rich_help_panel=CONCEPT)
]
GroupOption = Annotated[
    str | None, typer.Option(help="its column of groups, which no split cuts through", rich_help_panel=CONCEPT)
]
LimitOption = Annotated[int | None, typer.Option(min=20, help="texts drawn from it", rich_help_panel=CONCEPT)]
SeedOption = Annotated[int, typer.Option(help="of the split and of random controls")]


def probe(
    model: ModelArgument,
    concept: ConceptOption,
    column: TextColumn = None,
    label: LabelOption = None,
    threshold: ThresholdOption = None,
    group: GroupOption = None,
    limit: LimitOption = None,
    out: OutOption = None,
    seed: SeedOption = 0,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
) -> None:
    """Probe every head and layer of a model for a concept: accuracy and AUROC with intervals, and a heat map.

    Example: `hormesis probe ./model --concept toxigen.parquet --label toxicity_human --threshold 2.5
    --group target_group --out probes/`
    """
    from hormesis.workbench import actions, options

    texts = options.concept(concept, text=column, label=label, threshold=threshold, group=group, limit=limit)
    actions.probe(terminal(), actions.opened(model, device, dtype), texts, out, seed)


def geometry(
    model: ModelArgument,
    concept: ConceptOption,
    bank: Annotated[str, typer.Option(help="a file or hub id whose rows name a concept", rich_help_panel=BANK)],
    bank_column: Annotated[str, typer.Option(help="its column of concepts, such as source", rich_help_panel=BANK)],
    bank_text: Annotated[str, typer.Option(help="its column of text", rich_help_panel=BANK)] = "text",
    bank_minimum: Annotated[int, typer.Option(min=6, help="texts of each concept", rich_help_panel=BANK)] = 100,
    bank_concepts: Annotated[int, typer.Option(min=2, help="at most so many concepts", rich_help_panel=BANK)] = 24,
    column: TextColumn = None,
    label: LabelOption = None,
    threshold: ThresholdOption = None,
    group: GroupOption = None,
    limit: LimitOption = None,
    transfer_toxic: Annotated[
        str | None, typer.Option(help="toxic texts of a second data set, for transfer", rich_help_panel=TRANSFER)
    ] = None,
    transfer_nontoxic: Annotated[
        str | None, typer.Option(help="other texts of the same register", rich_help_panel=TRANSFER)
    ] = None,
    transfer_limit: Annotated[int, typer.Option(min=20, help="texts of each", rich_help_panel=TRANSFER)] = 1000,
    place: Annotated[
        Literal["residual", "heads", "head"],
        typer.Option(help="the residual stream, all heads of a layer side by side, or every head on its own"),
    ] = "residual",
    layer: Annotated[list[int] | None, typer.Option(min=0, help="repeat; default: all")] = None,
    estimator: Annotated[
        Literal["mean-difference", "lda"], typer.Option(help="of directions; lda whitens by the noise")
    ] = "mean-difference",
    out: OutOption = None,
    seed: SeedOption = 0,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
) -> None:
    """How entangled is toxicity with other concepts, layer by layer? With intervals, and beside chance.

    Example: `hormesis geometry ./model --concept toxigen.parquet --label toxicity_human --threshold 2.5
    --group target_group --bank clean_reddit.parquet --bank-column source --out geometry/`
    """
    from hormesis.representation.geometry import SurveyConfig
    from hormesis.workbench import actions, options
    from hormesis.workbench.geometry import geometry as surveyed

    config = SurveyConfig(place=place, layers=tuple(layer) if layer else None, estimator=estimator, seed=seed)
    concepts = options.concept_bank(bank, bank_column, bank_text, bank_minimum, bank_concepts, seed)
    texts = options.concept(concept, text=column, label=label, threshold=threshold, group=group, limit=limit)
    other = options.second_data_set(transfer_toxic, transfer_nontoxic, transfer_limit)
    surveyed(terminal(), actions.opened(model, device, dtype), texts, concepts, config, other, out)


def detox(
    model: ModelArgument,
    method: Annotated[
        list[str] | None, typer.Option(help="see `hormesis methods`; repeat for several; default: iti")
    ] = None,
    out: Annotated[
        Path, typer.Option("--out", help="a folder for the artefact; with several methods, for a folder of each")
    ] = Path("artefact"),
    concept: ConceptOption = "toxigen",
    column: TextColumn = None,
    label: LabelOption = None,
    threshold: ThresholdOption = None,
    group: GroupOption = None,
    limit: LimitOption = None,
    heads: Annotated[int | None, typer.Option(min=1, help="edited heads; default: 30 of 256, in proportion")] = None,
    layer: Annotated[int | None, typer.Option(min=0, help="for methods on the residual stream; default: best")] = None,
    direction: Annotated[str, typer.Option(help="of ITI and its controls: mass-mean or probe-weight")] = "mass-mean",
    pairs: Annotated[
        str | None,
        typer.Option(help="a file (columns neutral, toxic), such as ParaDetox, for what is fine-tuned"),
    ] = None,
    pair_prompt: Annotated[
        str | None, typer.Option(help="their column of prompts, as `hormesis pairs` writes: prompt")
    ] = None,
    steps: Annotated[int, typer.Option(min=1, help="of each fine-tuning")] = 500,
    text: Annotated[
        str | None, typer.Option(help="clean text (FILE) to calibrate the strength on; nothing else uses it")
    ] = None,
    documents: Annotated[int, typer.Option(min=1, help="of that text")] = 200,
    target: Annotated[float, typer.Option(help="the cost that the strength is calibrated to, nats a token")] = 0.1,
    cost: Annotated[str, typer.Option(help="ce_cost (cross-entropy) or kl_p95 (KL, 95th percentile)")] = "ce_cost",
    strength: Annotated[float | None, typer.Option(help="instead of calibrating; the artefact keeps it")] = None,
    bake: Annotated[
        Path | None, typer.Option(help="a folder for a plain checkpoint that acts without hormesis, on prompts, too")
    ] = None,
    seed: SeedOption = 0,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
) -> None:
    """Fit methods on a model, say which modules they change, calibrate their strengths, and save them.

    Labelled texts are read once, for all methods together. An artefact is safetensors and JSON; `hormesis
    generate` and `hormesis evaluate` take it with --with.
    """
    from hormesis.workbench import actions, artefacts, options

    methods = list(dict.fromkeys(method or ["iti"]))
    artefacts.check_names(methods, direction, cost)
    if bake is not None and len(methods) > 1:
        raise typer.BadParameter("a baked checkpoint carries one method", param_hint="--bake")
    if strength is not None:
        artefacts.check_strengths(methods, strength)
    if bake is not None:
        artefacts.check_bake(methods[0], strength, calibrated=text is not None)
    texts = None
    if artefacts.needs_texts(methods):
        texts = options.concept(concept, text=column, label=label, threshold=threshold, group=group, limit=limit)
    clean = options.documents([text], documents) if text else {}
    artefacts.make(
        terminal(),
        actions.opened(model, device, dtype),
        texts,
        artefacts.Wish(heads, layer, direction, seed, options.pairs(pairs, pair_prompt), steps),
        {methods[0]: out} if len(methods) == 1 else {name: out / name for name in methods},
        [document for part in clean.values() for document in part],
        artefacts.Price(target, cost, strength),
        bake,
    )


def generate(
    model: ModelArgument,
    prompt: Annotated[list[str], typer.Option(help="a prompt to continue; repeat the option")],
    artefact: Annotated[Path, typer.Option("--with", help="what `hormesis detox` wrote")],
    strength: Annotated[float | None, typer.Option(help="default: the calibrated one")] = None,
    samples: Annotated[int, typer.Option(min=1, help="continuations of each prompt")] = 1,
    tokens: Annotated[int, typer.Option(min=1, help="at most so many new tokens")] = 40,
    top_p: Annotated[float, typer.Option(help="mass of the nucleus")] = 0.9,
    temperature: float = 1.0,
    seed: int = 0,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
) -> None:
    """Continue prompts with and without an artefact, side by side, from the same random numbers."""
    from hormesis.evaluate import GenerationConfig
    from hormesis.workbench import actions

    settings = GenerationConfig(samples=samples, max_new_tokens=tokens, top_p=top_p, temperature=temperature, seed=seed)
    actions.generate(terminal(), actions.opened(model, device, dtype), prompt, artefact, strength, settings)


def evaluate(
    model: ModelArgument,
    artefact: Annotated[list[Path] | None, typer.Option("--with", help="an artefact; repeat for several")] = None,
    strength: Annotated[
        list[float] | None, typer.Option(help="for every artefact; repeat; default: its calibrated one")
    ] = None,
    rtp: Annotated[
        str | None,
        typer.Option(help="RealToxicityPrompts: a file (columns prompt, prompt_toxicity), or `rtp` from the hub"),
    ] = None,
    toxigen: Annotated[str | None, typer.Option(help="a file of ToxiGen prompts (columns prompt, kind, group)")] = None,
    limit: Annotated[int, typer.Option(min=2, help="prompts of each, half of them toxic")] = 300,
    text: Annotated[
        list[str] | None, typer.Option(help="FILE or NAME=FILE of plain text, for cross-entropy and KL; repeat")
    ] = None,
    documents: Annotated[int, typer.Option(min=1, help="documents of each text")] = 200,
    scorer: Annotated[list[str] | None, typer.Option(help="a classifier's folder or id; repeat for several")] = None,
    tasks: Annotated[
        str | None, typer.Option(help="capability tasks, such as blimp,arc_easy,mmlu; needs --data", show_default=False)
    ] = None,
    data: Annotated[
        Path | None, typer.Option(envvar="HORMESIS_DATA", help="a folder with a Parquet file of each task")
    ] = None,
    task_limit: Annotated[int, typer.Option(min=1, help="questions of each task, drawn in proportion")] = 200,
    toxigen_detection: Annotated[
        str | None, typer.Option(help="ToxiGen's annotated texts: can the model tell the toxic ones?")
    ] = None,
    detection_labels: Annotated[
        Literal["sum", "human"], typer.Option(help="toxic: AI + human score > 5.5, or human score ≥ 2.5")
    ] = "sum",
    detection_limit: Annotated[int, typer.Option(min=20, help="texts of them, drawn at random")] = 1000,
    samples: Annotated[int, typer.Option(min=1, help="continuations of a prompt")] = 25,
    tokens: Annotated[int, typer.Option(min=1, help="new tokens of a continuation")] = 20,
    out: OutOption = None,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
) -> None:
    """Measure a model with and without artefacts: toxicity on RTP and ToxiGen prompts, cross-entropy and KL on text,
    accuracy on capability tasks, and whether it can tell toxic texts itself.
    """
    from hormesis.evaluate import GenerationConfig
    from hormesis.workbench import actions, options

    prompts = {
        **({"rtp": options.rtp_prompts(rtp, limit)} if rtp else {}),
        **({"toxigen": options.toxigen_prompts(toxigen, limit)} if toxigen else {}),
    }
    texts = options.documents(text or [], documents)
    questions = options.tasks(tasks, data, task_limit)
    judged = options.detection(toxigen_detection, detection_labels, detection_limit)
    judges = options.scorers(scorer or [], out / "scores.sqlite" if out else None)
    settings = GenerationConfig(samples=samples, max_new_tokens=tokens)
    loaded = actions.opened(model, device, dtype)
    actions.evaluate(
        terminal(), loaded, artefact or [], strength, prompts, texts, judges, settings, out, questions, judged
    )


def methods() -> None:
    """List recipes (before pretraining) and methods (after it): name, what it does, what it needs, source."""
    from hormesis.workbench import actions

    actions.methods(terminal())


def register(app: typer.Typer) -> None:
    """Add the commands of the workbench to ``app``."""
    looking, judging = (probe, geometry, detox, generate, evaluate), (methods, pairs, scorer, scorer_report)
    for command in (*looking, attack, trigger, tamper, *judging):
        app.command(rich_help_panel="Any model")(command)
