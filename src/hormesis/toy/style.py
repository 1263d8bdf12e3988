"""How every figure of the toy looks. Marks differ in shape, filling and line, never in colour alone: they survive a
grey printer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from hormesis.files import write_file
from hormesis.notebook_figure import NotebookFigure

INK, GREY, FAINT = "#111111", "#7a7a7a", "#d0d0d0"
_STYLE: dict[str, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": GREY,
    "axes.linewidth": 0.6,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 9,
    "axes.labelsize": 8.5,
    "figure.facecolor": "white",
    "font.size": 8.5,
    "hatch.linewidth": 0.4,
    "legend.fontsize": 7.5,
    "legend.frameon": False,
    "legend.title_fontsize": 7.5,
    "svg.hashsalt": "hormesis",
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
}


@contextmanager
def styled() -> Iterator[None]:
    """Figures made and written inside have the toy's style; nothing outside is changed."""
    with matplotlib.rc_context(cast(Any, _STYLE)):  # its stub wants literal keys
        yield


def new_figure(
    width: float, height: float, *, rows: int = 1, columns: int = 1, heights: Sequence[float] | None = None
) -> tuple[NotebookFigure, list[Axes]]:
    """A figure of ``width`` × ``height`` inches and its panels, row by row; panels share what they can."""
    figure = NotebookFigure(figsize=(width, height), layout="constrained", dpi=150)
    axes = figure.subplots(rows, columns, squeeze=False, sharex=rows > 1, sharey=columns > 1, height_ratios=heights)
    return figure, cast("list[Axes]", list(axes.ravel()))


def save_figure(figure: Figure, stem: Path) -> list[Path]:
    """Write ``stem.png`` and ``stem.svg``, each whole or absent."""
    paths = [stem.with_suffix(".png"), stem.with_suffix(".svg")]
    with styled():
        with write_file(paths[0]) as temporary:
            FigureCanvasAgg(figure).print_figure(temporary, format="png")
        with write_file(paths[1]) as temporary:
            FigureCanvasSVG(figure).print_figure(temporary, format="svg", metadata={"Date": None})
    return paths
