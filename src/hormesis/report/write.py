"""Everything on disk: ``report.html``, ``summary.json``, ``figures/`` and ``tables/``."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from hormesis.errors import HormesisError
from hormesis.files import write_file, write_folder, write_json
from hormesis.report.about import about_sections, disagreements, overlap_cautions
from hormesis.report.attacks import attack_success_table
from hormesis.report.cautions import cautions
from hormesis.report.figures import Drawing, draw_all, house_style, reliability_diagram
from hormesis.report.figures.geometry import geometry_along_training
from hormesis.report.figures.tampering import tampering_figures
from hormesis.report.headline import headlines, reachable_cost
from hormesis.report.judgement import curve_table, detectable_table, difference_table, judgements, tail_table, verdicts
from hormesis.report.lens import Lens
from hormesis.report.markdown import paper_table
from hormesis.report.page import render
from hormesis.report.sample import Sample, legible
from hormesis.report.summary import sentences, summary_json
from hormesis.report.tables import all_tables, wide_table
from hormesis.report.tampering import curves, recovery_sentences, tampered_rows
from hormesis.report.tasks import parts_of_tasks, tasks_table
from hormesis.statistics.geometry import along_training
from hormesis.statistics.measurements import Measurements
from hormesis.statistics.recovery import recovery_table

CAPABILITY_BUDGETS = (0.05, 0.1, 0.2)
"""ΔCE in nats a token at which shares are compared, unless others are given."""

_log = logging.getLogger(__name__)


def write_report(
    measurements: pd.DataFrame,
    folder: Path,
    *,
    title: str,
    description: str = "",
    samples: Sequence[Sample] = (),
    lenses: Sequence[Lens] = (),
    capability_budgets: Sequence[float] = CAPABILITY_BUDGETS,
    prompt_rows: pd.DataFrame | None = None,
    about: pd.DataFrame | None = None,
    main_scorer: tuple[str, str] | None = None,
) -> Path:
    """Draw and write the report of a study; the same measurements give the same bytes.

    ``folder/figures`` and ``folder/tables`` are replaced as wholes; other files in ``folder`` are left alone.

    :param measurements: rows in the columns of ``hormesis.evaluate.Measurement``.
    :param description: what was asked, in plain text; blank lines part paragraphs.
    :param samples: generated texts to show, escaped and hidden until clicked.
    :param lenses: tokens along the toxicity direction, escaped and hidden until clicked.
    :param capability_budgets: ΔCE in nats a token, each above 0, at which toxicity is compared between
        shares. If some model did not reach the least of them, the largest cost that all reached is added.
    :param prompt_rows: toxicity of single prompts, with the column ``cell``: then they are resampled beside the seeds.
    :param about: rows that belong to no model: how scorers agree, with each other and with a reference, and what
        checks found.
    :param main_scorer: (scorer, revision) of the one that comes first where several judged the same texts.
    :return: the path of ``report.html``.
    :raises HormesisError: no rows, a missing column, a value that is no number, contradicting rows, or a bad
        budget.
    """
    start = time.perf_counter()
    if not capability_budgets or not all(0 < budget < float("inf") for budget in capability_budgets):
        raise HormesisError(
            f"capability budgets must be above 0 nats a token, but are {list(capability_budgets)}",
            f"give at least one, such as {CAPABILITY_BUDGETS[0]}",
        )
    budgets = sorted(set(capability_budgets))
    title, description = legible(title), legible(description)
    tampered = tampered_rows(measurements)
    checked = Measurements.of(measurements, main_scorer)
    about = measurements.iloc[:0] if about is None else about
    reachable = reachable_cost(checked)
    if reachable is not None and reachable < budgets[0]:
        budgets.insert(0, reachable)  # else the models could be compared at no cost at all
    found = headlines(checked, budgets)
    said = sentences(found, checked.capability_domain)
    warnings = [*overlap_cautions(about), *disagreements(checked, found), *cautions(checked)]
    judged = judgements(checked, budgets, prompt_rows)
    all_said = [*said, *verdicts(judged)]
    decided = {
        "paired_differences": difference_table(judged),
        "dose_response_curves": curve_table(judged),
        "detectable_differences": detectable_table(judged),
        "probe_tails": tail_table(checked),
    }
    with house_style():
        drawings, notes = draw_all(checked, budgets)
        if (diagram := reliability_diagram(about, "reliability")) is not None:
            drawings.append(diagram)
        drawings += geometry_along_training(measurements, "geometry-along-training")
        if len(tampered):
            drawings += tampering_figures(tampered)
            notes += recovery_sentences(tampered)
        pictures = _write_figures(drawings, folder / "figures")
    settings, per_seed = wide_table(checked), wide_table(checked, per_seed=True)
    asked = tasks_table(checked)
    tables = all_tables(checked, found, settings, per_seed)
    if asked is not None:
        tables["tasks"] = asked.frame
        if len(parts := parts_of_tasks(checked)):
            tables["tasks_parts"] = parts
    if len(trained := along_training(measurements)):
        tables["geometry_along_training"] = trained
    if len(tampered):
        tables |= {"tampering": curves(tampered), "tampering_recovery": recovery_table(tampered)}
    if len(attacked := attack_success_table(measurements)):
        tables["attack_success"] = attacked
    with write_folder(folder / "tables") as temporary:
        more = decided | {"about": about.reset_index(drop=True)}
        for name, table in (tables | {name: table for name, table in more.items() if len(table)}).items():
            table.to_csv(temporary / f"{name}.csv", index=False, lineterminator="\n")
            table.to_parquet(temporary / f"{name}.parquet", index=False)
        (temporary / "paper.md").write_text(paper_table(settings), encoding="utf-8", newline="\n")
    write_json(
        folder / "summary.json",
        summary_json(checked, found, budgets, title=title, sentences=all_said, warnings=warnings, notes=notes),
    )
    html = render(
        checked,
        found,
        pictures,
        settings,
        per_seed,
        judged,
        decided,
        asked,
        title=title,
        description=description,
        sentences=said,
        warnings=warnings,
        notes=notes,
        samples=samples,
        lenses=lenses,
        about=about_sections(about, checked, found),
    )
    page = folder / "report.html"
    with write_file(page) as temporary:
        temporary.write_text(html, encoding="utf-8", newline="\n")
    _log.info("wrote %s from %d measurements in %.1f s", page, len(measurements), time.perf_counter() - start)
    return page


def _write_figures(drawings: Sequence[Drawing], folder: Path) -> list[tuple[Drawing, bytes]]:
    """Saves PNG and SVG of each figure; gives each with its SVG."""
    pictures = []
    with write_folder(folder) as temporary:
        for drawing in drawings:
            png, svg = drawing.saved()
            (temporary / f"{drawing.name}.png").write_bytes(png)
            (temporary / f"{drawing.name}.svg").write_bytes(svg)
            pictures.append((drawing, svg))
    return pictures
