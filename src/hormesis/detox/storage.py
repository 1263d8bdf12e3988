"""A saved intervention: a folder with ``intervention.json`` and, where there are arrays, safetensors beside it.

The strength at which it is to be used is part of it: ``calibration`` in ``intervention.json`` says what it is, and what
it was calibrated to. (Older folders have it in a file of its own, ``calibration.json``.)
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from hormesis.detox.intervention import Intervention
from hormesis.detox.registry import METHODS
from hormesis.errors import HormesisError
from hormesis.files import Json, content_hash, file_hash, indented_json, text_hash, write_json
from hormesis.models.mark import WeightsMark
from hormesis.representation.artefact import artefact_kind, damage_explained, read_artefact, write_artefact
from hormesis.reprs import short_repr

if TYPE_CHECKING:
    from torch import Tensor

    from hormesis.models import LanguageModel

log = logging.getLogger(__name__)
STEM = "intervention"
KIND = artefact_kind(STEM)
_CALIBRATION = "calibration"
_FITTED_ON = "fitted_on"


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
    folder: Path,
    intervention: Intervention | str,
    settings: Mapping[str, Json],
    tensors: Mapping[str, Tensor] | None = None,
) -> None:
    """Write an intervention to ``folder``, whole or not at all, in the place of an older one.

    One that belongs to certain weights says which (:attr:`Intervention.fitted_on`). That of a plug-in names the
    plug-in, which is asked for where it is not installed.

    :param intervention: it, or its method alone.
    """
    name = intervention if isinstance(intervention, str) else intervention.name
    belongs = None if isinstance(intervention, str) else getattr(intervention, "fitted_on", None)
    if belongs is not None:
        settings = {**settings, _FITTED_ON: belongs.to_json()}
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
    if name not in METHODS and (fault := METHODS.fault_of(plugin)) is not None:
        raise HormesisError(
            f"{folder} holds a {name!r} intervention of the plug-in {plugin}, which cannot be loaded: {fault}",
            f"mend it, or pip install --force-reinstall {plugin}",
        )
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


def load_intervention(folder: Path, lm: LanguageModel | None = None) -> Intervention:
    """Read the intervention that any method saved in ``folder``.

    :param lm: the model that it is to be applied to; None: any, on the caller's own account.
    :raises HormesisError: nothing there, an unknown method, or a damaged file; it was fitted on other weights than
        those of ``lm``.
    """
    stored = read_intervention(folder)
    found = METHODS[stored.name].intervention.load(folder)
    with damage_explained(folder):
        origin = WeightsMark.from_json(stored.settings.get(_FITTED_ON))
    if origin is None:  # of no model, or from before models were noted
        return found
    found.__dict__["_fitted_on"] = origin
    if lm is not None and origin.chat != lm.chat:
        fitted, now = ("turns of a chat", "plain text") if origin.chat else ("plain text", "turns of a chat")
        log.warning("%s was fitted on %s, and is applied to %s", folder, fitted, now)
    if lm is not None and not origin.may_be(lm):
        raise HormesisError(
            f"{folder} was fitted on the weights of {origin.model}, and {lm.name} has others",
            f"fit it on this model (`hormesis detox`); to see what it does elsewhere on purpose, apply it in Python: "
            f"load_intervention({str(folder)!r})",
        )
    return found


def keep_strength(folder: Path, strength: float, calibrated: Mapping[str, Json] | None = None) -> None:
    """Let the intervention in ``folder`` carry its strength.

    :param calibrated: to what, and what it cost; None: the user chose it.
    """
    settings = _settings(folder) | {_CALIBRATION: {"strength": strength, **(calibrated or {})}}
    write_json(folder / f"{STEM}.json", settings, ours=True)  # it has just been read as an intervention


def kept_strength(folder: Path) -> float | None:
    """The strength that the intervention in ``folder`` carries; None where it carries none.

    :raises HormesisError: nothing there, or a damaged file.
    """
    settings, older = _settings(folder), folder / f"{_CALIBRATION}.json"
    with damage_explained(folder):
        if _CALIBRATION in settings:
            return float(cast(dict[str, float], settings[_CALIBRATION])["strength"])
        return float(json.loads(older.read_text(encoding="utf-8"))["strength"]) if older.is_file() else None


def intervention_hash(folder: Path) -> str:
    """Of the intervention in ``folder`` itself: the same whatever its strength is."""
    settings = _settings(folder)
    itself = {name: value for name, value in settings.items() if name != _CALIBRATION}
    file = folder / f"{STEM}.json"
    described = [text_hash(indented_json(itself)) if itself != settings else file_hash(file)]
    beside = (each for each in sorted(folder.glob(f"{STEM}*")) if each != file and each.is_file())
    return content_hash(described + [file_hash(each) for each in beside])


def _settings(folder: Path) -> dict[str, Json]:
    file = folder / f"{STEM}.json"
    if not file.is_file():
        raise HormesisError(f"{folder} holds no {file.name}", "give the folder of an artefact")
    with damage_explained(folder):
        return cast(dict[str, Json], json.loads(file.read_text(encoding="utf-8")))
