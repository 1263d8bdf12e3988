"""How every figure looks: one style, one order of marks, a caption that says what was counted.

Series differ in marker and line style as well as in colour, so that a figure survives a black-and-white
printer; the colours are steps of *viridis*, which readers with any colour vision see in the same order, from
dark to light.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import matplotlib
import matplotlib.collections
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FormatStrFormatter, NullLocator
from numpy.typing import ArrayLike

from hormesis.files import write_file
from hormesis.notebook_figure import NotebookFigure
from hormesis.statistics.intervals import STUDENT
from hormesis.statistics.pooling import NONE
from hormesis.statistics.view import PromptSet

INK, GREY, FAINT = "#1a1a1a", "#6b6b6b", "#c4c4c4"
ACCENT = "#d55e00"  # the vermilion of Okabe and Ito: apart from every step of the palette
PANEL_WIDTH, PANEL_HEIGHT = 3.6, 2.7  # inches
_TITLE_LETTERS = 46
_COST_TICKS = (0, 0.1, 0.2, 0.5, 1, 2, 5, 10)
MARKERS = ["o", "s", "^", "D", "v", "P", "X", "*", "<", ">"]
LINES: list[str | tuple[int, tuple[float, ...]]] = [
    "-",
    (0, (5, 1.5)),
    (0, (3, 1, 1, 1)),
    (0, (1.2, 1)),
    (0, (7, 1, 1, 1, 1, 1)),
]
_STYLE: dict[str, object] = {
    "axes.axisbelow": True,
    "axes.edgecolor": GREY,
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.labelsize": 8.5,
    "axes.linewidth": 0.6,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 9,
    "axes.titlelocation": "left",
    "figure.facecolor": "white",
    "figure.dpi": 160,
    "font.size": 8.5,
    "grid.color": "#e6e6e6",
    "grid.linewidth": 0.5,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "legend.title_fontsize": 8,
    "lines.linewidth": 1.4,
    "lines.markersize": 4.5,
    # The same ids each time; texts as outlines (no font needed); "$" in a name begins no formula.
    "svg.hashsalt": "hormesis",
    "svg.fonttype": "path",
    "text.parse_math": False,
    "xtick.color": GREY,
    "xtick.labelsize": 8,
    "ytick.color": GREY,
    "ytick.labelsize": 8,
}


@dataclass(frozen=True)
class Drawing:
    """A figure with what the page and the files need to know of it.

    :param name: file name without ending.
    :param alternative: what it shows, for readers who cannot see it.
    """

    name: str
    title: str
    alternative: str
    figure: NotebookFigure

    def saved(self, *, png: bool = True) -> dict[str, bytes]:
        """``svg`` and ``png``: the same bytes for the same drawing, so without dates and versions."""
        # Straight to the canvases: savefig would draw everything twice.
        found, buffer, dpi = {}, io.BytesIO(), self.figure.dpi
        to_svg = cast("Callable[..., None]", FigureCanvasSVG(self.figure).print_svg)
        to_svg(buffer, metadata={"Date": None, "Creator": None})
        found["svg"] = buffer.getvalue()
        self.figure.set_layout_engine("none")  # laid out by now: the PNG keeps the places
        if png:
            self.figure.dpi = dpi  # an SVG sets it to 72
            buffer = io.BytesIO()
            to_png = cast("Callable[..., None]", FigureCanvasAgg(self.figure).print_png)
            to_png(buffer, metadata={"Software": None}, pil_kwargs={"compress_level": 4})
            found["png"] = buffer.getvalue()
        return found

    def write(self, folder: Path, stem: str = "") -> list[Path]:
        """Save it as ``folder/STEM.svg`` and ``.png``, each whole or absent.

        :param stem: its name if empty.
        :returns: the paths.
        """
        paths = []
        for suffix, data in self.saved().items():
            paths.append(folder / f"{stem or self.name}.{suffix}")
            with write_file(paths[-1]) as file:
                file.write_bytes(data)
        return paths


@dataclass(frozen=True)
class Mark:
    """How one series is drawn."""

    color: str
    marker: str
    line: str | tuple[int, tuple[float, ...]]


@contextmanager
def house_style() -> Iterator[None]:
    """Draw and save inside it: our settings whatever the user's matplotlibrc says, which is back
    afterwards.
    """
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(cast("Any", _STYLE))
        yield


def marks(number: int) -> list[Mark]:
    """``number`` marks from dark to light, no two alike up to fifty."""
    colours = matplotlib.colormaps["viridis"](np.linspace(0.0, 0.88, max(number, 2)))
    return [
        Mark(matplotlib.colors.to_hex(colours[i]), MARKERS[i % len(MARKERS)], LINES[i % len(LINES)])
        for i in range(number)
    ]


def panels(
    rows: int,
    columns: int,
    title: str,
    caption: str,
    *,
    width: float = PANEL_WIDTH,
    height: float = PANEL_HEIGHT,
    share_x: bool = False,
    share_y: bool | str = False,
) -> tuple[NotebookFigure, list[list[Axes]]]:
    """A figure of rows × columns panels with a title above and, below, the caption that says n, seeds and
    scorer.
    """
    inches = columns * width + 1.7  # the legend stands at the right
    lines = textwrap.wrap(caption, int(inches * 20))
    figure = NotebookFigure(figsize=(inches, rows * height + 0.55 + 0.14 * len(lines)), layout="constrained")
    figure.suptitle(title, x=0.008, ha="left", fontsize=10.5, fontweight="bold", color=INK)
    figure.supxlabel("\n".join(lines), x=0.008, ha="left", fontsize=6.8, color=GREY, linespacing=1.35)
    grid = figure.subplots(rows, columns, squeeze=False, sharex=share_x, sharey=cast("bool", share_y))
    return figure, [list(row) for row in grid]


def legend(figure: Figure, axes: Axes, title: str) -> None:
    """The legend of ``axes``, right of all panels and below the title; the figure grows where it would be cut off."""
    entries = list(zip(*axes.get_legend_handles_labels(), strict=True))
    # Markers without a line come last.
    entries.sort(key=lambda entry: isinstance(entry[0], matplotlib.collections.Collection))
    drawn = figure.legend(
        [handle for handle, _ in entries],
        [label for _, label in entries],
        title=title,
        loc="outside right center",
        alignment="left",
        handlelength=2.6,
    )
    needed = drawn.get_window_extent().height / figure.dpi + 0.7  # clear of the title
    figure.set_figheight(max(figure.get_figheight(), needed))


def caption(rows: pd.DataFrame, seeds: Sequence[str], prompts: PromptSet | None = None, *, single: bool = True) -> str:
    """The line under a figure: what n is, which seeds, what the interval is, which scorer.

    :param rows: the pooled rows that are drawn.
    :param seeds: labels of the models behind them.
    :param single: whether the single seeds are drawn, too.
    """
    parts = [f"n = {span(rows['n'])} a pooled value", seeds_in_words(seeds)]
    intervals = sorted(set(rows.loc[_has_bar(rows), "interval"]) - {NONE})
    parts.append(f"bars, cut where they leave the picture: {' / '.join(intervals)}" if intervals else "no bars")
    if single and seeds:
        parts.append("thin marks: single seeds")
    if prompts is not None:
        parts.append(f"scorer {prompts.scored_by}")
    return " · ".join(parts)


def seeds_in_words(seeds: Sequence[str]) -> str:
    """``2 seeds (0; 1)``."""
    return f"{len(seeds)} seed{'s' * (len(seeds) != 1)} ({'; '.join(seeds)})" if seeds else "single seeds unknown"


def span(numbers: pd.Series) -> str:
    """The least and the greatest of some counts, once if they are equal."""
    if numbers.dropna().empty:
        return "unknown"
    low, high = int(numbers.min()), int(numbers.max())
    return f"{low:,}" if low == high else f"{low:,}–{high:,}"


def error_bars(rows: pd.DataFrame) -> np.ndarray:
    """[2, points] distances of ``low`` and ``high`` from ``value``; 0 where there is no interval.

    Two seeds have none in pictures, for theirs hides all else: it is in the tables, and the seeds themselves are drawn.
    """
    below, above = rows["value"] - rows["low"], rows["high"] - rows["value"]
    distances = np.stack([below.to_numpy(dtype=np.float64), above.to_numpy(dtype=np.float64)])
    return np.asarray(np.nan_to_num(distances).clip(0) * _has_bar(rows).to_numpy())


def _has_bar(rows: pd.DataFrame) -> pd.Series:
    if "interval" not in rows:  # of single models
        return pd.Series(True, rows.index)
    return (rows["interval"] != STUDENT) | (rows["seeds"] > 2)


def draw_bars(axes: Axes, x: ArrayLike, y: ArrayLike, distances: ArrayLike, **style: Any) -> None:
    """Marks with error bars. The marks alone decide what the picture shows: bars are cut where they leave it, for those
    of two seeds may be many times as long as all that was measured."""
    before = axes.dataLim.frozen()
    axes.errorbar(x, y, distances, **style)
    axes.dataLim.set(before)
    points = np.column_stack([np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)])
    axes.dataLim.update_from_data_xy(points[np.isfinite(points).all(axis=1)], ignore=False)
    axes.autoscale_view()


def cost_axis(axes: Axes, text: str | None, highest: float, *, linear_until: float = 0.1) -> None:
    """Capability cost on x; logarithmic from ``linear_until`` on where costs go far beyond it, which the label says."""
    if highest > 3 * linear_until:
        axes.set_xscale("symlog", linthresh=linear_until)
        axes.xaxis.set_major_locator(FixedLocator([tick for tick in _COST_TICKS if tick <= highest]))
        axes.xaxis.set_major_formatter(FormatStrFormatter("%g"))
        axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel(f"ΔCE on {text}, nats a token{scale_in_words(axes)}")


def scale_in_words(axes: Axes) -> str:
    """What the label of x says of a scale that is not linear."""
    if axes.get_xscale() != "symlog":
        return ""
    return f" (logarithmic above {cast('Any', axes.xaxis.get_transform()).linthresh:,g})"


def steps_axis(axes: Axes, steps: Sequence[int]) -> None:
    """Numbers of steps on x, with ticks at those measured; logarithmic beyond the first where they go far."""
    if max(steps) > 20:
        axes.set_xscale("symlog", linthresh=min(step for step in steps if step > 0))
    axes.set_xticks(list(steps), [f"{step:,}" for step in steps])
    axes.xaxis.set_minor_locator(NullLocator())


def panel_title(axes: Axes, title: str) -> None:
    """The title of one of several panels, in as many lines as keep it off its neighbour."""
    axes.set_title(textwrap.fill(title, _TITLE_LETTERS))


def share_axis(axes: Axes, shares: Sequence[float], *, named: bool = True) -> None:
    """Toxic share on x, with ticks at the measured shares."""
    axes.set_xticks([100 * share for share in shares], [f"{100 * share:.4g}" for share in shares])
    if named:
        axes.set_xlabel("toxic share of training tokens, %")


def strength_names(strengths: Sequence[float]) -> dict[float, str]:
    """``α = 4 (weak)`` … ``α = 12 (strong)``."""
    names = {strength: f"α = {strength:g}" for strength in strengths}
    if len(strengths) > 1:
        names[min(strengths)] += " (weak)"
        names[max(strengths)] += " (strong)"
    return names
