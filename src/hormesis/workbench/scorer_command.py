"""``hormesis pairs | scorer | scorer-report``: scorers, how far they can be trusted, and what is ranked by them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from hormesis.workbench.command_options import DeviceOption, DtypeOption, ModelArgument, OutOption
from hormesis.workbench.progress import terminal


def pairs(
    model: ModelArgument,
    rtp: Annotated[str, typer.Option(help="prompts: a file with `prompt`, `prompt_toxicity`, or `rtp` from the hub")],
    scorer: Annotated[str, typer.Option(help="a classifier's folder or id; not one that evaluates the result")],
    out: Annotated[Path, typer.Option("--out", help="a .jsonl file for the pairs")],
    limit: Annotated[int, typer.Option(min=2, help="prompts, half of them toxic")] = 1000,
    samples: Annotated[int, typer.Option(min=2, help="continuations of a prompt")] = 8,
    tokens: Annotated[int, typer.Option(min=1, help="new tokens of a continuation")] = 20,
    margin: Annotated[float, typer.Option(min=0, help="the least difference of scores in a pair")] = 0.2,
    seed: int = 1,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
) -> None:
    """Rank a model's own continuations for `hormesis detox --method dpo-ranked --pairs … --pair-prompt prompt`."""
    from hormesis.evaluate import GenerationConfig
    from hormesis.workbench import actions, options

    (judge,) = options.scorers([scorer], None)
    settings = GenerationConfig(samples=samples, max_new_tokens=tokens, seed=seed)
    prompts = options.rtp_prompts(rtp, limit, half="tune")
    actions.pairs(terminal(), actions.opened(model, device, dtype), prompts, judge, settings, margin, out)


def scorer(
    toxic: Annotated[list[str], typer.Option(help="a file or dataset of toxic texts; repeat")],
    nontoxic: Annotated[list[str], typer.Option(help="a file or dataset of other texts; repeat")],
    out: Annotated[Path, typer.Option("--out", help="a folder for the scorer")],
    limit: Annotated[int, typer.Option(min=20, help="texts read of each file")] = 50_000,
    half: Annotated[
        Literal["first", "second"] | None,
        typer.Option(help="only this half of the texts, by their hash: two scorers then share no text"),
    ] = None,
    encoder: Annotated[
        str | None, typer.Option(help="fine-tune this Hugging Face encoder (folder or hub id) instead of n-grams")
    ] = None,
) -> None:
    """Fit a toxicity scorer on your own labelled texts, offline, and say how well it tells them apart.

    It counts n-grams, or is any encoder, fine-tuned (--encoder). Give results both, fitted on different halves.
    """
    from hormesis.workbench import actions, options

    toxic_texts, others = (options.texts(names, limit, half) for names in (toxic, nontoxic))
    actions.fit_scorer(terminal(), toxic_texts, others, out, encoder)


def scorer_report(
    scorer: Annotated[list[str], typer.Argument(metavar="SCORER...", help="folders or ids of classifiers")],
    reference: Annotated[
        str, typer.Option(help="texts with Perspective's scores: a file of RealToxicityPrompts, or `rtp` from the hub")
    ],
    limit: Annotated[int | None, typer.Option(min=40, help="rows read of it")] = None,
    out: OutOption = None,
) -> None:
    """Hold scorers against Perspective: ranks, AUROC, calibration, a map to its scale; and against each other."""
    from hormesis.corpus import read_scored_texts
    from hormesis.workbench import options, scorer_report

    config = options.reference(reference, limit)
    texts = read_scored_texts(config)
    judges = options.scorers(scorer, out / "scores.sqlite" if out else None)
    scorer_report.report(terminal(), judges, texts, config.name, out)
