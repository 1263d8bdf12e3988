"""What the report of 20,000 rows takes, without and with figures for paper: the processor's time of this process.

The ratio is the target of five seconds over the time measured, so that above one is good, as in the other rooms.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from statistics import median

import pandas as pd

from benchmarks.result import BenchmarkResult
from hormesis.report.write import write_report
from hormesis.statistics import Analysis, analyse
from tests.report.invented import invented

TARGET_SECONDS = 5.0


def run(quick: bool) -> list[BenchmarkResult]:
    """The report, and the same with figures for paper."""
    rows = large()
    page, paper = [], []
    for _ in range(3 if quick else 5):
        page.append(_seconds(analyse(rows), figures=False))
        paper.append(_seconds(analyse(rows), figures=True))
    note = f"{len(rows):,} rows, processor's time: {median(page):.1f} s"
    return [
        BenchmarkResult("report", TARGET_SECONDS / median(page), 1.0, [TARGET_SECONDS / each for each in page], note),
        BenchmarkResult(
            "report: without figures over with figures",
            median(paper) / median(page),
            1.5,
            [one / other for one, other in zip(paper, page, strict=True)],
            f"with them, processor's time: {median(paper):.1f} s",
        ),
    ]


def large() -> pd.DataFrame:
    """Six shares, three seeds, two sets of prompts, and as many heads as a model of 13 layers has."""
    frame = invented((0.0, 0.05, 0.1, 0.15, 0.2, 0.25), seeds=range(3), domains=["rtp", "toxigen"])
    head = frame[frame["site"].notna() & (frame["metric"] == "probe_accuracy")]
    return pd.concat([frame, *(head.assign(site=head["site"] + f"{place}") for place in range(50))])


def _seconds(analysis: Analysis, *, figures: bool) -> float:
    with tempfile.TemporaryDirectory() as folder:
        begun = time.process_time()
        write_report(analysis, Path(folder), title="Large", figures=figures)
        return time.process_time() - begun
