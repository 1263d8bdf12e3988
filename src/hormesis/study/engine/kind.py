"""A kind of cell: how its cells are planned, run and priced, in one place; and the kinds by name."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar

from hormesis.registry import Registry
from hormesis.study.engine.cell import Cell, Inputs

if TYPE_CHECKING:
    from hormesis.study.engine.cost import CellEstimate, Pricing
    from hormesis.study.engine.store import Store
    from hormesis.study.methods import MethodArms
    from hormesis.study.plan import Plan, PlannedArm, Planning


class Progress(Protocol):
    """Told how much of the cell is done (0 to 1), what it does now, and how much an earlier run had done."""

    def __call__(self, _fraction: float, _note: str, _resumed: float = 0.0, /) -> None: ...


I = TypeVar("I", bound=Inputs)  # noqa: E741 (inputs)
K = TypeVar("K", bound="type[Kind[Any]]")


@dataclass(frozen=True)
class Job(Generic[I]):
    """One cell that runs.

    :param root: the folder that relative paths of data are read against.
    :param device: that models run on: ``cpu`` or ``cuda``, of which the process sees one. It decides no result, up to
        rounding.
    """

    cell: Cell[I]
    store: Store
    root: Path | None
    progress: Progress
    device: str = "cpu"

    @property
    def inputs(self) -> I:
        """What decides the result."""
        return self.cell.inputs

    @property
    def work(self) -> Path:
        """The folder to fill."""
        return self.store.work_folder(self.cell)

    def folder(self, role: str) -> Path:
        """The finished folder of the needed cell that plays ``role``."""
        return self.store.cell_folder(self.cell.needs[role])


class Kind(ABC, Generic[I]):
    """One kind of cell. Its file is imported to plan and to report, so what it computes with is imported in
    :meth:`run`."""

    inputs: ClassVar[type[Inputs]]
    after: ClassVar[tuple[str, ...]] = ()
    """The kinds that are planned before it, among them those that its cells need."""
    resumes: ClassVar[bool] = False
    """Whether a killed cell goes on from its work folder; else it starts anew."""
    measured: ClassVar[bool] = True
    """Whether it has measurement rows, for whose sake it is run; the others are run where a cell needs them."""

    @property
    def name(self) -> str:
        """In cell names and in :data:`KINDS`."""
        return self.inputs.kind

    def plan(self, planning: Planning) -> Iterable[Cell[I]]:  # noqa: ARG002 (for those that do)
        """Its cells that a study has once."""
        return ()

    def plan_arm(self, planning: Planning, arm: PlannedArm) -> Iterable[Cell[I]]:  # noqa: ARG002
        """Its cells of one model."""
        return ()

    def plan_method(
        self,
        planning: Planning,  # noqa: ARG002
        arm: PlannedArm,  # noqa: ARG002
        method: MethodArms | None,  # noqa: ARG002
    ) -> Iterable[Cell[I]]:
        """Its cells of one model under one method; None is the model as it is."""
        return ()

    def foresee(self, plan: Plan, root: Path | None) -> None:  # noqa: B027 (for those that look)
        """Look, before any cell runs, for what :meth:`run` would refuse later.

        :param root: the folder that relative paths of data are read against.
        :raises HormesisError: there is such a thing.
        """

    @abstractmethod
    def run(self, job: Job[I]) -> None:
        """Fill the work folder of a cell whose needs are complete.

        :raises HormesisError: bad input, or an artefact of a needed cell that is damaged.
        """

    def cost(self, inputs: I, pricing: Pricing) -> CellEstimate:  # noqa: ARG002 (for those that look)
        """What a cell costs; by default its start-up only."""
        return pricing.start

    def is_whole(self, folder: Path) -> bool:  # noqa: ARG002 (for those that look)
        """Whether other cells can read what lies in the finished ``folder``: large artefacts may be deleted."""
        return True


KINDS: Registry[Kind[Any]] = Registry("kind of cell", "hormesis.study.cells")
"""Every kind, by name: the files of :mod:`hormesis.study.cells`."""


def kind(cls: K) -> K:
    """Add a kind."""
    one = cls()
    KINDS.register(one.name, one, source=cls)
    return cls


def in_planning_order() -> Iterator[Kind[Any]]:
    """Every kind, each after those that it names in ``after``."""
    graph = {name: set(one.after) for name, one in KINDS.items()}
    yield from (KINDS[name] for name in TopologicalSorter(graph).static_order())


def kind_of(cell: Cell[I]) -> Kind[I]:
    """The kind of a cell."""
    return KINDS[cell.kind]


def measured(cells: Iterable[Cell[Any]]) -> tuple[Cell[Any], ...]:
    """Those whose measurements the report draws; all others exist for them."""
    return tuple(cell for cell in cells if kind_of(cell).measured)
