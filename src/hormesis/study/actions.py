"""What the commands do: each takes what the user typed, and tells a console what came of it."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.table import Table

from hormesis.errors import HormesisError
from hormesis.evaluate.measurement import PLAIN
from hormesis.files import write_file
from hormesis.pretrain import parameter_count
from hormesis.study.cells import Arm, Kind, PretrainInputs
from hormesis.study.check_cells import checks_of
from hormesis.study.collect import collect
from hormesis.study.config import StudyConfig, load_study, study_text
from hormesis.study.estimates import estimate_cells, matrix_flops_per_second, vocabulary_of
from hormesis.study.executor import Machine, progress_of, required, run_cells
from hormesis.study.judging import check_findings, stop_on_violations, violations
from hormesis.study.live import LiveDisplay, in_words
from hormesis.study.plan import Plan, make_plan
from hormesis.study.reporting import draw_report
from hormesis.study.steps.pretraining import open_mixture
from hormesis.study.store import State, Store
from hormesis.study.template import STUDY_TEMPLATE

_MEASURED: tuple[Kind, ...] = (
    "scorer",
    "calibration",
    "labeller",
    "pretrain",
    "probe",
    "geometry",
    "evaluate",
    "tamper",
)
_LIBRARIES_GB = 1.0  # of a worker process, beside its tensors


class Interrupted(Exception):
    """The user stopped a run; everything is resumable."""


def write_template(console: Console, file: Path, force: bool) -> None:
    """Write the commented study.

    :raises HormesisError: the file exists, and ``force`` is not given.
    """
    if file.exists() and not force:
        raise HormesisError(f"{file} exists", "choose another name, or add --force to overwrite it")
    with write_file(file) as temporary:
        temporary.write_text(STUDY_TEMPLATE, encoding="utf-8")
    console.print(f"wrote {file}: set the paths in it, then run `hormesis study plan {file}`", highlight=False)


class OpenStudy:
    """A study, where its data is, and where its results go.

    :param study: a YAML file or the name of a packaged study.
    :param data: what relative paths are read against; None: the study's own folder.
    :param results: None: ``results/NAME``.
    :raises HormesisError: not a valid study, or data that is missing.
    """

    def __init__(self, study: str, data: Path | None, results: Path | None) -> None:
        self.name = study
        self.config: StudyConfig = load_study(study)
        path = Path(study)
        self.root = data or (path.parent if path.is_file() else None)
        self.store = Store(results or Path("results") / self.config.name)
        self.plan: Plan = make_plan(self.config, self.root)

    def machine(self, workers: int | None, threads: int | None, cells: int) -> Machine:
        """The user's word, else the study's, else this machine's cores."""
        execution = self.config.execution
        return Machine.share_out(workers or execution.workers, threads or execution.threads, max(1, cells))

    def compute(self, console: Console, kinds: tuple[Kind, ...], machine: Machine) -> None:
        """Run what is missing of the cells of these kinds; the folder's lock must be held."""
        self.store.remember(study_text(self.name), self.plan.data)
        targets = [cell for cell in self.plan.cells if cell.inputs.kind in kinds]
        cells = required(self.plan.cells, targets, self.store)
        if not cells:
            console.print("nothing to compute: every cell is done")
            return
        costs = estimate_cells(self.plan, matrix_flops_per_second(machine.threads))
        console.print(f"{len(cells)} cells to run on {machine.workers} processes × {machine.threads} threads")
        with LiveDisplay.shown(console, cells, {cell.name: costs[cell.name].seconds for cell in cells}) as display:
            run_cells(cells, self.store, self.root, machine, display)


def show_plan(console: Console, study: OpenStudy, workers: int | None, threads: int | None) -> None:
    """Cells, states and costs; computes nothing."""
    plan, store = study.plan, study.store
    to_run = required(plan.cells, plan.measured, store)
    machine = study.machine(workers, threads, len(to_run))
    speed = matrix_flops_per_second(machine.threads)
    costs = estimate_cells(plan, speed)
    title = f"{study.config.name}: {len(plan.cells)} cells, {len(to_run)} to run"
    table = Table(title=title, title_justify="left")
    for column in ("cell", "what"):
        table.add_column(column)
    for column in ("tokens", "FLOPs", "time"):
        table.add_column(column, justify="right")
    table.add_column("state")
    measured = store.measured_cells()
    for cell in plan.cells:
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
    chosen = [costs[cell.name] for cell in to_run]
    seconds = sum(cost.seconds for cost in chosen) / machine.workers
    tensors = max((cost.memory_bytes for cost in chosen), default=0) / 1e9
    parameters = parameter_count(study.config.training.preset, vocabulary_of(study.config))
    console.print(
        f"model: {study.config.training.preset}, {parameters:,} parameters\n"
        f"to run: {sum(cost.tokens for cost in chosen):,} tokens, {sum(cost.flops for cost in chosen):.2g} FLOPs\n"
        f"estimate for this machine: {in_words(seconds)} on {machine.workers} processes × {machine.threads} threads "
        f"({speed / 1e9:.0f} GFLOP/s each in matrix products), "
        f"{machine.workers * (_LIBRARIES_GB + tensors):.1f} GB of memory",
        highlight=False,
    )


def run_study(console: Console, study: OpenStudy, workers: int | None, threads: int | None) -> Path:
    """Run what is missing, then draw the report.

    :returns: the path of the page.
    :raises HormesisError: the check found more contamination than the study tolerates; nothing was trained.
    :raises Interrupted: Ctrl-C; finished cells and checkpoints are kept.
    """
    with study.store.writing():
        models = len(study.plan.of_kind("pretrain"))
        try:
            _check(console, study)
            study.compute(console, _MEASURED, study.machine(workers, threads, models))
        except KeyboardInterrupt:
            raise Interrupted from None
        collect(study.plan, study.store)
        return draw_report(study.store)


def _check(console: Console, study: OpenStudy) -> None:
    """Run the check, if the study has one and it is not done, and judge it: before anything is trained."""
    checks = study.plan.of_kind("check")
    if required(study.plan.cells, checks, study.store):
        study.compute(console, ("check",), study.machine(1, None, 1))
    if all(study.store.is_complete(cell) for cell in checks):
        stop_on_violations(study.plan, study.store)


def check_study(console: Console, study: OpenStudy) -> None:
    """Run the check of a study alone, and show what it found: counts, and places by file and row, never a text.

    :raises HormesisError: the study has nothing to check, or more was found than it tolerates.
    """
    checks = checks_of(study.config)
    if checks is None:
        raise HormesisError(
            f"{study.config.name} is of the microworld, whose texts repeat themselves by design: nothing is checked",
            "write `checks: {}` into the study to have it checked all the same",
        )
    with study.store.writing():
        study.compute(console, ("check",), study.machine(1, None, 1))
    found, shared = check_findings(study.plan, study.store)
    beyond = violations(found, checks)
    title = f"{study.config.name}: n-grams of {checks.ngram} words, {len(found)} pairs compared"
    table = Table(title=title, title_justify="left")
    for column in ("rows of", "evaluation set"):
        table.add_column(column)
    for column in ("texts", "whole rows", "share an n-gram"):
        table.add_column(column, justify="right")
    table.add_column("", no_wrap=True, min_width=len("beyond"))
    for each in found:
        if each.whole or each.ngram:
            counts = (f"{round(share * each.n):,} ({share:.2%})" for share in (each.whole, each.ngram))
            table.add_row(each.rows, each.texts, f"{each.n:,}", *counts, "beyond" if each in beyond else "")
    console.print(table)
    console.print(
        f"{sum(not (each.whole or each.ngram) for each in found)} pairs share nothing; {shared} groups of the concept"
        " are in two parts of its split",
        highlight=False,
    )
    stop_on_violations(study.plan, study.store)


def show_status(console: Console, results: Path) -> None:
    """Which cells of a results folder are done, under way, or to do."""
    store = Store(results)
    config = store.study()
    plan = make_plan(config, None, recorded=store.recorded_data())
    measured = store.measured_cells()
    table = Table(title=f"{config.name} in {results}", title_justify="left")
    for column in ("cell", "what", "state"):
        table.add_column(column)
    states = {cell.name: store.state(cell, measured) for cell in plan.cells}
    for cell in plan.cells:
        state = states[cell.name]
        progress = progress_of(cell, store) if state is State.RESUMABLE else None
        words = f"{state.value} at {progress[0]:.0%}: {progress[1]}" if progress else state.value
        table.add_row(cell.name, cell.label, words)
    console.print(table)
    finished = sum(state in (State.DONE, State.MEASURED) for state in states.values())
    writing = "; a run is writing now" if store.is_being_written() else ""
    console.print(f"{finished} of {len(states)} cells done{writing}")


def show_mixtures(console: Console, study: OpenStudy) -> None:
    """Tokenise the corpus and its recipes if that is not done yet, and show the mixture of each arm, for the first
    seeds."""
    with study.store.writing():
        study.compute(console, ("corpus", "recipe"), study.machine(1, None, 1))
    for cell in study.plan.of_kind("pretrain"):
        inputs = cell.inputs
        assert isinstance(inputs, PretrainInputs)
        arm: Arm = inputs.arm
        if arm.seeds == study.config.seeds[0]:
            if arm.recipe != PLAIN:
                console.print(f"recipe {arm.recipe}:", highlight=False)
            mixture = open_mixture(cell, study.store, study.store.folder / "work" / "mix")
            console.print(mixture.tree(), highlight=False, soft_wrap=True)
