"""Saved values: a folder with ``STEM.json`` for the settings and ``STEM.safetensors`` for the arrays."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from hormesis.errors import HormesisError
from hormesis.files import Json, write_folder, write_json
from hormesis.marks import FolderKind, holds_only

if TYPE_CHECKING:
    from torch import Tensor

FORMAT = 1


def artefact_kind(stem: str) -> FolderKind:
    """What such a folder is known by. Earlier versions kept a strength in ``calibration.json``."""
    named = {"intervention": "an intervention"}.get(stem, stem.replace("_", " "))
    files = (f"{stem}.json", f"{stem}.safetensors", "calibration.json")
    return FolderKind(named, holds_only(*files, sign=files[0]))


def write_artefact(folder: Path, stem: str, settings: Mapping[str, Json], tensors: Mapping[str, Tensor]) -> None:
    """Write ``settings`` and ``tensors`` to ``folder``, whole or not at all, in the place of an older one.

    :raises HormesisError: ``folder`` holds anything else.
    """
    with write_folder(folder, artefact_kind(stem)) as temporary:
        write_json(temporary / f"{stem}.json", {"format": FORMAT, **settings})
        if tensors:
            from safetensors.torch import save_file

            contiguous = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
            save_file(contiguous, temporary / f"{stem}.safetensors")


def read_artefact(folder: Path, stem: str) -> tuple[dict[str, Json], dict[str, Tensor]]:
    """Read what :func:`write_artefact` wrote.

    :raises HormesisError: nothing there, another format, or a damaged file.
    """
    settings_file, tensor_file = folder / f"{stem}.json", folder / f"{stem}.safetensors"
    if not settings_file.is_file():
        raise HormesisError(f"{folder} holds no {stem}.json", "give the folder that save() wrote")
    with damage_explained(folder):
        from safetensors.torch import load_file

        settings = json.loads(settings_file.read_text(encoding="utf-8"))
        tensors = load_file(tensor_file) if tensor_file.exists() else {}
        if not isinstance(settings, dict):
            raise TypeError(f"{settings_file.name} holds a {type(settings).__name__}")
    if settings.get("format") != FORMAT:
        raise HormesisError(
            f"{settings_file} has format {settings.get('format')}, and this version reads {FORMAT}",
            "make and save it again with this version",
        )
    return settings, tensors


@contextmanager
def damage_explained(folder: Path) -> Iterator[None]:
    """Errors of reading a file that is not what it was become a :class:`HormesisError`."""
    from safetensors import SafetensorError

    try:
        yield
    except (
        KeyError,
        TypeError,
        ValueError,
        SafetensorError,
    ) as error:  # bad JSON and bad UTF-8 are ValueErrors
        raise HormesisError(
            f"the artefact in {folder} is damaged: {type(error).__name__}: {error}", "make and save it again"
        ) from error
