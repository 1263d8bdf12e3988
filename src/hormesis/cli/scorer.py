"""``hormesis scorer | scorer-report``: scorers, and how far they can be trusted."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from hormesis.cli.options import DataOption, OutOption
from hormesis.cli.screen import Screen


def scorer(
    screen: Screen,
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
    clean: Annotated[
        list[str] | None,
        typer.Option(help="texts that models will write like: it is also checked on their beginnings; repeat"),
    ] = None,
    words: Annotated[int, typer.Option(min=1, help="of a beginning: about as many as models will write")] = 15,
    plain: Annotated[
        bool, typer.Option("--plain", help="take texts as they are: their length, spelling, and the groups they name")
    ] = False,
    accept_scorer: Annotated[
        bool, typer.Option("--accept-scorer", help="write it even if it judges something else than toxicity")
    ] = False,
    batch: Annotated[
        int | None, typer.Option("--batch", min=1, help="texts of a step of --encoder; default: 32")
    ] = None,
    data: DataOption = None,
) -> None:
    """Fit a toxicity scorer on your own labelled texts, offline, and say what it calls toxic.

    It counts n-grams, or is any encoder, fine-tuned (--encoder). Give results both, fitted on different halves. Give
    --nontoxic twice: texts of the toxic ones' own sites, or it learns the site; and ordinary ones.
    """
    from hormesis.cli import inputs

    bad, other = (inputs.texts(names, data, limit, half) for names in (toxic, nontoxic))
    cut = inputs.beginnings(clean or [], data, words)

    from hormesis.cli.scorer_tables import behaviour_lines
    from hormesis.workbench import fit_scorer

    with screen.steps() as step:
        made = fit_scorer(
            bad, other, out, encoder, clean=cut, robust=not plain, accept=accept_scorer, batch=batch,
            progress=lambda done, whole: step("fits", done, whole),
        )  # fmt: skip
    fitted, auroc = made.scorer, made.auroc
    screen.say(*behaviour_lines(made.behaviour))
    screen.say(
        f"wrote {out}: {fitted.name} revision {fitted.revision}, fitted on {len(bad):,} toxic and {len(other):,}"
        f" other texts; AUROC {auroc:.3f} on a tenth of them that it did not see"
    )
    screen.result(
        {
            "scorer": out, "name": fitted.name, "revision": fitted.revision, "auroc": auroc, "toxic": len(bad),
            "other": len(other), "behaviour": made.behaviour, "cautions": made.behaviour.cautions,
        }
    )  # fmt: skip


def scorer_report(
    screen: Screen,
    scorer: Annotated[list[str], typer.Argument(metavar="SCORER...", help="folders or ids of classifiers")],
    reference: Annotated[
        str, typer.Option(help="texts with Perspective's scores: a file of RealToxicityPrompts, or `rtp` from the hub")
    ],
    limit: Annotated[int | None, typer.Option(min=40, help="rows read of it")] = None,
    batch: Annotated[
        int | None, typer.Option("--batch", min=1, help="texts of a classifier's forward pass; default: 64")
    ] = None,
    data: DataOption = None,
    out: OutOption = None,
) -> None:
    """Hold scorers against Perspective: ranks, AUROC, calibration, a map to its scale; and against each other."""
    from hormesis.cli import inputs
    from hormesis.corpus import read_scored_texts

    inputs.check_out(out)
    config = inputs.reference(reference, data, limit)
    texts = read_scored_texts(config)
    judges = inputs.scorers(scorer, out / "scores.sqlite" if out else None, batch)

    from hormesis.cli.scorer_tables import comparison_lines
    from hormesis.workbench import compare_scorers

    found = compare_scorers(judges, texts, config.name)
    screen.say(*comparison_lines(found))
    if out is not None:
        found.save(out)
        screen.say(f"wrote {out}: measurements.parquet, reliability.png, a scale_*.json a scorer")
    screen.result({"reference": found.rows, "pairs": found.pairs})
