"""Where a results folder stands."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hormesis.study.engine.executor import progress_of
from hormesis.study.engine.store import State, Store
from hormesis.study.plan import make_plan


@dataclass(frozen=True)
class CellStatus:
    """Where a cell stands; ``fraction`` and ``note`` are of one that is under way."""

    cell: str
    what: str
    state: State
    fraction: float | None = None
    note: str | None = None


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
    cells = []
    planned = make_plan(config, None, recorded=store.recorded_data()).cells
    for cell in planned:
        state = store.state(cell, measured)
        fraction, note = (state is State.RESUMABLE and progress_of(cell, store)) or (None, None)
        cells.append(CellStatus(cell.name, cell.label, state, fraction, note))
    outside = len(measured - {cell.name for cell in planned} - {"pooled"})
    return StudyStatus(config.name, results, tuple(cells), store.is_being_written(), outside)
