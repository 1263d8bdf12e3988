"""What we hang on OLMo-core's trainer: the loss curve, progress, and checkpoints whose damage is noticed."""

from __future__ import annotations

import json
import logging
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from olmo_core.aliases import PathOrStr
from olmo_core.distributed.utils import get_rank
from olmo_core.train.callbacks import Callback
from olmo_core.train.checkpoint import Checkpointer, CheckpointMetadata
from olmo_core.train.common import TRAIN_CE_LOSS_METRIC

from hormesis.files import file_hash, write_file

logger = logging.getLogger(__name__)

CHECKSUMS_FILE = "checksums.json"


@dataclass(frozen=True)
class TrainingProgress:
    """One report on a running training. ``loss`` is cross-entropy in nats a token of that step's batch;
    ``tokens_per_second`` is over all processes, since this process started, start-up included; ``first_step`` is the
    step of the checkpoint that it went on from."""

    step: int
    steps: int
    tokens: int
    loss: float
    tokens_per_second: float
    first_step: int = 0


@dataclass
class LossLog(Callback):
    """Writes ``loss.jsonl`` (one line a step) and reports progress, both from rank 0.

    Metrics reach a callback some steps late, but all of them before OLMo-core saves a checkpoint: so a
    checkpoint never knows of a step that the log lacks. After a resume the log may hold steps that the
    checkpoint has not seen: they are cut, and trained again.
    """

    priority: ClassVar[int] = -10

    path: Path = field(default_factory=Path)
    steps: int = 0
    tokens_per_step: int = 0
    started: float = 0.0
    progress: Callable[[TrainingProgress], None] | None = None
    last_loss: float = float("nan")
    first_step: int = 0
    _reported: float = 0.0

    def pre_train(self) -> None:
        self.first_step = self.step
        if get_rank() != 0:
            return
        kept = [line for line in self._lines() if line["step"] <= self.step]
        if kept:
            self.last_loss = kept[-1]["loss"]
        text = "".join(json.dumps(line) + "\n" for line in kept)
        with write_file(self.path) as temporary:
            temporary.write_text(text, encoding="utf-8")

    def _lines(self) -> list[dict[str, float]]:
        lines: list[dict[str, float]] = []
        if self.path.is_file():
            for text in self.path.read_text(encoding="utf-8").splitlines():
                try:
                    lines.append(json.loads(text))
                except ValueError:
                    break  # a line that was being written when the process was killed
        return lines

    def log_metrics(self, step: int, metrics: dict[str, float]) -> None:
        loss = metrics.get(TRAIN_CE_LOSS_METRIC)
        if loss is None or get_rank() != 0:
            return
        self.last_loss = loss
        line = {"step": step, "loss": loss, "learning_rate": metrics.get("optim/LR (group 0)")}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        if self.progress is not None and (step == self.steps or time.monotonic() - self._reported > 0.2):
            self._reported = time.monotonic()
            speed = self.tokens_per_second(step)
            tokens = step * self.tokens_per_step
            self.progress(TrainingProgress(step, self.steps, tokens, loss, speed, self.first_step))

    def tokens_per_second(self, step: int) -> float:
        """Since this process started training, start-up included."""
        return (step - self.first_step) * self.tokens_per_step / max(time.perf_counter() - self.started, 1e-9)


@dataclass
class Snapshots(Callback):
    """Keeps the model after some of the steps; 0 is before the first."""

    # Before the checkpoint of the same step, after which a resumed training would not come back to it.
    priority: ClassVar[int] = 2

    steps: frozenset[int] = frozenset()
    keep: Callable[[int], None] = field(default=lambda _step: None)

    def pre_train(self) -> None:
        if self.step == 0:
            self._keep_if_wanted()

    def post_train_batch(self) -> None:
        self._keep_if_wanted()

    def _keep_if_wanted(self) -> None:
        if self.step in self.steps:
            self.keep(self.step)


@dataclass
class CheckedCheckpointer(Checkpointer):
    """OLMo-core's checkpointer, with a checksum of every file, written before the checkpoint counts as one.

    OLMo-core writes to a temporary name, renames, and writes ``.metadata.json`` last: a checkpoint that was
    being written when the process died is not seen. :func:`discard_damaged` finds damage that comes later.
    """

    def _save_metadata(self, dir: PathOrStr, metadata: CheckpointMetadata) -> None:
        if get_rank() == 0:
            folder = Path(dir)
            files = sorted(path for path in folder.rglob("*") if path.is_file())
            sums = {str(path.relative_to(folder)): file_hash(path) for path in files}
            for name in sums:
                _sync(folder / name)
            self.write_file(dir, CHECKSUMS_FILE, json.dumps(sums))
        super()._save_metadata(dir, metadata)


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _damaged(checkpoint: Path) -> bool:
    try:
        sums = json.loads((checkpoint / CHECKSUMS_FILE).read_text(encoding="utf-8"))
        return any(file_hash(checkpoint / name) != expected for name, expected in sums.items())
    except (OSError, ValueError, AttributeError):
        return True


def discard_damaged(folder: Path) -> None:
    """Set aside checkpoints whose files are not those that were written, newest first, until one is whole.

    The trainer then resumes from the newest whole one, or from the start.
    """
    for unfinished in folder.glob("step*-tmp"):  # of a process that was killed while it saved
        shutil.rmtree(unfinished, ignore_errors=True)
    found = Checkpointer.find_checkpoints(str(folder)) if folder.is_dir() else ()
    for step, path in sorted(found, reverse=True):
        if not _damaged(Path(path)):
            return
        aside = folder / f"damaged-step{step}"
        logger.warning("the checkpoint %s is damaged and set aside as %s; an older one is used", path, aside)
        shutil.rmtree(aside, ignore_errors=True)
        Path(path).rename(aside)
