"""The page: one HTML file that needs no network, no script and no other file."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence

import jinja2
import numpy as np
import pandas as pd

from hormesis.legible import legible
from hormesis.report import grid
from hormesis.report.figures import Drawing
from hormesis.report.judgement_grids import detectable_grid, difference_grids, sign_grids, tail_grid
from hormesis.report.lens import Lens
from hormesis.report.said import Said
from hormesis.report.sample import Sample
from hormesis.report.scorer_trust import about_sections
from hormesis.report.words import share_in_words
from hormesis.statistics import Analysis
from hormesis.statistics.arms import Arms
from hormesis.statistics.setting_tables import parts_table
from hormesis.statistics.view import Measurements


def render(
    analysis: Analysis,
    said: Said,
    drawings: Sequence[tuple[Drawing, bytes]],
    title: str,
    description: str,
    notes: Sequence[str],
    samples: Sequence[Sample],
    lenses: Sequence[Lens],
) -> str:
    """The HTML text. Every text from outside is escaped by the template; generated ones are folded away
    besides.

    :param drawings: each figure with its SVG, embedded as an image so that ids of two figures cannot meet.
    """
    measurements, headlines, decided = analysis.measurements, analysis.headlines, analysis.decided
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("hormesis.report", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
    )
    parts = [
        (f"{prompts.domain} · {prompts.scored_by}", table)
        for prompts in measurements.prompt_sets
        if len(table := parts_table(measurements, prompts))
    ]
    return environment.get_template("report.html.jinja").render(
        title=title,
        description=[paragraph.strip() for paragraph in description.split("\n\n") if paragraph.strip()],
        sentences=said.sentences,
        warnings=said.warnings,
        notes=notes,
        capability_domain=measurements.capability_domain,
        cost_tables=grid.of_headlines(headlines) if any(each.at_cost for each in headlines) else [],
        verdicts=said.verdicts,
        difference_tables=difference_grids(analysis.judgements),
        detectable=detectable_grid(decided["detectable_differences"]),
        signs=sign_grids(decided["sign_grid"], analysis.measurements.arms),
        tails=tail_grid(decided["probe_tails"]),
        figures=[_figure(drawing, svg) for drawing, svg in drawings],
        settings=grid.of_wide(analysis.settings),
        per_seed=grid.of_wide(analysis.settings_per_seed),
        tasks=None if analysis.tasks is None else grid.of_wide(analysis.tasks),
        parts=[(name, grid.of_parts(table)) for name, table in parts],
        intervals=", ".join(sorted(set(measurements.pooled["interval"]) - {"none"})) or "none were stored",
        samples=[_sample(sample, measurements.arms) for sample in samples],
        lenses=lenses,
        about=about_sections(analysis.about, measurements, headlines),
        provenance=_provenance(measurements),
        cells=grid.of_cells(pd.concat([measurements.seeds, measurements.heads, measurements.layers])),
    )


def _figure(drawing: Drawing, svg: bytes) -> Mapping[str, str]:
    encoded = base64.b64encode(svg).decode("ascii")
    return {"name": drawing.name, "title": drawing.title, "alternative": drawing.alternative, "svg": encoded}


def _sample(sample: Sample, arms: Arms) -> Mapping[str, str]:
    words = [f"share {share_in_words(sample.share)}", arms.label(sample.method)]
    if sample.strength is not None and sample.method != "base":
        words.append(f"α = {sample.strength:g}")
    known = sample.score is not None and not np.isnan(sample.score)
    words.append(f"score {sample.score:.2f}" if known else "no score")
    return {
        "heading": " · ".join(words),
        "prompt": legible(sample.prompt),
        "text": legible(sample.text) or "(empty)",
    }


def _provenance(measurements: Measurements) -> list[tuple[str, str]]:
    rows = pd.concat([measurements.seeds, measurements.heads, measurements.layers])
    pooled = measurements.pooled
    models = rows[["budget", "share", "seed"]].drop_duplicates()
    scorers = sorted({prompts.scored_by for prompts in measurements.prompt_sets})
    steered = pooled[pooled["strength"].notna() & (pooled["method"] != "base")]
    heads = sorted(set(steered["heads"].dropna()))
    facts = [
        ("Scorer @ revision", "; ".join(scorers)),
        ("Code", "; ".join(sorted(set(rows["code"]) - {""}))),
        ("Models", f"{len(models)} (share × seed × token budget)" if len(models) else ""),
        ("Token budget", ", ".join(measurements.budgets)),
        ("Toxic shares", ", ".join(map(share_in_words, measurements.shares))),
        ("Seeds", "; ".join(measurements.seed_labels)),
        ("Interventions", ", ".join(map(measurements.arms.label, sorted(set(pooled["method"]))))),
        ("Strengths α", ", ".join(f"{strength:g}" for strength in sorted(set(steered["strength"])))),
        ("Edited heads", ", ".join(f"{count:g}" for count in heads)),
        ("Held-out text for cost", measurements.capability_domain or ""),
        ("n a model", _counts(measurements.seeds)),
        ("Measurements", f"{len(rows):,} of single models, {len(measurements.unusable):,} without a value"),
    ]
    return [(name, value or "not recorded") for name, value in facts]


def _counts(seeds: pd.DataFrame) -> str:
    """``rtp 200, clean 50,000``: n by domain, as the rows state it."""
    whole = seeds[~seeds["domain"].str.contains("/") & seeds["n"].notna() & (seeds["domain"] != "")]
    spans = whole.groupby("domain")["n"].agg(["min", "max"])
    return "; ".join(
        f"{domain} {low:,.0f}" + (f" to {high:,.0f}" if high > low else "") for domain, low, high in spans.itertuples()
    )
