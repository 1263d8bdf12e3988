"""``hormesis study …``: one YAML in, one results folder out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hormesis.cli.lazy import Later, LazyGroup
from hormesis.cli.options import (
    DataOption,
    ResultsArgument,
    ResultsOption,
    SeedsOption,
    StudyArgument,
    ThreadsOption,
    WorkersOption,
)
from hormesis.cli.screen import Screen

_HERE, _DECIDE = "hormesis.cli.study", "hormesis.cli.decide"
_DECISIONS = "What the results say"
_NAMES = ("init", "plan", "mix", "check", "run", "slurm", "status", "report", "merge")
app = typer.Typer(
    cls=LazyGroup.of(
        {
            **{name: Later(f"{_HERE}:{name}") for name in _NAMES},
            **{name: Later(f"{_DECIDE}:{name}", _DECISIONS) for name in ("recommend", "power")},
        }
    ),
    no_args_is_help=True,
    add_completion=False,
    help="Plan, run and report a study: mix → pretrain → probe → detoxify → evaluate → trade-off.",
)


def _numbers(seeds: str | None) -> tuple[int, ...] | None:
    from hormesis.study.growing import parse_seeds

    return None if seeds is None else parse_seeds(seeds)


@app.callback()
def _group() -> None:
    """A group, whose help is above."""


def init(
    screen: Screen,
    file: Annotated[Path, typer.Argument(help="where to write the study")] = Path("study.yaml"),
    force: Annotated[bool, typer.Option("--force", help="overwrite an existing file")] = False,
    folder: Annotated[
        Path | None, typer.Option("--from", help="a folder of your data: its files are found, and tried")
    ] = None,
) -> None:
    """Write a commented study for your own data; edit it, then `hormesis study plan FILE`.

    With --from it is one of the files in a folder: clean and toxic texts, non-toxic ones of the toxic ones' sites
    (*control*, *nontoxic*), labelled texts, and prompts, known by their names and columns.
    """
    from hormesis.study.opened import write_template

    notes = write_template(file, force, folder)
    then = f"run `hormesis study plan {file}`"
    screen.say(f"wrote {file}: {'set the paths in it, then ' if folder is None else ''}{then}")
    screen.say(*(f"caution: {note}" for note in notes))
    screen.result({"study": file, "cautions": notes})


def plan(
    screen: Screen,
    study: StudyArgument,
    data: DataOption = None,
    results: ResultsOption = None,
    workers: WorkersOption = None,
    threads: ThreadsOption = None,
    seeds: SeedsOption = None,
    cells: Annotated[bool, typer.Option("--cells", help="every cell, too")] = False,
    gpu: Annotated[str | None, typer.Option(help="and GPU-hours on: a100, b200, h100, h200, l40s, rtx4090")] = None,
    gpus: Annotated[int, typer.Option(min=1, help="so many of them")] = 1,
    price: Annotated[float | None, typer.Option(min=0, help="of a GPU-hour, in your currency")] = None,
) -> None:
    """Show the cells of a study, and the tokens, FLOPs, time and memory they take here; computes nothing.

    With --gpu: GPU-hours, days, disk and money on GPUs that are not here, by published throughput.
    """
    from hormesis.cli.study_tables import plan_lines
    from hormesis.study.opened import OpenStudy

    opened = OpenStudy(study, data, results, _numbers(seeds))
    found = opened.estimate(workers, threads, gpu=gpu, gpus=gpus, price=price)
    screen.say(*plan_lines(found, each=cells))
    screen.result(found)


def run(
    screen: Screen,
    study: StudyArgument,
    data: DataOption = None,
    results: ResultsOption = None,
    workers: WorkersOption = None,
    threads: ThreadsOption = None,
    seeds: SeedsOption = None,
    accept_scorer: Annotated[
        bool, typer.Option("--accept-scorer", help="go on with a scorer that judges something else than toxicity")
    ] = False,
    on: Annotated[
        str | None,
        typer.Option("--on", help="a Ray cluster that sees the results folder: ray, or ray://HOST:PORT; default: here"),
    ] = None,
) -> None:
    """Run what is missing of a study, then draw its report. Stop it at any time: the same command resumes.

    Where a cell fails, all that does not need it goes on; the command then ends with 1 and says what failed and why.

    With --seeds a study grows: rows that the folder has stay, whether or not their models are still there.
    """
    from hormesis.cli.live import watched
    from hormesis.cli.study_tables import failure_lines
    from hormesis.study.engine.failures import CellsFailedError
    from hormesis.study.opened import Interrupted, OpenStudy

    try:
        opened = OpenStudy(study, data, results, _numbers(seeds), on=on)
        page = opened.run(workers, threads, watched(screen), accept_scorer=accept_scorer)
    except Interrupted:
        screen.say("\nstopped. What was done is kept: the same command resumes.")
        raise typer.Exit(130) from None
    except CellsFailedError as error:
        screen.say(*failure_lines(error.failed))
        if error.page is not None:
            screen.say(f"report of what is done: {error.page.resolve()}")
        screen.result({"report": error.page, "failed": error.failed})
        raise
    screen.say(f"report: {page.resolve()}")
    screen.result({"report": page.resolve()})


def slurm(
    screen: Screen,
    study: StudyArgument,
    data: DataOption = None,
    results: ResultsOption = None,
    nodes: Annotated[int, typer.Option(min=1, help="of the job")] = 1,
    cpus: Annotated[int, typer.Option(min=1, help="of each node")] = 8,
    gpus: Annotated[int, typer.Option(min=0, help="of each node")] = 0,
    time: Annotated[str, typer.Option(help="of a job; its successor goes on")] = "24:00:00",
    option: Annotated[
        list[str] | None, typer.Option("--sbatch", help="an option of Slurm, without dashes: partition=long; repeat it")
    ] = None,
    setup: Annotated[
        list[str] | None, typer.Option("--setup", help="a shell line, such as `source venv/bin/activate`; repeat it")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="the script; default: NAME.sbatch here")] = None,
    force: Annotated[bool, typer.Option("--force", help="overwrite an existing script")] = False,
) -> None:
    """Write a batch script for Slurm that runs the study on the job's nodes, by Ray, and resubmits itself until it is
    done.

    Every node must see the results folder, and the data. See docs/machines.md.
    """
    from hormesis.errors import HormesisError
    from hormesis.files import write_file
    from hormesis.study.config import load_study
    from hormesis.study.slurm import SlurmJob, slurm_script

    name = load_study(study).name
    script = (out or Path(f"{name}.sbatch")).absolute()
    if script.exists() and not force:
        raise HormesisError(f"{script} exists", "choose another name with --out, or add --force to overwrite it")
    job = SlurmJob(nodes, cpus, gpus, time, tuple(option or ()), tuple(setup or ()))
    text = slurm_script(name, job, script, study, results or Path("results") / name, data)
    with write_file(script, ours=force) as temporary:
        temporary.write_text(text, encoding="utf-8")
    screen.say(f"wrote {script}: look at it, then `sbatch {script}`")
    screen.result({"script": script})


def check(
    screen: Screen,
    study: StudyArgument,
    data: DataOption = None,
    results: ResultsOption = None,
    files: Annotated[
        bool, typer.Option("--files", help="read every file of every finished cell, and compare it with its hash")
    ] = False,
) -> None:
    """Look for the evaluation's texts among the rows of training, scorers and tuning; `study run` does it first.
    Cells that failed in the last run are named, too.

    Shows counts, and names files and rows, never a text. Tolerances are `checks` in the study. With --files, look for
    damage of the results instead (STUDY may then be a results folder); it ends with 1 where there is any.
    """
    from hormesis.cli.live import watched
    from hormesis.cli.study_tables import check_lines, failure_lines, files_lines
    from hormesis.study.engine.failures import FailureLog
    from hormesis.study.opened import OpenStudy, results_of

    if files:
        store = results_of(study, results)
        checked = store.check_files()
        screen.say(*files_lines(checked), *failure_lines(FailureLog(store.folder).all()))
        screen.result(checked)
        if checked.faulty:
            raise typer.Exit(1)
        return

    opened = OpenStudy(study, data, results)
    found = opened.check(watched(screen))
    screen.say(*check_lines(opened.config.name, found), *failure_lines(FailureLog(opened.store.folder).all()))
    screen.result(found)
    opened.stop_if_contaminated()


def status(screen: Screen, results: ResultsArgument) -> None:
    """Show which cells of a results folder are done, under way, or still to do."""
    from hormesis.cli.study_tables import status_lines
    from hormesis.study.status import status_of

    found = status_of(results)
    screen.say(*status_lines(found))
    screen.result(found)


def report(
    screen: Screen,
    results: ResultsArgument,
    figures: Annotated[bool, typer.Option("--figures", help="Also draw figures for paper, as SVG.")] = False,
    png: Annotated[bool, typer.Option("--png", help="The same as PNG (160 dpi), too.")] = False,
) -> None:
    """Write the report of a results folder again, from its measurements alone: no model is needed.

    The page draws its own figures, and saves them; --figures draws every figure for paper besides, which takes longer.
    """
    from hormesis.study.engine.store import Store
    from hormesis.study.results.report import draw_report

    page = draw_report(Store(results), figures=figures, png=png).resolve()
    screen.say(f"report: {page}")
    screen.result({"report": page})


def merge(
    screen: Screen,
    folders: Annotated[list[Path], typer.Argument(metavar="RESULTS...", help="results folders of one study")],
    out: Annotated[Path, typer.Option("--results", help="a new folder for all of it")],
) -> None:
    """Make one results folder of several runs of a study, which differ in their seeds alone; draws its report.

    Each cell's rows are taken once, and what is pooled over seeds is pooled anew; models are not copied.
    """
    from hormesis.study.growing import merge as merged
    from hormesis.study.results.report import draw_report

    page = draw_report(merged(folders, out)).resolve()
    screen.say(f"report: {page}")
    screen.result({"report": page})


def mix(screen: Screen, study: StudyArgument, data: DataOption = None, results: ResultsOption = None) -> None:
    """Show the mixture of every share, in rows and tokens, before anything is trained.

    Reads and tokenises the corpus into the results folder, where `study run` finds it again.
    """
    from hormesis.cli.live import watched
    from hormesis.study.opened import OpenStudy

    found = []
    for recipe, tree in OpenStudy(study, data, results).mixtures(watched(screen)):
        found.append({"recipe": recipe, "mixture": tree})
        screen.say(*([f"recipe {recipe}:"] if recipe else []), tree)
    screen.result(found)
