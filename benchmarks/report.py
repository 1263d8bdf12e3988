"""What drawing the report of 20,000 rows takes: the processor's time of this process, figures included.

The ratio is the target of five seconds over the time measured, so that above one is good, as in the other rooms.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from statistics import median

import pandas as pd

from benchmarks.result import BenchmarkResult
from hormesis.report.figures import draw_all
from hormesis.report.figures.style import house_style
from hormesis.report.write import write_report
from hormesis.statistics import Analysis, analyse
from tests.report.invented import invented

TARGET_SECONDS = 5.0


def run(quick: bool) -> list[BenchmarkResult]:
    """The whole report, and what of it is not drawing pictures."""
    rows = large()
    whole, words = [], []
    for _ in range(3 if quick else 5):
        whole.append(_seconds(analyse(rows), pictures=True))
        words.append(_seconds(analyse(rows), pictures=False))
    note = f"{len(rows):,} rows, processor's time: {median(whole):.1f} s"
    return [
        BenchmarkResult("report", TARGET_SECONDS / median(whole), 1.0, [TARGET_SECONDS / each for each in whole], note),
        BenchmarkResult(
            "report: analysis and figures before they are saved",
            TARGET_SECONDS / median(words),
            1.0,
            [TARGET_SECONDS / each for each in words],
            f"processor's time: {median(words):.1f} s",
        ),
    ]


def large() -> pd.DataFrame:
    """Six shares, three seeds, two sets of prompts, and as many heads as a model of 13 layers has."""
    frame = invented((0.0, 0.05, 0.1, 0.15, 0.2, 0.25), seeds=range(3), domains=["rtp", "toxigen"])
    head = frame[frame["site"].notna() & (frame["metric"] == "probe_accuracy")]
    return pd.concat([frame, *(head.assign(site=head["site"] + f"{place}") for place in range(50))])


def _seconds(analysis: Analysis, *, pictures: bool) -> float:
    with tempfile.TemporaryDirectory() as folder:
        begun = time.process_time()
        if pictures:
            write_report(analysis, Path(folder), title="Large")
        else:
            _ = analysis.tables
            with house_style():
                draw_all(analysis)
        return time.process_time() - begun
