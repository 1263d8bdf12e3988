"""``hormesis probe | geometry``: what a model's activations hold of a concept."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from hormesis.cli.options import (
    ArchitectureOption,
    BatchOption,
    ChatOption,
    ConceptLimitOption,
    ConceptOption,
    DataOption,
    DeviceOption,
    DtypeOption,
    GroupOption,
    LabelOption,
    ModelArgument,
    OutOption,
    SeedOption,
    TextColumn,
    ThresholdOption,
    TrustOption,
)
from hormesis.cli.screen import Screen

BANK = "The bank: texts of other concepts"
TRANSFER = "Transfer: does the direction carry over?"


def probe(
    screen: Screen,
    model: ModelArgument,
    concept: ConceptOption,
    column: TextColumn = None,
    label: LabelOption = None,
    threshold: ThresholdOption = None,
    group: GroupOption = None,
    limit: ConceptLimitOption = None,
    data: DataOption = None,
    out: OutOption = None,
    seed: SeedOption = 0,
    batch: BatchOption = 32,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
    chat: ChatOption = False,
    architecture: ArchitectureOption = None,
    trust_remote_code: TrustOption = False,
) -> None:
    """Probe every head and layer of a model for a concept: accuracy and AUROC with intervals, and a heat map.

    Example: `hormesis probe ./model --concept toxigen.parquet --label toxicity_human --threshold 2.5
    --group target_group --out probes/`
    """
    from hormesis.cli import inputs

    inputs.check_model(model)
    inputs.check_out(out)
    texts = inputs.concept(concept, data, text=column, label=label, threshold=threshold, group=group, limit=limit)

    from hormesis.cli.probe_tables import probe_lines
    from hormesis.workbench import gather, probe_table, write_probes

    lm = inputs.model(model, device, dtype, chat=chat, architecture=architecture, trust_remote_code=trust_remote_code)
    with screen.steps() as step:
        evidence = gather(
            lm, texts, seed=seed, batch_size=batch, progress=lambda done, whole: step("reads texts", done, whole)
        )
    table = probe_table(evidence)
    screen.say(*probe_lines(lm, texts, evidence, table))
    if out is not None:
        write_probes(out, evidence, table, f"{lm.name}: probes at the last token")
        screen.say(f"wrote {out}: probes (artefact), probes.parquet, heads.png")
    screen.result(table)


def geometry(
    screen: Screen,
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
    limit: ConceptLimitOption = None,
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
    data: DataOption = None,
    out: OutOption = None,
    seed: SeedOption = 0,
    batch: BatchOption = 32,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
    chat: ChatOption = False,
    architecture: ArchitectureOption = None,
    trust_remote_code: TrustOption = False,
) -> None:
    """How entangled is toxicity with other concepts, layer by layer? With intervals, and beside chance.

    Example: `hormesis geometry ./model --concept toxigen.parquet --label toxicity_human --threshold 2.5
    --group target_group --bank clean_reddit.parquet --bank-column source --out geometry/`
    """
    from hormesis.cli import inputs

    inputs.check_model(model)
    inputs.check_out(out)
    concepts = inputs.concept_bank(bank, data, bank_column, bank_text, bank_minimum, bank_concepts, seed)
    texts = inputs.concept(concept, data, text=column, label=label, threshold=threshold, group=group, limit=limit)
    other = inputs.second_data_set(transfer_toxic, transfer_nontoxic, data, transfer_limit)

    from hormesis.cli.geometry_tables import geometry_lines
    from hormesis.representation.geometry import SurveyConfig
    from hormesis.workbench import survey

    config = SurveyConfig(place=place, layers=tuple(layer) if layer else None, estimator=estimator, seed=seed)
    lm = inputs.model(model, device, dtype, chat=chat, architecture=architecture, trust_remote_code=trust_remote_code)
    with screen.steps() as step:
        found = survey(lm, texts, concepts, config, other=other, batch_size=batch, progress=step)
    screen.say(*geometry_lines(found, concepts))
    if out is not None:
        screen.say(f"wrote {out}: {', '.join(found.save(out))}")
    screen.result(found.rows)
