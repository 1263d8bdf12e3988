"""``hormesis geometry``: the geometry of concepts at every layer of one model."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from hormesis.corpus import ConceptTexts, LabelledTexts
from hormesis.evaluate import Measurement, Origin, to_frame, write_measurements
from hormesis.files import write_file
from hormesis.report import Lens, lens_page
from hormesis.report.figures import house_style
from hormesis.report.figures.geometry import layer_profile
from hormesis.representation import ConceptBank
from hormesis.representation.geometry import TOXICITY, SurveyConfig, survey_model
from hormesis.workbench.loading import Loaded
from hormesis.workbench.progress import Steps


def geometry(
    console: Console,
    loaded: Loaded,
    concept: LabelledTexts,
    bank: ConceptTexts,
    config: SurveyConfig,
    other: LabelledTexts | None,
    out: Path | None,
) -> None:
    """Survey, print the table by site; in ``out``, write rows, figure, lens and banks."""
    with Steps.shown(console) as step:
        found = survey_model(loaded.model, loaded.tokenizer, concept, bank, config, other=other, progress=step)
    origin = Origin(cell=loaded.name, share=math.nan, budget="", method="base", code=version("hormesis"))
    frame = to_frame(Measurement(**asdict(origin), **asdict(finding)) for finding in found.findings)
    console.print(overlap_table(frame))
    console.print(separation_table(frame))
    console.print(
        f"E: largest |cosine| of the toxicity direction with one of {len(bank.names)} concepts, {_each(bank):,} texts"
        f" each. Corrected: of that pair, without the noise's share. Nearest: {_nearest(found.banks)}. Baselines: where"
        " 95 % of draws lie. Below a split-half cosine of 0.5 a direction is mostly noise, and looks orthogonal for"
        " that reason alone. Rank: dimensions that the bank fills. Half-life: noise, in multiples of the activations'"
        " spread, that halves AUROC − ½.",
        highlight=False,
    )
    if out is None:
        return
    write_measurements(out / "measurements.parquet", frame)
    for one in found.banks:
        one.save(out / "bank" / one.site)
    with house_style():
        drawing = layer_profile(frame, loaded.name)
        for suffix, data in zip(("png", "svg"), drawing.saved(), strict=True):
            with write_file(out / f"geometry.{suffix}") as file:
                file.write_bytes(data)
    written = "measurements.parquet, geometry.png, geometry.svg, bank"
    if found.lenses:
        with write_file(out / "lens.html") as file:
            lenses = [Lens.of(f"site {one.site}", one.promoted, one.suppressed) for one in found.lenses]
            file.write_text(lens_page(lenses, f"{loaded.name}: tokens along the toxicity direction"), encoding="utf-8")
        written += ", lens.html (tokens are hidden until clicked)"
    console.print(f"wrote {out}: {written}", highlight=False)


def _each(bank: ConceptTexts) -> int:
    return len(bank.texts) // len(bank.names)


def _nearest(banks: Sequence[ConceptBank]) -> str:
    """Which concept is nearest to toxicity, and at how many sites."""
    names = [bank.concepts[1 + int(np.abs(bank.cosines[0, 1:]).argmax())] for bank in banks]
    counts = pd.Series(names).value_counts()
    return ", ".join(f"{name} at {count} of {len(names)} sites" for name, count in list(counts.items())[:3])


def overlap_table(frame: pd.DataFrame) -> Table:
    """One line a site: how entangled the toxicity direction is, and what chance would give.

    :param frame: measurement rows of one model.
    """
    columns = {
        "E": ("entanglement", TOXICITY),
        "corrected": ("entanglement_corrected", TOXICITY),
        "split-half": ("split_half_cosine", TOXICITY),
        "random": ("entanglement", "random"),
        "covariance": ("entanglement", "covariance"),
        "shuffled": ("entanglement", "shuffled"),
        "Welch": ("entanglement", "welch"),
        "rank": ("effective_rank", "bank"),
    }
    return _by_site(frame, columns, "Overlap with other concepts")


def separation_table(frame: pd.DataFrame) -> Table:
    """One line a site: how well the toxicity direction separates held-out texts, here and in another data set."""
    columns = {
        "AUROC": ("direction_auroc", TOXICITY),
        "covariance": ("direction_auroc", "covariance"),
        "erased by": ("erasure_rank", TOXICITY),
        "half-life": ("noise_half_life", TOXICITY),
    }
    ways = sorted(set(frame.loc[frame["metric"] == "transfer_auroc", "domain"]))
    columns |= {way: ("transfer_auroc", way) for way in ways if "/" not in way and len(set(way.split("→"))) == 2}
    return _by_site(frame, columns, "Separation, on held-out texts")


def _by_site(frame: pd.DataFrame, columns: Mapping[str, tuple[str, str]], title: str) -> Table:
    table = Table("site", *columns, title=title, title_justify="left", box=SIMPLE)
    for site in dict.fromkeys(frame["site"]):
        here = frame[frame["site"] == site].set_index(["metric", "domain"])
        table.add_row(str(site), *(_cell(here, key) for key in columns.values()))
    return table


def _cell(here: pd.DataFrame, key: tuple[str, str]) -> str:
    if key not in here.index:
        return "–"
    row = here.loc[[key]].iloc[0]
    if key[0] == "erasure_rank":
        return f"{row['value']:.0f}"
    interval = "" if math.isnan(float(row["low"])) else f" ({row['low']:.2f}–{row['high']:.2f})"
    return f"{row['value']:.2f}{interval}"
