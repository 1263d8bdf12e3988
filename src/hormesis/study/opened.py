"""A study that is open: its data found, its folder known, its plan made; it can be priced, checked, mixed and run."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hormesis.errors import HormesisError
from hormesis.files import write_file
from hormesis.measurements.rows import PLAIN
from hormesis.pretrain import parameter_count
from hormesis.study.arms import Arm
from hormesis.study.cells.behaviour import BehaviourInputs
from hormesis.study.cells.check import CheckInputs, ChecksSection, checks_of
from hormesis.study.cells.corpus import CorpusInputs
from hormesis.study.cells.pretrain import PretrainInputs, open_mixture
from hormesis.study.cells.recipe import RecipeInputs
from hormesis.study.config import StudyConfig, load_study, parse_study, study_text
from hormesis.study.engine.cell import Cell, of_kind
from hormesis.study.engine.cost import CellEstimate, estimate_cells, matrix_flops_per_second, vocabulary_of
from hormesis.study.engine.devices import gpus
from hormesis.study.engine.executor import CellProgress, Executor, Machine, Watcher, required
from hormesis.study.engine.failures import CellsFailedError, FailedCell, Failure
from hormesis.study.engine.on_ray import Demand, RayExecutor, address_of
from hormesis.study.engine.pool import ProcessPool
from hormesis.study.engine.run import run_cells
from hormesis.study.engine.store import State, Store
from hormesis.study.growing import grown
from hormesis.study.plan import Plan, foresee, make_plan
from hormesis.study.scale import OnGpus, on_gpus
from hormesis.study.supply import Supply, refuse_short, supply
from hormesis.study.template import STUDY_TEMPLATE

if TYPE_CHECKING:
    from hormesis.study.results.contamination import Finding

log = logging.getLogger(__name__)
_SHOWN = 3
_LIBRARIES_BYTES = 1e9  # of a worker process, beside its tensors


class Interrupted(Exception):
    """The user stopped a run; everything is resumable."""


class Unwatched:
    """Told what happens, and says nothing."""

    def noticed(self, what: str) -> None:
        """Something that people should know."""

    def started(self, cell: Cell[Any]) -> None:
        """A cell began."""

    def progressed(self, cell: Cell[Any], progress: CellProgress) -> None:
        """A cell is so far."""

    def finished(self, cell: Cell[Any], seconds: float) -> None:
        """A cell ended well."""

    def stopped(self, cell: Cell[Any], failure: Failure) -> None:
        """A cell failed, and is tried again."""

    def failed(self, cell: Cell[Any], found: FailedCell) -> None:
        """A cell was given up."""


@contextmanager
def unwatched(_cells: Sequence[Cell[Any]], _seconds: Mapping[str, float], _machine: Machine) -> Iterator[Watcher]:
    """Nobody is told."""
    yield Unwatched()


Watch = Callable[[Sequence[Cell[Any]], Mapping[str, float], Machine], AbstractContextManager[Watcher]]
"""Given the cells that will run (perhaps none), the seconds that each may take, by name, and the machine."""


@dataclass(frozen=True)
class PlannedCell:
    """What is planned of one cell; see :class:`~hormesis.study.engine.cost.CellEstimate`."""

    cell: str
    what: str
    tokens: int
    flops: float
    seconds: float
    state: State


@dataclass(frozen=True)
class PlanEstimate:
    """What a study takes on this machine.

    :param to_run: names of the cells that are missing.
    :param tokens, flops, seconds: of those; ``seconds`` on all workers.
    :param memory_bytes: of all workers.
    :param flops_per_second: of a matrix product, on each worker.
    """

    study: str
    preset: str
    parameters: int
    cells: tuple[PlannedCell, ...]
    to_run: tuple[str, ...]
    tokens: int
    flops: float
    seconds: float
    memory_bytes: float
    machine: Machine
    flops_per_second: float
    supply: tuple[Supply, ...] = ()
    """Tokens that the mixtures take, and that seem to be there."""
    on_gpus: OnGpus | None = None
    """The same on GPUs that are not here, where that was asked for."""


@dataclass(frozen=True)
class Contamination:
    """What training rows share with evaluation texts: ``beyond`` is more than the study tolerates.

    :param shared_groups: groups of the concept that are in two parts of its split.
    """

    checks: ChecksSection
    found: tuple[Finding, ...]
    beyond: tuple[Finding, ...]
    shared_groups: int


def write_template(file: Path, force: bool, folder: Path | None = None) -> list[str]:
    """Write the commented study.

    :param folder: of data that it is to be of; else the paths in it are to be set.
    :returns: what to know of it.
    :raises HormesisError: the file exists, and ``force`` is not given; the folder lacks a part of a study.
    """
    from hormesis.study.from_folder import study_of

    if file.exists() and not force:
        raise HormesisError(f"{file} exists", "choose another name, or add --force to overwrite it")
    text, notes = (STUDY_TEMPLATE, []) if folder is None else study_of(folder, file.parent)
    with write_file(file, ours=force) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return notes


def results_of(study: str, results: Path | None = None) -> Store:
    """The results folder of a study, or the one that ``study`` is; neither data nor a plan is needed.

    :raises HormesisError: not a valid study.
    """
    if results is None and (Path(study) / "study.yaml").is_file():
        return Store(Path(study))
    return Store(results or Path("results") / load_study(study).name)


def _seed_of(cell: Cell[Any]) -> int | None:
    arm = getattr(cell.inputs, "arm", None)
    return arm.seeds.init if isinstance(arm, Arm) else None


class OpenStudy:
    """A study, where its data is, and where its results go.

    :param study: a YAML file or the name of a packaged study.
    :param data: what relative paths are read against; None: the study's own folder.
    :param results: None: ``results/NAME``.
    :param seeds: those of the initialisation that are run now, beside whatever the results folder holds; None: the
        study's.
    :param on: ``ray`` or ``ray://HOST:PORT``: a cluster whose nodes all see the results folder; None: here.
    :raises HormesisError: not a valid study, data that is missing, or what a cell would refuse after hours.
    """

    def __init__(
        self,
        study: str,
        data: Path | None = None,
        results: Path | None = None,
        seeds: Sequence[int] | None = None,
        *,
        on: str | None = None,
    ) -> None:
        self.config: StudyConfig = load_study(study)
        path = Path(study)
        self.root = data or (path.parent if path.is_file() else None)
        self.store = Store(results or Path("results") / self.config.name)
        self.seeds = seeds
        self.text = study_text(study) if seeds is None else grown(study, self.store, seeds)
        self.config = parse_study(self.text, where=study)
        self.plan: Plan = make_plan(self.config, self.root)
        foresee(self.plan, self.root)
        self._cluster = None if on is None else (address_of(on),)

    def machine(self, workers: int | None, threads: int | None, cells: int) -> Machine:
        """The user's word, else the study's, else this machine's cores."""
        execution = self.config.execution
        return Machine.share_out(
            workers or execution.workers,
            threads or execution.threads,
            max(1, cells),
            gpus=gpus(execution.device),
            gpus_per_cell=execution.gpus_per_cell,
        )

    def estimate(
        self,
        workers: int | None = None,
        threads: int | None = None,
        *,
        gpu: str | None = None,
        gpus: int = 1,
        price: float | None = None,
    ) -> PlanEstimate:
        """Cells, states and costs; computes nothing.

        :param gpu: reckon for that kind of GPU, too (:data:`hormesis.study.scale.GPUS`).
        :param gpus: that many of it.
        :param price: of a GPU-hour.
        """
        to_run = required(self.plan.cells, self._asked(self.plan.measured), self.store)
        tokens = self._enough_tokens(to_run)
        machine = self.machine(workers, threads, len(to_run))
        speed = matrix_flops_per_second(machine.threads)
        costs = estimate_cells(self.plan, speed)
        measured = self.store.measured_cells()
        chosen = [costs[cell.name] for cell in to_run]
        tensors = max((cost.memory_bytes for cost in chosen), default=0)
        return PlanEstimate(
            study=self.config.name,
            preset=self.config.training.preset,
            parameters=parameter_count(self.config.training.preset, vocabulary_of(self.config)),
            cells=tuple(
                PlannedCell(
                    cell.name, cell.label, cost.tokens, cost.flops, cost.seconds, self.store.state(cell, measured)
                )
                for cell in self.plan.cells
                for cost in (costs[cell.name],)
            ),
            to_run=tuple(cell.name for cell in to_run),
            tokens=sum(cost.tokens for cost in chosen),
            flops=sum(cost.flops for cost in chosen),
            seconds=sum(cost.seconds for cost in chosen) / machine.workers,
            memory_bytes=machine.workers * (_LIBRARIES_BYTES + tensors),
            machine=machine,
            flops_per_second=speed,
            supply=tokens,
            on_gpus=None if gpu is None else on_gpus(self.plan, to_run, gpu, gpus=gpus, price=price),
        )

    def run(
        self,
        workers: int | None = None,
        threads: int | None = None,
        watch: Watch = unwatched,
        *,
        accept_scorer: bool = False,
    ) -> Path:
        """Run what is missing, then draw the report.

        :param accept_scorer: go on whatever the check of the scorers says.
        :returns: the path of the page.
        :raises HormesisError: the check found more contamination than the study tolerates, or a scorer judges something
            else than toxicity; nothing was trained.
        :raises CellsFailedError: some cells failed; all else was run, and the report drawn of it.
        :raises Interrupted: Ctrl-C; finished cells and checkpoints are kept.
        """
        from hormesis.report.write import check_report
        from hormesis.study.results.collect import collect
        from hormesis.study.results.report import draw_report

        check_report(self.store.folder)
        self._enough_tokens(required(self.plan.cells, self._asked(self.plan.measured), self.store))
        with self.store.writing():
            models = len(self.plan.of(PretrainInputs))
            try:
                self._check_first(watch)
                if not (accept_scorer or self.config.evaluation.accept_scorer):
                    self._judge_scorers_first(watch)
                self._compute(self._worth_running, self.machine(workers, threads, models), watch)
            except KeyboardInterrupt:
                raise Interrupted from None
            except CellsFailedError as error:
                raise CellsFailedError(error.failed, page=self._report_of_the_rest()) from None
            collect(self.plan, self.store)
            return draw_report(self.store)

    def _report_of_the_rest(self) -> Path | None:
        """Drawn of what is done; None where that does not make a report."""
        from hormesis.study.results.report import draw_report

        try:
            return draw_report(self.store)
        except HormesisError as error:
            log.warning("no report is drawn of what was done: %s", error)
            return None

    def check(self, watch: Watch = unwatched) -> Contamination:
        """Run the check of the study alone; see :meth:`stop_if_contaminated`.

        :raises HormesisError: the study has nothing to check.
        """
        from hormesis.study.results.contamination import check_findings, violations

        checks = checks_of(self.config)
        if checks is None:
            raise HormesisError(
                f"{self.config.name} is of the microworld, whose texts repeat themselves by design: nothing is checked",
                "write `checks: {}` into the study to have it checked all the same",
            )
        with self.store.writing():
            self._compute(self.plan.of(CheckInputs), self.machine(1, None, 1), watch)
        found, shared = check_findings(self.plan, self.store)
        return Contamination(checks, tuple(found), tuple(violations(found, checks)), shared)

    def stop_if_contaminated(self) -> None:
        """:raises HormesisError: the check found more than the study tolerates."""
        from hormesis.study.results.contamination import stop_on_violations

        stop_on_violations(self.plan, self.store)

    def mixtures(self, watch: Watch = unwatched) -> Iterator[tuple[str, str]]:
        """(recipe, tree of the mixture) of each arm, for the first seeds, the plain one's recipe being ``""``.

        Tokenises the corpus and its recipes if that is not done yet.
        """
        with self.store.writing():
            self._compute((*self.plan.of(CorpusInputs), *self.plan.of(RecipeInputs)), self.machine(1, None, 1), watch)
        for cell in self.plan.of(PretrainInputs):
            inputs = cell.inputs
            if inputs.arm.seeds == self.config.seeds[0]:
                mixture = open_mixture(cell, self.store, self.store.folder / "work" / "mix")
                yield "" if inputs.arm.recipe == PLAIN else inputs.arm.recipe, mixture.tree()

    def _enough_tokens(self, to_run: Sequence[Cell[Any]]) -> tuple[Supply, ...]:
        """What the mixtures that are still to be tokenised take, and what seems to be there.

        :raises HormesisError: tokens are surely missing.
        """
        if not of_kind(tuple(to_run), CorpusInputs):
            return ()
        found = supply(self.plan, self.root)
        refuse_short(found, repetition=self.config.mixture.allow_repetition)
        return found

    def _check_first(self, watch: Watch) -> None:
        """Run the check, if the study has one and it is not done, and judge it: before anything is trained."""
        checks = self.plan.of(CheckInputs)
        if required(self.plan.cells, checks, self.store):
            self._compute(self.plan.of(CheckInputs), self.machine(1, None, 1), watch)
        if all(self.store.is_complete(cell) for cell in checks):
            self.stop_if_contaminated()

    def _judge_scorers_first(self, watch: Watch) -> None:
        """Fit and check the scorers before anything is trained."""
        from hormesis.study.results.scorer_behaviour import stop_on_unfit_scorer

        checks = self.plan.of(BehaviourInputs)
        if required(self.plan.cells, checks, self.store):
            self._compute(checks, self.machine(None, None, len(checks)), watch)
        stop_on_unfit_scorer(self.plan, self.store)

    @property
    def _worth_running(self) -> tuple[Cell[Any], ...]:
        """What is measured; the check has run before."""
        return self._asked(tuple(cell for cell in self.plan.measured if not isinstance(cell.inputs, CheckInputs)))

    def _asked(self, cells: Sequence[Cell[Any]]) -> tuple[Cell[Any], ...]:
        """Those of the seeds that are run now, and those of no model."""
        return tuple(cell for cell in cells if self.seeds is None or _seed_of(cell) in (None, *self.seeds))

    def _compute(self, targets: Sequence[Cell[Any]], machine: Machine, watch: Watch) -> None:
        """Run what is missing of ``targets``, and what they need; the folder's lock must be held.

        :raises CellsFailedError: some failed; all else was run.
        """
        self.store.remember(self.text, self.plan.data)
        cells = required(self.plan.cells, targets, self.store)
        costs = estimate_cells(self.plan, matrix_flops_per_second(machine.threads)) if cells else {}
        seconds = {cell.name: costs[cell.name].seconds for cell in cells}
        with watch(cells, seconds, machine) as watcher:
            for line in self._damage(cells):
                watcher.noticed(line)
            failed = run_cells(cells, self.store, self._executor(machine, costs), watcher) if cells else ()
        if failed:
            raise CellsFailedError(failed)

    def _executor(self, machine: Machine, costs: Mapping[str, CellEstimate]) -> Executor:
        if self._cluster is None:
            return ProcessPool(machine, self.store.folder, self.root)
        execution = self.config.execution
        demand = Demand(
            threads=execution.threads or 1,
            device=execution.device,
            gpus_per_cell=execution.gpus_per_cell,
            memory={name: cost.memory_bytes for name, cost in costs.items()},
            most=execution.workers,
        )
        return RayExecutor(self._cluster[0], self.store.folder, self.root, demand)

    def _damage(self, cells: Sequence[Cell[Any]]) -> Iterator[str]:
        """Why cells that were finished run again."""
        for cell in cells:
            faults = self.store.faults(cell)
            if faults is not None and (wrong := [*faults.damaged, *(f"no {name}" for name in faults.absent)]):
                more = f" and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
                yield f"{cell.label} ({cell.name}) is not whole, and runs again: {', '.join(wrong[:_SHOWN])}{more}"
