"""``hormesis study …`` and ``hormesis mix``: what a user types."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from hormesis.errors import HormesisError
from hormesis.files import write_file
from hormesis.study.collect import collect
from hormesis.study.config import StudyConfig, load_study, study_text
from hormesis.study.estimates import estimate_cells, matrix_flops_per_second, vocabulary_of
from hormesis.study.executor import Machine, progress_of, required, run_cells
from hormesis.study.live import LiveDisplay, in_words
from hormesis.study.plan import Plan, make_plan
from hormesis.study.reporting import draw_report
from hormesis.study.store import State, Store
from hormesis.study.template import STUDY_TEMPLATE

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
    typer.Option("--data", envvar="HORMESIS_DATA", help="the folder that relative paths in the study are read against"),
]
WorkersOption = Annotated[int | None, typer.Option(min=1, help="processes; default: one for each core")]
ThreadsOption = Annotated[int | None, typer.Option(min=1, help="threads of each process; default: cores / workers")]


def _opened(study: str, data: Path | None) -> tuple[StudyConfig, Path | None]:
    config = load_study(study)
    path = Path(study)
    return config, data or (path.parent if path.is_file() else None)


def _store(config: StudyConfig, results: Path | None) -> Store:
    return Store(results or Path("results") / config.name)


def _execute(
    console: Console, plan: Plan, store: Store, root: Path | None, targets: tuple[str, ...], machine: Machine
) -> None:
    """Run what is missing of the cells of the kinds ``targets``."""
    wanted = [cell for cell in plan.cells if cell.inputs.kind in targets]
    cells = required(plan.cells, wanted, store)
    if not cells:
        console.print("nothing to compute: every cell is done")
        return
    costs = estimate_cells(plan, matrix_flops_per_second(machine.threads))
    weights = {cell.name: costs[cell.name].seconds for cell in cells}
    console.print(f"{len(cells)} cells to run on {machine.workers} processes × {machine.threads} threads")
    with LiveDisplay.shown(console, cells, weights) as display:
        run_cells(cells, store, root, machine, display)


@app.command()
def init(
    file: Annotated[Path, typer.Argument(help="where to write the study")] = Path("study.yaml"),
    force: Annotated[bool, typer.Option(help="overwrite an existing file")] = False,
) -> None:
    """Write a commented study for your own data; edit it, then `hormesis study plan FILE`."""
    if file.exists() and not force:
        raise HormesisError(f"{file} exists", "choose another name, or add --force to overwrite it")
    with write_file(file) as temporary:
        temporary.write_text(STUDY_TEMPLATE, encoding="utf-8")
    Console().print(f"wrote {file}: set the paths in it, then run `hormesis study plan {file}`", highlight=False)


@app.command()
def plan(
    study: StudyArgument,
    data: DataOption = None,
    results: ResultsOption = None,
    workers: WorkersOption = None,
    threads: ThreadsOption = None,
) -> None:
    """Show the cells of a study and what they cost on this machine; computes nothing."""
    console = Console()
    config, root = _opened(study, data)
    made, store = make_plan(config, root), _store(config, results)
    missing = {cell.name for cell in required(made.cells, made.measured, store)}
    machine = Machine.share_out(
        workers or config.execution.workers, threads or config.execution.threads, max(1, len(missing))
    )
    speed = matrix_flops_per_second(machine.threads)
    costs = estimate_cells(made, speed)
    table = Table(title=f"{config.name}: {len(made.cells)} cells, {len(missing)} to run", title_justify="left")
    for column in ("cell", "what", "tokens", "FLOPs", "time", "state"):
        table.add_column(column, justify="right" if column in ("tokens", "FLOPs", "time") else "left")
    measured = store.measured_cells()
    for cell in made.cells:
        cost = costs[cell.name]
        table.add_row(
            cell.name,
            cell.label,
            f"{cost.tokens:,}" if cost.tokens else "",
            f"{cost.flops:.2g}" if cost.flops else "",
            in_words(cost.seconds),
            store.state(cell, measured).value,
        )
    console.print(table)
    to_run = [costs[name] for name in missing]
    from hormesis.pretrain import parameter_count

    parameters = parameter_count(config.training.preset, vocabulary_of(config))
    console.print(
        f"model: {config.training.preset}, {parameters:,} parameters\n"
        f"to run: {sum(cost.tokens for cost in to_run):,} tokens, {sum(cost.flops for cost in to_run):.2g} FLOPs\n"
        f"estimate for this machine: {in_words(sum(cost.seconds for cost in to_run) / machine.workers)} on "
        f"{machine.workers} processes × {machine.threads} threads "
        f"({speed / 1e9:.0f} GFLOP/s each in matrix products), "
        f"{machine.workers * (1.0 + max((cost.memory_bytes for cost in to_run), default=0) / 1e9):.1f} GB of memory",
        highlight=False,
    )


@app.command()
def run(
    study: StudyArgument,
    data: DataOption = None,
    results: ResultsOption = None,
    workers: WorkersOption = None,
    threads: ThreadsOption = None,
) -> None:
    """Run what is missing of a study, then draw its report. Stop it at any time: the same command resumes."""
    console = Console()
    config, root = _opened(study, data)
    store = _store(config, results)
    with store.writing():
        made = make_plan(config, root)
        store.remember(study_text(study), made.data)
        machine = Machine.share_out(
            workers or config.execution.workers, threads or config.execution.threads, len(config.mixture.shares)
        )
        try:
            _execute(console, made, store, root, ("scorer", "pretrain", "probe", "evaluate"), machine)
        except KeyboardInterrupt:
            console.print(f"\nstopped. Finished cells are kept; `hormesis study run {study}` resumes.", highlight=False)
            raise typer.Exit(130) from None
        collect(made, store)
        page = draw_report(store)
    console.print(f"report: {page.resolve()}", highlight=False, soft_wrap=True)


@app.command()
def status(results: ResultsArgument, data: DataOption = None) -> None:
    """Show which cells of a results folder are done, under way, or still to do."""
    console = Console()
    store = Store(results)
    config = store.study()
    made = make_plan(config, data, recorded=store.recorded_data())
    measured = store.measured_cells()
    table = Table(title=f"{config.name} in {results}", title_justify="left")
    for column in ("cell", "what", "state"):
        table.add_column(column)
    states = {cell.name: store.state(cell, measured) for cell in made.cells}
    for cell in made.cells:
        state = states[cell.name]
        progress = progress_of(cell, store) if state is State.RESUMABLE else None
        table.add_row(
            cell.name, cell.label, f"{state.value} {progress[0]:.0%} {progress[1]}" if progress else state.value
        )
    console.print(table)
    finished = sum(state in (State.DONE, State.MEASURED) for state in states.values())
    console.print(
        f"{finished} of {len(states)} cells done" + (", a run is writing now" if store.is_being_written() else "")
    )


@app.command()
def report(results: ResultsArgument) -> None:
    """Draw the report of a results folder again, from its measurements alone: no model is needed."""
    page = draw_report(Store(results))
    Console().print(f"report: {page.resolve()}", highlight=False, soft_wrap=True)


def mix(study: StudyArgument, data: DataOption = None, results: ResultsOption = None) -> None:
    """Show the mixture of every share, in rows and tokens, before anything is trained.

    Reads and tokenises the corpus into the results folder, where `study run` finds it again.
    """
    from hormesis.study.steps.pretraining import open_mixture

    console = Console()
    config, root = _opened(study, data)
    store = _store(config, results)
    with store.writing():
        made = make_plan(config, root)
        store.remember(study_text(study), made.data)
        _execute(console, made, store, root, ("corpus",), Machine.share_out(1, None, 1))
    seeds = config.seeds[0]
    for cell in made.of_kind("pretrain"):
        if cell.inputs.arm.seeds == seeds:  # type: ignore[union-attr]
            mixture = open_mixture(cell, store, store.folder / "work" / "mix")
            console.print(mixture.tree(), highlight=False)
