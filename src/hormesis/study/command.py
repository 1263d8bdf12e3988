"""``hormesis study …`` and ``hormesis mix``: what a user types.

The libraries are imported when a command runs, not before: help and errors of usage are instant.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

app = typer.Typer(
    no_args_is_help=True,
    help="Plan, run and report a study: mix → pretrain → probe → detoxify → evaluate → trade-off.",
)

StudyArgument = Annotated[
    str, typer.Argument(metavar="STUDY", help="a YAML file, or `microworld`, the study that comes with the package")
]
ResultsArgument = Annotated[Path, typer.Argument(metavar="RESULTS", help="a results folder")]
ResultsOption = Annotated[
    Path | None, typer.Option("--results", help="the results folder; default: results/NAME of the study")
]
DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data", envvar="HORMESIS_DATA", help="what relative paths in the study are read against; default: its folder"
    ),
]
WorkersOption = Annotated[int | None, typer.Option(min=1, help="processes; default: one for each core")]
ThreadsOption = Annotated[int | None, typer.Option(min=1, help="threads of a process; default: cores / workers")]


@app.command()
def init(
    file: Annotated[Path, typer.Argument(help="where to write the study")] = Path("study.yaml"),
    force: Annotated[bool, typer.Option("--force", help="overwrite an existing file")] = False,
) -> None:
    """Write a commented study for your own data; edit it, then `hormesis study plan FILE`."""
    from hormesis.study import actions

    actions.write_template(Console(), file, force)


@app.command()
def plan(
    study: StudyArgument,
    data: DataOption = None,
    results: ResultsOption = None,
    workers: WorkersOption = None,
    threads: ThreadsOption = None,
) -> None:
    """Show the cells of a study, and the tokens, FLOPs, time and memory they take here; computes nothing."""
    from hormesis.study import actions

    actions.show_plan(Console(), actions.OpenStudy(study, data, results), workers, threads)


@app.command()
def run(
    study: StudyArgument,
    data: DataOption = None,
    results: ResultsOption = None,
    workers: WorkersOption = None,
    threads: ThreadsOption = None,
) -> None:
    """Run what is missing of a study, then draw its report. Stop it at any time: the same command resumes."""
    from hormesis.study import actions

    console = Console()
    try:
        page = actions.run_study(console, actions.OpenStudy(study, data, results), workers, threads)
    except actions.Interrupted:
        console.print("\nstopped. What was done is kept: the same command resumes.", highlight=False)
        raise typer.Exit(130) from None
    console.print(f"report: {page.resolve()}", highlight=False, soft_wrap=True)


@app.command()
def check(study: StudyArgument, data: DataOption = None, results: ResultsOption = None) -> None:
    """Look for the evaluation's texts among the rows of training, scorers and tuning; `study run` does it first.

    Shows counts, and names files and rows, never a text. Tolerances are `checks` in the study.
    """
    from hormesis.study import actions

    actions.check_study(Console(), actions.OpenStudy(study, data, results))


@app.command()
def status(results: ResultsArgument) -> None:
    """Show which cells of a results folder are done, under way, or still to do."""
    from hormesis.study import actions

    actions.show_status(Console(), results)


@app.command()
def report(results: ResultsArgument) -> None:
    """Draw the report of a results folder again, from its measurements alone: no model is needed."""
    from hormesis.study.reporting import draw_report
    from hormesis.study.store import Store

    Console().print(f"report: {draw_report(Store(results)).resolve()}", highlight=False, soft_wrap=True)


def mix(study: StudyArgument, data: DataOption = None, results: ResultsOption = None) -> None:
    """Show the mixture of every share, in rows and tokens, before anything is trained.

    Reads and tokenises the corpus into the results folder, where `study run` finds it again.
    """
    from hormesis.study import actions

    actions.show_mixtures(Console(), actions.OpenStudy(study, data, results))
