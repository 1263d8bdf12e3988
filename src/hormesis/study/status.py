"""Where a results folder stands."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hormesis.study.engine.executor import progress_of
from hormesis.study.engine.failures import FailedCell, FailureLog
from hormesis.study.engine.store import State, Store
from hormesis.study.plan import make_plan


@dataclass(frozen=True)
class CellStatus:
    """Where a cell stands; ``fraction`` is of one that is under way, ``note`` of one that runs now, ``failed`` of one
    that the last run gave up."""

    cell: str
    what: str
    state: State
    fraction: float | None = None
    note: str | None = None
    failed: FailedCell | None = None


@dataclass(frozen=True)
class StudyStatus:
    """Where a results folder stands."""

    study: str
    results: Path
    cells: tuple[CellStatus, ...]
    writing: bool
    """Whether a run writes now."""
    outside: int = 0
    """Measured cells that the study no longer plans; their rows are in ``outside/``."""

    @property
    def failed(self) -> tuple[FailedCell, ...]:
        """What the last run gave up."""
        return tuple(cell.failed for cell in self.cells if cell.failed is not None)

    @property
    def done(self) -> int:
        """Cells that need not run again."""
        return sum(cell.state in (State.DONE, State.MEASURED) for cell in self.cells)


def status_of(results: Path) -> StudyStatus:
    """Which cells of a results folder are done, under way, or to do.

    :raises HormesisError: not a results folder.
    """
    store = Store(results)
    config = store.study()
    measured = store.measured_cells()
    cells, writing = [], store.is_being_written()
    planned = make_plan(config, None, recorded=store.recorded_data()).cells
    failures, lost = FailureLog(results), set[str]()
    for cell in planned:
        state = store.state(cell, measured)
        done = state in (State.DONE, State.MEASURED)
        failed = None if done else failures.read(cell.name)
        if failed is not None or (not done and any(need.name in lost for need in cell.needs.values())):
            lost.add(cell.name)
            given_up = State.SKIPPED if failed is None else State.FAILED
            cells.append(CellStatus(cell.name, cell.label, given_up, failed=failed))
            continue
        progress = progress_of(cell, store) if state in (State.RESUMABLE, State.DAMAGED) else None
        if progress is None:
            cells.append(CellStatus(cell.name, cell.label, state))
            continue
        # A run removes what its predecessors said: while one writes, only its own cells have anything to say.
        state = State.RUNNING if writing else state
        cells.append(CellStatus(cell.name, cell.label, state, progress.fraction, progress.note if writing else None))
    outside = len(measured - {cell.name for cell in planned} - {"pooled"})
    return StudyStatus(config.name, results, tuple(cells), writing, outside)
