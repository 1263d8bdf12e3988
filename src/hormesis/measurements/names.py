"""The tables of a results folder, and of the folder of each cell, by file name; and how such folders are marked."""

from __future__ import annotations

import json
import re
from pathlib import Path

from hormesis.marks import FolderKind, holds

MEASUREMENTS_FILE = "measurements.parquet"
PROMPTS_FILE = "prompts.parquet"
"""By the main scorer."""
OTHERS_FILE = "prompts_other_scorers.parquet"
"""The same by the others, with the columns ``scorer`` and ``scorer_revision``; only where there are any."""
DOCUMENTS_FILE = "documents.parquet"
ANSWERS_FILE = "answers.parquet"
DETECTION_FILE = "detection.parquet"
TABLES = frozenset([MEASUREMENTS_FILE, PROMPTS_FILE, OTHERS_FILE, DOCUMENTS_FILE, ANSWERS_FILE, DETECTION_FILE])
OUTSIDE_FOLDER = "outside"
"""The same tables of cells that the study no longer plans."""

_FINGERPRINT = re.compile(r"hub:.+|[0-9a-f]{64}")


def _were_results(folder: Path) -> bool:
    """A study beside the fingerprints of the files that it read."""
    try:
        recorded = json.loads((folder / "data.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    fingerprints = recorded.values() if isinstance(recorded, dict) else [None]
    known = all(isinstance(one, str) and _FINGERPRINT.fullmatch(one) for one in fingerprints)
    return known and (folder / "study.yaml").is_file()


RESULTS = FolderKind("results of a study", _were_results)
FOUND = FolderKind(
    "what was found of a model",
    holds(
        ("measured_alike.json", MEASUREMENTS_FILE),
        ("probes.parquet", "heads.png"),
        ("geometry.png", MEASUREMENTS_FILE),
        ("reliability.png", MEASUREMENTS_FILE),
        ("outcomes.jsonl",),
        ("trigger.parquet", "triggers.json"),
        ("tamper.parquet",),
    ),
)
"""The folder of ``--out``: of one model or of scorers, written by one command or by several."""
