"""Everything on disk: ``report.html``, ``summary.json``, ``tables/``, and ``figures/`` where they are asked for."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hormesis.files import write_file, write_folder, write_json
from hormesis.legible import legible
from hormesis.marks import FolderKind, check_claimable, check_replaceable, claim, holds_only
from hormesis.measurements.frames import no_formulas
from hormesis.measurements.names import RESULTS
from hormesis.report.explore.paper import paper_figures
from hormesis.report.explore.views import TrainingCurve
from hormesis.report.lens import Lens
from hormesis.report.markdown import paper_table
from hormesis.report.page import Facts, absent, render
from hormesis.report.said import Said
from hormesis.report.sample import Sample
from hormesis.report.summary import summary_json
from hormesis.report.tampering import recovery_sentences
from hormesis.statistics import Analysis

if TYPE_CHECKING:
    from hormesis.report.figures import Drawing

_DRAWN = (
    "dose-response", "frontier", "equal-cost", "arms", "scorers", "quality", "probes", "entanglement", "tasks",
    "capability", "reliability", "geometry-along-training", "tampering", "paper",
)  # fmt: skip
"""What the names of figures begin with, after the budget where there are several."""


def _are_tables(folder: Path) -> bool:
    """``paper.md`` beside tables that are there as CSV and as Parquet."""
    names = {path.name for path in folder.iterdir() if not path.name.startswith(".")}
    stems = {Path(name).stem for name in names - {"paper.md"}}
    return names == {"paper.md"} | {f"{stem}.{ending}" for stem in stems for ending in ("csv", "parquet")}


FIGURES = FolderKind("figures of a report", holds_only(*(f"{at}{name}*.*g" for at in ("", "*_") for name in _DRAWN)))
TABLES = FolderKind("tables of a report", _are_tables)
_log = logging.getLogger(__name__)


def check_report(folder: Path) -> None:
    """Whether a report can be written to ``folder``.

    :raises HormesisError: the folder, or ``figures`` or ``tables`` in it, holds anything that we did not write.
    """
    check_claimable(folder, RESULTS)
    check_replaceable(folder / "figures", FIGURES)
    check_replaceable(folder / "tables", TABLES)


def write_report(
    analysis: Analysis,
    folder: Path,
    *,
    title: str,
    description: str = "",
    samples: Sequence[Sample] = (),
    lenses: Sequence[Lens] = (),
    training: Sequence[TrainingCurve] = (),
    facts: Facts | None = None,
    figures: bool = False,
    png: bool = False,
) -> Path:
    """Write the report of a study; the same measurements give the same bytes.

    ``folder/tables``, and ``folder/figures`` where they are asked for, are replaced as wholes; other files in
    ``folder`` are left alone.

    :param analysis: of the study's rows (:func:`hormesis.statistics.analyse`).
    :param description: what was asked, in plain text; blank lines part paragraphs.
    :param samples: generated texts to show, escaped and hidden until clicked.
    :param lenses: tokens along the toxicity direction, escaped and hidden until clicked.
    :param training: loss curves, for the page's tab.
    :param facts: what the page says of the study itself.
    :param figures: also draw each figure for paper, as SVG; the page draws its own.
    :param png: also save each of them as PNG; implies ``figures``.
    :return: the path of ``report.html``.
    :raises HormesisError: no rows, a missing column, a value that is no number, or contradicting rows; as
        :func:`check_report`.
    """
    check_report(folder)
    start = time.perf_counter()
    title, description = legible(title), legible(description)
    said = Said.of(analysis)
    drawn = _drawn(analysis) if figures or png else []
    claim(folder, RESULTS)
    if figures or png:
        _write_figures(analysis, drawn, folder / "figures", png=png)
    notes = absent(analysis.measurements)
    notes += recovery_sentences(analysis.tampered) if len(analysis.tampered) else []
    with write_folder(folder / "tables", TABLES) as temporary:
        for name, table in analysis.tables.items():
            no_formulas(table).to_csv(temporary / f"{name}.csv", index=False, lineterminator="\n")
            table.to_parquet(temporary / f"{name}.parquet", index=False)
        (temporary / "paper.md").write_text(paper_table(analysis.settings), encoding="utf-8", newline="\n")
    write_json(folder / "summary.json", summary_json(analysis, said, title=title, notes=notes))
    page = folder / "report.html"
    with write_file(page) as temporary:
        html = render(analysis, said, title, description, notes, samples, lenses, training, facts)
        temporary.write_text(html, encoding="utf-8", newline="\n")
    _log.info("wrote %s from %d measurements in %.1f s", page, len(analysis.rows), time.perf_counter() - start)
    return page


def _drawn(analysis: Analysis) -> list[Drawing]:
    from hormesis.report.figures import draw_all, house_style  # takes a second to import: only where it is asked for

    with house_style():
        return draw_all(analysis)[0]


def _write_figures(analysis: Analysis, drawings: Sequence[Drawing], folder: Path, *, png: bool) -> None:
    from hormesis.report.figures import house_style

    with write_folder(folder, FIGURES) as temporary, house_style():
        for drawing in drawings:
            for suffix, data in drawing.saved(png=png).items():
                (temporary / f"{drawing.name}.{suffix}").write_bytes(data)
        try:
            for name, svg in paper_figures(analysis):
                (temporary / name).write_bytes(svg)
        except ModuleNotFoundError:
            _log.info("no paper_*.svg: pip install 'hormesis[figures]' draws the page's own figures for paper, too")
