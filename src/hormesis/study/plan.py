"""From a study to its cells: what has to be computed, and which cell needs which."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from hormesis.corpus import MixtureConfig
from hormesis.measurements.rows import PLAIN
from hormesis.study.arms import Arm, Seeds
from hormesis.study.cells.recipe import RecipeArms
from hormesis.study.config import StudyConfig
from hormesis.study.engine.cell import Cell, Inputs, of_kind
from hormesis.study.engine.fingerprints import Fingerprints
from hormesis.study.engine.kind import Kind, in_planning_order, measured
from hormesis.study.methods import MethodArms

I = TypeVar("I", bound=Inputs)  # noqa: E741 (inputs)


@dataclass(frozen=True)
class Plan:
    """All cells of a study, each after those that it needs."""

    config: StudyConfig
    cells: tuple[Cell[Any], ...]
    data: dict[str, str]
    """Fingerprints of all files that the study reads."""

    def of(self, inputs: type[I]) -> tuple[Cell[I], ...]:
        """The cells of the kind that has these inputs, in order."""
        return of_kind(self.cells, inputs)

    @property
    def measured(self) -> tuple[Cell[Any], ...]:
        """The cells whose measurements the report draws; all others exist for them."""
        return measured(self.cells)


@dataclass(frozen=True)
class PlannedArm:
    """One model that is planned.

    :param recipe: None: the plain one.
    """

    arm: Arm
    recipe: RecipeArms | None
    mixture: MixtureConfig
    cells: list[Cell[Any]] = field(default_factory=list)
    """Those of this model, so far."""

    def cell(self, inputs: type[I]) -> Cell[I]:
        """The last planned cell of this model that has these inputs."""
        return of_kind(tuple(self.cells), inputs)[-1]

    @property
    def label(self) -> str:
        """The model, for people."""
        name = "" if self.recipe is None else f"{self.arm.recipe} "
        return f"{name}share {self.arm.share:g} seed {self.arm.seeds.init}"

    @property
    def condition(self) -> str:
        """What the recipe puts before prompts."""
        return "" if self.recipe is None else self.recipe.condition

    def methods(self, methods: Sequence[MethodArms]) -> list[MethodArms]:
        """Those of the study's that are tried on it."""
        chosen = None if self.recipe is None else self.recipe.methods
        return [method for method in methods if chosen is None or method.arm in chosen]


@dataclass(frozen=True)
class Planning:
    """A plan in the making: what kinds of cell are planned from."""

    config: StudyConfig
    files: Fingerprints
    cells: dict[str, Cell[Any]] = field(default_factory=dict)
    """By name: those planned so far."""

    def of(self, inputs: type[I]) -> tuple[Cell[I], ...]:
        """The cells planned so far that have these inputs, in order."""
        return of_kind(tuple(self.cells.values()), inputs)

    def arms(self) -> Iterator[PlannedArm]:
        """Every model: for each seeds every recipe at each of its shares, the plain one first.

        Shares are the inner loop, so that an interrupted study has whole replications to show.
        """
        mixture = self.config.mixture
        for seeds in self.config.seeds:
            for share in mixture.shares:
                yield PlannedArm(self._arm(share, seeds, PLAIN), None, mixture.at(share))
            for recipe in self.config.recipes:
                if recipe.seeds is not None and seeds.init not in recipe.seeds:
                    continue
                for share in recipe.shares:
                    yield PlannedArm(self._arm(share, seeds, recipe.arm), recipe, recipe.mixture(mixture.at(share)))

    def _arm(self, share: float, seeds: Seeds, recipe: str) -> Arm:
        return Arm(share=share, budget=self.config.mixture.budget, seeds=seeds, recipe=recipe)

    def run(self) -> None:
        """Have every kind plan its cells."""
        kinds: list[Kind[Any]] = list(in_planning_order())
        for kind in kinds:
            self._add(kind.plan(self))
        for arm in self.arms():
            for kind in kinds:
                arm.cells.extend(self._add(kind.plan_arm(self, arm)))
            for method in (None, *arm.methods(self.config.methods)):
                for kind in kinds:
                    arm.cells.extend(self._add(kind.plan_method(self, arm, method)))

    def _add(self, cells: Iterable[Cell[Any]]) -> list[Cell[Any]]:
        added = list(cells)
        self.cells.update((cell.name, cell) for cell in added)
        return added


def foresee(plan: Plan, root: Path | None) -> None:
    """Refuse, before anything runs, what a cell would refuse after hours.

    :raises HormesisError: a cell would.
    """
    kinds: list[Kind[Any]] = list(in_planning_order())
    for one in kinds:
        if plan.of(one.inputs):
            one.foresee(plan, root)


def make_plan(config: StudyConfig, root: Path | None, recorded: Mapping[str, str] | None = None) -> Plan:
    """The cells of ``config``; relative paths of data are read against ``root``.

    :param recorded: fingerprints (:meth:`hormesis.study.engine.store.Store.recorded_data`) to take where data was
        read before, for looking at a results folder without its data.
    :raises HormesisError: a file of the study is missing.
    """
    planning = Planning(config, Fingerprints(root, recorded))
    planning.run()
    return Plan(config, tuple(planning.cells.values()), planning.files.seen)
