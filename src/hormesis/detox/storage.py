"""A saved intervention: a folder with ``intervention.json`` and, where there are arrays, safetensors beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hormesis.detox.intervention import Intervention
from hormesis.detox.registry import METHODS
from hormesis.errors import HormesisError
from hormesis.files import Json
from hormesis.representation.artefact import read_artefact, write_artefact
from hormesis.reprs import short_repr

if TYPE_CHECKING:
    from torch import Tensor

STEM = "intervention"


@short_repr
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
    """Write an intervention to ``folder``, whole or not at all; what was there is replaced.

    That of a plug-in names the plug-in, which is asked for where it is not installed.
    """
    origin = METHODS.version(name)
    plugin: dict[str, Json] = {"plugin": origin} if origin else {}
    write_artefact(folder, STEM, {"name": name, **plugin, **settings}, tensors or {})


def read_intervention(folder: Path, made: type[Intervention] | None = None) -> StoredIntervention:
    """Read an intervention of any method, or of those that make a ``made``.

    :raises HormesisError: nothing there, another method or format, a plug-in's that is not installed, or a damaged
        file.
    """
    settings, tensors = read_artefact(folder, STEM)
    name = str(settings.get("name"))
    plugin = str(settings.get("plugin") or "").partition("@")[0]
    if name not in METHODS and plugin:
        raise HormesisError(
            f"{folder} holds a {name!r} intervention of the plug-in {plugin}, which is not installed",
            f"pip install {plugin}" if plugin != "script" else f"import the script that defines {name} first",
        )
    names = [each.name for each in METHODS.values() if made is None or each.intervention is made]
    if name not in names:
        raise HormesisError(
            f"{folder} holds a {name!r} intervention, not one of {', '.join(names)}",
            "give the folder of one of these methods (load_intervention takes any)",
        )
    return StoredIntervention(name, settings, tensors)


def load_intervention(folder: Path) -> Intervention:
    """Read the intervention that any method saved in ``folder``.

    :raises HormesisError: nothing there, an unknown method, or a damaged file.
    """
    return METHODS[read_intervention(folder).name].intervention.load(folder)
