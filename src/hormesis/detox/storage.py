"""A saved intervention: a folder with ``intervention.json`` and, where there are arrays, safetensors beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from hormesis.errors import HormesisError
from hormesis.files import Json
from hormesis.representation.artefact import read_artefact, write_artefact

STEM = "intervention"


@dataclass(frozen=True, eq=False)
class StoredIntervention:
    """What such a folder holds."""

    name: str
    """The method."""
    settings: Mapping[str, Json]
    """Everything that is not an array."""
    tensors: Mapping[str, Tensor]
    """The arrays; empty where there are none."""


def write_intervention(
    folder: Path, name: str, settings: Mapping[str, Json], tensors: Mapping[str, Tensor] | None = None
) -> None:
    """Write an intervention to ``folder``, whole or not at all; what was there is replaced."""
    write_artefact(folder, STEM, {"name": name, **settings}, tensors or {})


def read_intervention(folder: Path, names: Sequence[str]) -> StoredIntervention:
    """Read an intervention of one of the methods ``names``.

    :raises HormesisError: nothing there, another method or format, or a damaged file.
    """
    settings, tensors = read_artefact(folder, STEM)
    name = settings.get("name")
    if name not in names:
        raise HormesisError(
            f"{folder} holds a {name!r} intervention, not one of {', '.join(names)}",
            "give the folder of one of these methods (load_intervention takes any)",
        )
    return StoredIntervention(str(name), settings, tensors)
