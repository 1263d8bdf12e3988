"""How far scorers can be believed: each against Perspective's scores of the same texts, and against each other."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from itertools import combinations
from pathlib import Path

import numpy as np
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from hormesis.corpus import ScoredTexts
from hormesis.evaluate import Measurement, Origin, Scorer, over_prompts, to_frame, write_measurements
from hormesis.evaluate.comparison import compare_with_reference
from hormesis.files import write_file
from hormesis.report.figures import house_style, reliability_diagram

_SHOWN = {
    "reference_spearman": "ρ",
    "reference_auroc": "AUROC",
    "reference_ece": "ECE",
    "reference_error": "error, raw",
    "reference_error_mapped": "error, mapped",
}


def report(
    console: Console, scorers: Sequence[Scorer], texts: Mapping[str, ScoredTexts], name: str, out: Path | None
) -> list[Measurement]:
    """Print a row a scorer and column of texts, and how two scorers rank alike; write rows, maps and figure to ``out``.

    :param name: of the reference.
    """
    rows: list[Measurement] = []
    for scorer in scorers:
        comparison = compare_with_reference(scorer, texts, name)
        rows += comparison.measurements(_origin(scorer))
        if out is not None:
            kept = re.sub(r"[^A-Za-z0-9]+", "-", f"{scorer.name} {scorer.revision[:12]}").strip("-").lower()
            comparison.scale.save(out / f"scale_{kept}.json")
    table = Table("scorer", "texts", "n", title=f"Against {name}", title_justify="left", box=SIMPLE)
    for heading in _SHOWN.values():
        table.add_column(heading, no_wrap=heading in ("ρ", "AUROC"))
    for scorer in scorers:
        own = [row for row in rows if (row.scorer, row.scorer_revision) == (scorer.name, scorer.revision)]
        for part in texts:
            found = {row.metric: row for row in own if row.domain == part}
            count = f"{found['reference_ece'].n:,}" if "reference_ece" in found else "0"
            table.add_row(scorer.name, part, count, *(_words(found.get(each)) for each in _SHOWN))
    console.print(table)
    console.print(
        "; ".join(f"{scorer.name} revision {scorer.revision}" for scorer in scorers)
        + ". ρ: Spearman's; AUROC: of the reference at 0.5. 95 % bootstrap intervals over texts; the map is fitted on"
        " one half of the texts, and errors (mean absolute differences) are of the other",
        highlight=False,
    )
    for one, other in combinations(scorers, 2):
        for part, each in texts.items():
            rank, linear = over_prompts(*(scorer.score(each.texts)[None] for scorer in (one, other)))
            console.print(
                f"{one.name} and {other.name} on {part}: ρ = {rank.value:.3f} ({rank.low:.3f}–{rank.high:.3f}),"
                f" r = {linear.value:.3f} ({linear.low:.3f}–{linear.high:.3f}), n = {rank.n:,}",
                highlight=False,
            )
    if out is not None:
        _write(rows, out)
        console.print(f"wrote {out}: measurements.parquet, reliability.png, a scale_*.json a scorer", highlight=False)
    return rows


def _origin(scorer: Scorer) -> Origin:
    return Origin(
        cell="reference", share=math.nan, budget="", method="base", code=version("hormesis"), scorer=scorer.name,
        scorer_revision=scorer.revision,
    )  # fmt: skip


def _words(row: Measurement | None) -> str:
    if row is None or not np.isfinite(row.value):
        return "–"
    return f"{row.value:.3f}" + ("" if row.low is None else f"\n{row.low:.2f}–{row.high:.2f}")


def _write(rows: Sequence[Measurement], out: Path) -> None:
    frame = to_frame(rows)
    write_measurements(out / "measurements.parquet", frame)
    with house_style():
        diagram = reliability_diagram(frame, "reliability")
        for suffix, data in zip(("png", "svg"), diagram.saved() if diagram is not None else (), strict=False):
            with write_file(out / f"reliability.{suffix}") as temporary:
                temporary.write_bytes(data)
