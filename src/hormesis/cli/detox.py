"""``hormesis detox | pairs``: artefacts that make a model less toxic, and what some of them learn from."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from hormesis.cli.lazy import derived, field_as_option
from hormesis.cli.options import (
    RTP,
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
    RowsOption,
    SeedOption,
    TemperatureOption,
    TextColumn,
    TextLimitOption,
    ThresholdOption,
    TokensOption,
    TopPOption,
    TrustOption,
)
from hormesis.cli.screen import Screen

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo
    from transformers import PreTrainedModel

    from hormesis.workbench.artefacts import Made


_PREFIX = "method_"
"""Of a method's option whose name is one of ours."""


def _method_options() -> Iterator[inspect.Parameter]:
    """Those of all methods, each named once; a method that lacks one refuses it."""
    from hormesis.detox import METHODS

    taken = set(inspect.signature(detox).parameters)
    takers: dict[str, list[str]] = {}
    fields: dict[str, FieldInfo] = {}
    for method in METHODS.values():
        for name, field in method.choices.items():
            fields.setdefault(name, field)
            takers.setdefault(name, []).append(method.name)
    for name, field in fields.items():
        shown = [taker for taker in takers[name] if not METHODS[taker].control] or takers[name]
        note = f" ({', '.join(shown)})"
        yield field_as_option(f"{_PREFIX if name in taken else ''}{name}", field, None, "Methods", note=note)


@derived(_method_options)
def detox(
    screen: Screen,
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
    limit: ConceptLimitOption = None,
    pairs: Annotated[
        str | None,
        typer.Option(help="a file (columns neutral, toxic), such as ParaDetox, for what is fine-tuned"),
    ] = None,
    pair_prompt: Annotated[
        str | None, typer.Option(help="their column of prompts, as `hormesis pairs` writes: prompt")
    ] = None,
    text: Annotated[
        str | None, typer.Option(help="clean text (FILE) to calibrate the strength on; nothing else uses it")
    ] = None,
    documents: TextLimitOption = 200,
    target: Annotated[float, typer.Option(help="the cost that the strength is calibrated to, nats a token")] = 0.1,
    cost: Annotated[
        Literal["ce_cost", "kl_p95"], typer.Option(help="cross-entropy, or KL's 95th percentile")
    ] = "ce_cost",
    strength: Annotated[float | None, typer.Option(help="instead of calibrating; the artefact keeps it")] = None,
    bake: Annotated[
        Path | None, typer.Option(help="a folder for a plain checkpoint that acts without hormesis, on prompts, too")
    ] = None,
    control_vector: Annotated[
        Path | None, typer.Option(help="a .gguf file for llama.cpp's --control-vector (caa, pca)")
    ] = None,
    data: DataOption = None,
    seed: SeedOption = 0,
    batch: BatchOption = 32,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
    chat: ChatOption = False,
    architecture: ArchitectureOption = None,
    trust_remote_code: TrustOption = False,
    **chosen: object,
) -> None:
    """Fit methods on a model, say which modules they change, calibrate their strengths, and save them.

    Labelled texts are read once, for all methods together. An artefact is safetensors and JSON; `hormesis
    generate` and `hormesis evaluate` take it with --with.
    """
    from hormesis.cli import inputs
    from hormesis.workbench import artefacts

    inputs.check_model(model)
    methods = list(dict.fromkeys(method or ["iti"]))
    options = {name.removeprefix(_PREFIX): value for name, value in chosen.items() if value is not None}
    artefacts.check_choice(methods, options)
    if (bake is not None or control_vector is not None) and len(methods) > 1:
        raise typer.BadParameter("a baked checkpoint or control vector carries one method", param_hint="--bake")
    if strength is not None:
        artefacts.check_strengths(methods, strength)
    if bake is not None:
        artefacts.check_bake(methods[0], strength, calibrated=text is not None)
    texts = None
    if artefacts.needs_texts(methods):
        texts = inputs.concept(concept, data, text=column, label=label, threshold=threshold, group=group, limit=limit)
    clean = inputs.documents([text], data, documents) if text else {}
    learnt = inputs.pairs(pairs, data, pair_prompt)
    places = {methods[0]: out} if len(methods) == 1 else {name: out / name for name in methods}
    wanted = artefacts.StrengthChoice(target, cost, strength)
    artefacts.check_places(places.values(), bake)
    lm = inputs.model(model, device, dtype, chat=chat, architecture=architecture, trust_remote_code=trust_remote_code)
    every = []
    with screen.steps() as step:
        made = artefacts.make(
            lm, texts, options, places, [document for part in clean.values() for document in part], wanted,
            pairs=learnt, seed=seed, batch=batch, progress=step,
            tried=lambda strength, cost: step.note(f"calibrates: strength {strength:.3g} costs {cost:.3g}"),
        )  # fmt: skip
        for each in made:
            every.append(each)
            screen.say(*_lines(each, lm.model))
    if bake is not None:
        said = every[0].bake(lm, bake)
        screen.say(f"baked {bake}, which acts on every token, those of the prompt, too", *([said] if said else []))
    if control_vector is not None:
        every[0].write_control_vector(control_vector)
        screen.say(f"wrote {control_vector}: llama-cli --control-vector {control_vector}")
    screen.result(
        [
            {"method": each.method.name, "artefact": each.folder, "strength": each.strength, "calibration": each.found}
            for each in every
        ]
    )


def pairs(
    screen: Screen,
    model: ModelArgument,
    rtp: Annotated[str, typer.Option(help=RTP)],
    scorer: Annotated[str, typer.Option(help="a classifier's folder or id; not one that evaluates the result")],
    out: Annotated[Path, typer.Option("--out", help="a .jsonl file for the pairs")],
    force: Annotated[bool, typer.Option("--force", help="overwrite an existing file")] = False,
    limit: Annotated[int, typer.Option(min=2, help="prompts, half of them toxic")] = 1000,
    samples: Annotated[int, typer.Option(min=2, help="continuations of a prompt")] = 8,
    tokens: TokensOption = 20,
    top_p: TopPOption = 0.9,
    temperature: TemperatureOption = 1.0,
    margin: Annotated[float, typer.Option(min=0, help="the least difference of scores in a pair")] = 0.2,
    data: DataOption = None,
    seed: SeedOption = 1,
    batch: RowsOption = None,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
    trust_remote_code: TrustOption = False,
) -> None:
    """Rank a model's own continuations for `hormesis detox --method dpo-ranked --pairs … --pair-prompt prompt`."""
    from hormesis.cli import inputs
    from hormesis.detox import write_pairs
    from hormesis.detox.pairs import check_no_pairs
    from hormesis.errors import HormesisError

    inputs.check_model(model)
    check_no_pairs(out, replace=force)
    settings = inputs.generation(samples, tokens, top_p, temperature, seed, batch)
    (judge,) = inputs.scorers([scorer], None)
    texts = [prompt.text for prompt in inputs.rtp_prompts(rtp, data, limit, half="tune")]

    from hormesis.evaluate import own_pairs

    lm = inputs.model(model, device, dtype, trust_remote_code=trust_remote_code)
    with screen.steps() as step:
        ranked = own_pairs(
            lm, texts, judge, settings, margin=margin,
            progress=lambda done, whole: step("continues prompts", done, whole),
        )  # fmt: skip
    if not ranked:
        raise HormesisError(
            f"the continuations of none of {len(texts):,} prompts differ in their scores by {margin:g}",
            "give more prompts or --samples, or lower --margin",
        )
    write_pairs(out, ranked, replace=force)
    screen.say(
        f"wrote {out}: {len(ranked):,} pairs from {len(texts):,} prompts, ranked by {judge.name} revision"
        f" {judge.revision}; evaluate with another scorer"
    )
    screen.result({"pairs": out, "count": len(ranked), "prompts": len(texts), "scorer": judge.name})


def _lines(made: Made, model: PreTrainedModel) -> Iterator[str]:
    method = made.method
    yield f"{method.name}: {method.summary} ({method.source})"
    yield from made.description(model)
    if made.found is not None:
        found = made.found
        yield (
            f"strength {found.strength:.4g} costs {found.cost:.3g} nats a token ({found.measure}, target"
            f" {found.target:g}, {found.documents} documents)"
        )
    elif method.uses_strength and made.strength is None:
        listed = ", ".join(f"{strength:g}" for strength in method.strengths)
        yield f"not calibrated: give --text FILE of clean text; strengths to begin with: {listed}"
    yield f"wrote {made.folder}"
