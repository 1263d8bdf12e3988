"""A cell: one unit of cached work, named by the hash of everything that decides its result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Generic, TypeVar, cast

from hormesis.config import Config
from hormesis.files import Json, content_hash


class Inputs(Config):
    """What decides a cell's result, beside the cells that it needs. Written into the cell's folder."""

    kind: ClassVar[str]
    """The name of its :class:`~hormesis.study.engine.kind.Kind`."""
    plugins: dict[str, str] = {}
    """By ``NOUN NAME``: distribution and version of the plug-ins that it uses, such as another's method."""

    @property
    def version(self) -> int:
        """Raised when the code of this kind of cell changes what it computes: old cells are then not reused."""
        return 1


I = TypeVar("I", bound=Inputs)  # noqa: E741 (inputs)
J = TypeVar("J", bound=Inputs)


@dataclass(frozen=True)
class Cell(Generic[I]):
    """One unit of cached work.

    :param inputs: what decides the result.
    :param needs: the cells whose folders it reads, by the role they play.
    :param label: a short name for people.
    """

    inputs: I
    needs: Mapping[str, Cell[Any]] = field(default_factory=dict)
    label: str = ""

    @property
    def kind(self) -> str:
        """The name of its kind."""
        return self.inputs.kind

    def need(self, role: str, inputs: type[J]) -> Cell[J]:
        """The needed cell that plays ``role``.

        :raises TypeError: it is of another kind: the plan is wrong.
        """
        cell = self.needs[role]
        if not isinstance(cell.inputs, inputs):
            raise TypeError(f"the {role} of {self.label} is a cell of the kind {cell.kind}")
        return cell

    @property
    def description(self) -> Json:
        """Inputs and the names of needed cells, as JSON: what the name is the hash of."""
        return {
            "kind": self.inputs.kind,
            "version": self.inputs.version,
            # Without defaults, so that a new option of a room does not rename every cell ever computed; a changed
            # default changes what is computed, and raises `version`.
            "inputs": cast(Json, self.inputs.model_dump(mode="json", exclude_defaults=True)),
            "needs": {role: cell.name for role, cell in self.needs.items()},
        }

    @cached_property  # a schedule asks for it many times, and it is a hash over all needed cells
    def name(self) -> str:
        """``KIND-HASH``: equal inputs give equal names, on any machine."""
        return f"{self.inputs.kind}-{content_hash(self.description)[:16]}"


def of_kind(cells: tuple[Cell[Any], ...], inputs: type[J]) -> tuple[Cell[J], ...]:
    """The cells whose inputs are ``inputs``, in order."""
    return tuple(cell for cell in cells if isinstance(cell.inputs, inputs))
