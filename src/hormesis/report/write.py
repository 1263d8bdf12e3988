"""Everything on disk: ``report.html``, ``summary.json``, ``figures/`` and ``tables/``."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from pathlib import Path

from hormesis.files import write_file, write_folder, write_json
from hormesis.legible import legible
from hormesis.marks import FolderKind, check_claimable, check_replaceable, claim, holds_only
from hormesis.measurements.frames import no_formulas
from hormesis.measurements.names import RESULTS
from hormesis.report.figures import Drawing, draw_all, house_style
from hormesis.report.lens import Lens
from hormesis.report.markdown import paper_table
from hormesis.report.page import render
from hormesis.report.said import Said
from hormesis.report.sample import Sample
from hormesis.report.summary import summary_json
from hormesis.report.tampering import recovery_sentences
from hormesis.statistics import Analysis

_DRAWN = (
    "dose-response", "frontier", "equal-cost", "arms", "scorers", "quality", "probes", "entanglement", "tasks",
    "capability", "reliability", "geometry-along-training", "tampering",
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
    png: bool = False,
) -> Path:
    """Draw and write the report of a study; the same measurements give the same bytes.

    ``folder/figures`` and ``folder/tables`` are replaced as wholes; other files in ``folder`` are left alone.

    :param analysis: of the study's rows (:func:`hormesis.statistics.analyse`).
    :param description: what was asked, in plain text; blank lines part paragraphs.
    :param samples: generated texts to show, escaped and hidden until clicked.
    :param lenses: tokens along the toxicity direction, escaped and hidden until clicked.
    :param png: also save each figure as PNG, beside its SVG.
    :return: the path of ``report.html``.
    :raises HormesisError: no rows, a missing column, a value that is no number, or contradicting rows; as
        :func:`check_report`.
    """
    check_report(folder)
    start = time.perf_counter()
    title, description = legible(title), legible(description)
    said = Said.of(analysis)
    with house_style():
        drawings, notes = draw_all(analysis)
        claim(folder, RESULTS)
        pictures = _write_figures(drawings, folder / "figures", png=png)
    notes += recovery_sentences(analysis.tampered) if len(analysis.tampered) else []
    with write_folder(folder / "tables", TABLES) as temporary:
        for name, table in analysis.tables.items():
            no_formulas(table).to_csv(temporary / f"{name}.csv", index=False, lineterminator="\n")
            table.to_parquet(temporary / f"{name}.parquet", index=False)
        (temporary / "paper.md").write_text(paper_table(analysis.settings), encoding="utf-8", newline="\n")
    write_json(folder / "summary.json", summary_json(analysis, said, title=title, notes=notes))
    page = folder / "report.html"
    with write_file(page) as temporary:
        html = render(analysis, said, pictures, title, description, notes, samples, lenses)
        temporary.write_text(html, encoding="utf-8", newline="\n")
    _log.info("wrote %s from %d measurements in %.1f s", page, len(analysis.rows), time.perf_counter() - start)
    return page


def _write_figures(drawings: Sequence[Drawing], folder: Path, *, png: bool) -> list[tuple[Drawing, bytes]]:
    """Saves each figure; gives each with its SVG."""
    pictures = []
    with write_folder(folder, FIGURES) as temporary:
        for drawing in drawings:
            saved = drawing.saved(png=png)
            for suffix, data in saved.items():
                (temporary / f"{drawing.name}.{suffix}").write_bytes(data)
            pictures.append((drawing, saved["svg"]))
    return pictures
