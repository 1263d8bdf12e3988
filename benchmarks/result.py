"""What every benchmark hands on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class BenchmarkResult:
    """A paired comparison: ``ratio`` is the median of ``runs``, and meets its aim if it is at least ``target``."""

    name: str
    ratio: float
    target: float
    runs: list[float]
    note: str
