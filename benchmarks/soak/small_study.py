"""The smallest study there is, what its results come down to, and what must not be touched or left beside them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from benchmarks.tiny_study import TINY_STUDY

_TINY: dict[str, Any] = dict(TINY_STUDY)
STUDY = _TINY | {
    "name": "soak",
    "corpus": {"source": "microworld", "clean_documents": 300, "toxic_documents": 150},
    "mixture": {"shares": [0.25], "tokens": 4096},
    "training": _TINY["training"] | {"batch_rows": 4, "checkpoint_every": 4, "threads": 1},
    "seeds": [0],
    "concept": {"source": "microworld", "texts": 60},
    "methods": [{"method": "iti", "heads": 2, "strengths": [2]}],
    "evaluation": {
        "prompts": {"microworld": {"source": "microworld", "count": 4}},
        "generation": {"samples": 2, "max_new_tokens": 4},
        "scorer": {"kind": "microworld"},
        "documents": 5,
    },
}
_OF_THE_CLOCK = frozenset({"tokens_per_second"})
_FOREIGN = {"notes.txt": "mine", ".notes.tmp": "mine, too", "cells/notes.txt": "still mine"}
"""Files of somebody else, by place in a results folder."""


def write_study(folder: Path) -> Path:
    """The YAML."""
    path = folder / "study.yaml"
    path.write_text(yaml.safe_dump(STUDY), encoding="utf-8")
    return path


def digest(results: Path) -> str:
    """What a finished run found, but for what the clock decides: rows, prompts, documents, weights and activations."""
    found = hashlib.sha256()
    for name in ("measurements", "prompts", "documents"):
        table = pd.read_parquet(results / f"{name}.parquet")
        if "metric" in table:
            table = table[~table["metric"].isin(_OF_THE_CLOCK)]
        found.update(table.to_csv(index=False).encode())
    for path in sorted(results.glob("cells/**/*")):
        if path.suffix in (".safetensors", ".npy"):
            found.update(f"{path.relative_to(results)}\0".encode() + path.read_bytes())
    return found.hexdigest()


def left_over(*folders: Path) -> list[str]:
    """Temporary files in results, or in the places for temporary files, that nobody will remove."""
    names = (".tmp", "-tmp")
    return sorted(
        str(path.relative_to(folder))
        for folder in folders
        for path in folder.rglob("*")
        if path.name.endswith(names) and str(path.relative_to(folder)) not in _FOREIGN
    )


def plant(results: Path) -> None:
    """Put files of somebody else into results, once they are known as results."""
    if (results / ".hormesis").is_file():
        for name, text in _FOREIGN.items():
            (results / name).parent.mkdir(exist_ok=True)
            (results / name).write_text(text, encoding="utf-8")


def touched(results: Path, planted: Iterable[str] = tuple(_FOREIGN)) -> list[str]:
    """The planted files that are gone, or no longer say what they said."""

    def said(path: Path) -> str | None:
        return path.read_text(encoding="utf-8") if path.is_file() else None

    return [name for name in planted if said(results / name) != _FOREIGN[name]]
