"""What the finished cells say of the scorers' behaviour, and whether the study may go on with them."""

from __future__ import annotations

from hormesis.errors import HormesisError
from hormesis.measurements import BehaviourTable, read_measurements
from hormesis.measurements.names import MEASUREMENTS_FILE
from hormesis.study.cells.behaviour import BehaviourInputs
from hormesis.study.engine.store import Store
from hormesis.study.plan import Plan


def stop_on_unfit_scorer(plan: Plan, store: Store) -> None:
    """Judge the finished checks of the scorers; those whose folders are gone were judged before.

    :raises HormesisError: a scorer judges something else than toxicity.
    """
    for cell in plan.of(BehaviourInputs):
        path = store.cell_folder(cell) / MEASUREMENTS_FILE
        for table in BehaviourTable.of_rows(read_measurements(path)) if path.is_file() else ():
            try:
                table.refuse_if_unfit("`--accept-scorer`, or `evaluation: {accept_scorer: true}`")
            except HormesisError as error:
                raise HormesisError(
                    error.problem, f"{error.fix}; {path} has what it calls toxic, function by function"
                ) from error
