"""Benchmarks of invented words, in the columns of the real ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from hormesis.evaluate.capability import CapabilityConfig, Task, load_tasks
from tests.evaluate.tiny import invented_texts


def arc_rows(counts: Sequence[int], *, seed: int = 0) -> list[dict[str, object]]:
    """Questions with these numbers of choices; the right one is anywhere."""
    generator = np.random.default_rng(seed)
    questions = invented_texts(len(counts), seed=seed, words=(2, 5))
    rows: list[dict[str, object]] = []
    for question, count in zip(questions, counts, strict=True):
        labels = list("ABCDE"[:count])
        texts = [invented_texts(1, seed=int(generator.integers(10**6)), words=(1, 3))[0] for _ in labels]
        rows.append(
            {
                "question": f"{question}?",
                "choices": {"text": texts, "label": labels},
                "answerKey": str(generator.choice(labels)),
            }
        )
    return rows


def blimp_rows(phenomena: dict[str, tuple[str, int]], *, seed: int = 0) -> list[dict[str, object]]:
    """Pairs of sentences: phenomenon → (field, how many)."""
    rows: list[dict[str, object]] = []
    for phenomenon, (field, count) in phenomena.items():
        texts = invented_texts(2 * count, seed=seed + len(rows), words=(2, 5))
        for good, bad in zip(texts[:count], texts[count:], strict=True):
            rows.append({"phenomenon": phenomenon, "field": field, "good": good, "bad": f"{bad} ko"})
    return rows


def written(folder: Path, **tasks: list[dict[str, object]]) -> Path:
    """``folder`` with a file for each task."""
    for name, rows in tasks.items():
        pd.DataFrame(rows).to_parquet(folder / f"{name}.parquet")
    return folder


def asked(folder: Path, *names: str, limit: int | None = None) -> tuple[Task, ...]:
    """The tasks of such a folder."""
    return load_tasks(CapabilityConfig(names=names, folder=folder, limit=limit))
