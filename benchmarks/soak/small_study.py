"""The smallest study there is, run as a user would, and what its results come down to."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import psutil
import yaml

STUDY = {
    "name": "soak",
    "corpus": {"source": "microworld", "clean_documents": 300, "toxic_documents": 150},
    "held_out": {"evaluate": 0.05},
    "tokenizer": {"vocabulary": 400},
    "mixture": {"shares": [0.25], "tokens": 4096},
    "training": {
        "preset": "micro", "sequence_length": 64, "batch_rows": 4, "compile": False, "checkpoint_every": 4, "threads": 1
    },
    "seeds": [0],
    "concept": {"source": "microworld", "texts": 60},
    "methods": [{"method": "iti", "heads": 2, "strengths": [2]}],
    "evaluation": {
        "prompts": {"microworld": {"source": "microworld", "count": 4}},
        "generation": {"samples": 2, "max_new_tokens": 4},
        "scorer": {"kind": "microworld"},
        "documents": 5,
    },
}  # fmt: skip
_OF_THE_CLOCK = frozenset({"tokens_per_second"})
_TIMEOUT = 600


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit status (negative: the signal), and all that it said."""

    status: int
    said: str

    @property
    def traceback(self) -> bool:
        """Whether a person would have seen one."""
        return "Traceback (most recent call last)" in self.said


@contextmanager
def undisturbed() -> Iterator[tuple[Path, Path, str]]:
    """A folder, the study in it, and the digest of what it gives when nothing goes wrong (``folder/undisturbed``)."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        study = write_study(folder)
        run(study, folder / "undisturbed")
        yield folder, study, digest(folder / "undisturbed")


def write_study(folder: Path) -> Path:
    """The YAML."""
    path = folder / "study.yaml"
    path.write_text(yaml.safe_dump(STUDY), encoding="utf-8")
    return path


def start(study: Path, results: Path, prepare: Callable[[], None] | None = None) -> subprocess.Popen[str]:
    """``hormesis study run``, in a session of its own; what it says goes to ``said.txt`` beside the results.

    :param prepare: called in the new process before it becomes the command.
    """
    command = [sys.executable, "-m", "hormesis", "study", "run", str(study), "--results", str(results)]
    command += ["--workers", "2", "--threads", "1"]
    with _said(results).open("a", encoding="utf-8") as said:
        return subprocess.Popen(
            command, stdout=said, stderr=said, text=True, start_new_session=True, preexec_fn=prepare
        )


def run(study: Path, results: Path, prepare: Callable[[], None] | None = None) -> Ended:
    """The same, to its end."""
    return ended(start(study, results, prepare), results)


def ended(process: subprocess.Popen[str], results: Path) -> Ended:
    """Wait for a command; what it said is taken away."""
    status = process.wait(_TIMEOUT)
    path = _said(results)
    said = path.read_text(encoding="utf-8", errors="replace")
    path.unlink()
    return Ended(status, said)


def digest(results: Path) -> str:
    """What a finished run found, but for what the clock decides: rows, prompts, documents and weights."""
    found = hashlib.sha256()
    for name in ("measurements", "prompts", "documents"):
        table = pd.read_parquet(results / f"{name}.parquet")
        if "metric" in table:
            table = table[~table["metric"].isin(_OF_THE_CLOCK)]
        found.update(table.to_csv(index=False).encode())
    for weights in sorted(results.glob("cells/*/model/*.safetensors")):
        found.update(f"{weights.relative_to(results)}\0".encode() + weights.read_bytes())
    return found.hexdigest()


def left_over(results: Path) -> list[str]:
    """Temporary files that nobody will remove."""
    return sorted(str(path.relative_to(results)) for path in results.rglob("*") if path.name.endswith((".tmp", "-tmp")))


def alive(session: int, within: float = 5.0) -> list[int]:
    """Processes of a session that are still there after some seconds."""
    until = time.monotonic() + within
    while (found := _of_session(session)) and time.monotonic() < until:
        time.sleep(0.05)
    return found


def _of_session(session: int) -> list[int]:
    found = []
    for process in psutil.process_iter(["pid", "status"]):
        try:
            ours = os.getsid(process.info["pid"]) == session and process.info["status"] != psutil.STATUS_ZOMBIE
        except (OSError, psutil.Error):
            continue
        found += [process.info["pid"]] if ours else []
    return found


def _said(results: Path) -> Path:
    return results.with_name(f"{results.name}.said.txt")
