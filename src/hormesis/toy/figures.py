"""Figures of the toy. Marks differ in shape, filling and line, never in colour alone: they survive a grey printer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from numpy.typing import NDArray

from hormesis.files import write_file
from hormesis.toy.experiment import ToyResult
from hormesis.toy.statistics import MINIMUM_SEEDS

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
    "svg.hashsalt": "hormesis",
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
}


@contextmanager
def _style() -> Iterator[None]:
    with matplotlib.rc_context(cast(Any, _STYLE)):  # its stub wants literal keys
        yield


def _figure(
    width: float, height: float, *, rows: int = 1, columns: int = 1, heights: Sequence[float] | None = None
) -> tuple[Figure, list[Axes]]:
    figure = Figure(figsize=(width, height), layout="constrained", dpi=150)
    axes = figure.subplots(rows, columns, squeeze=False, sharex=rows > 1, sharey=columns > 1, height_ratios=heights)
    return figure, cast("list[Axes]", list(axes.ravel()))


def _interval(
    axes: Axes,
    table: pd.DataFrame,
    name: str,
    shift: float,
    marker: str,
    line: str,
    label: str,
    *,
    filled: bool,
) -> None:
    # Mean and 95 % interval of a column over shares, moved aside by a factor so that groups do not overlap.
    middle = table[name].to_numpy(dtype=np.float64)
    color = INK if name == "rare" else GREY
    below = middle - table[f"{name}_low"].to_numpy(dtype=np.float64)
    above = table[f"{name}_high"].to_numpy(dtype=np.float64) - middle
    axes.errorbar(
        table["share"].to_numpy(dtype=np.float64) * shift, middle, yerr=np.stack([below, above]), capsize=2.5,
        linewidth=1.2, marker=marker, markersize=5, color=color, linestyle=cast(Any, line), label=label,
        markerfacecolor=color if filled else "white",
    )  # fmt: skip


def draw(result: ToyResult) -> Figure:
    """Entanglement against the rare chain's share, over the loss of the same members against its floor.

    Filled marks: mean and 95 % interval over the seeds that learned every chain. Hollow marks on a hatched ground:
    fewer than half of the seeds (or fewer than five) learned, and all seeds are drawn; they say nothing about
    geometry. Small marks: one for each feature, its mean over the same seeds.
    """
    with _style():
        figure, (top, bottom) = _figure(6.4, 6.8, rows=2, heights=[3, 2])
        learned, everyone = result.shares(), result.shares(learned_only=False)
        sound = learned["share"].isin(result.judged()).to_numpy(dtype=np.bool_)
        _draw_references(top, result)
        top.plot(
            learned["share"], learned["spread_chance"].where(sound, everyone["spread_chance"]), color=GREY,
            linestyle="none", marker="+", markersize=7, label="random directions of the members' own spread",
        )  # fmt: skip
        _draw_ground(top, bottom, learned["share"].to_numpy(dtype=np.float64), sound)
        for name, label, marker, line, shift in (
            ("rare", "rare chain", "o", "-", 0.97), ("controls", "other chains", "s", "--", 1.03),
        ):  # fmt: skip
            _interval(top, learned[sound], name, shift, marker, line, f"{label} (learned seeds)", filled=True)
            if not sound.all():
                label = f"{label} (not learned: all seeds)"
                _interval(top, everyone[~sound], name, shift, marker, "none", label, filled=False)
        _draw_features(top, result, dict(zip(learned["share"], sound, strict=True)))
        top.set_ylabel("entanglement E")
        setting = result.setting
        top.set_title(
            f"{result.feature_count} features in {setting.model.width} dimensions: {setting.reading.definition}, "
            f"{setting.reading.estimator}; {setting.seeds} seeds a share"
        )
        top.legend(loc="lower center", bbox_to_anchor=(0.5, 1.06), ncols=2)
        _draw_losses(bottom, result, learned)
    return figure


def _draw_references(axes: Axes, result: ToyResult) -> None:
    chance = result.baseline(rare_only=True)
    label = "random directions, 95 % of single draws"
    axes.axhspan(chance.low, chance.high, color=FAINT, alpha=0.45, linewidth=0, label=label)
    axes.axhline(chance.mean, color=INK, linestyle=":", linewidth=1, label=f"random directions, mean {chance.mean:.3f}")
    axes.axhline(result.welch, color=GREY, linestyle="-.", linewidth=1, label=f"Welch bound {result.welch:.3f}")
    axes.set_ylim(min(0.35, result.welch - 0.05), 1.02)


def _draw_ground(top: Axes, bottom: Axes, shares: NDArray[np.float64], sound: NDArray[np.bool_]) -> None:
    # A hatched strip behind each share that was not learned; strips meet halfway between shares.
    edges = np.sqrt(shares[:-1] * shares[1:])
    first, last = shares[0] / 1.3, shares[-1] * 1.3
    if len(edges):
        first, last = shares[0] ** 2 / edges[0], shares[-1] ** 2 / edges[-1]
    bounds = np.concatenate([[first], edges, [last]])
    for left, right, learned in zip(bounds, bounds[1:], sound, strict=False):
        for axes in () if learned else (top, bottom):
            axes.axvspan(left, right, facecolor="none", edgecolor=FAINT, hatch="////", linewidth=0, zorder=0)
    top.set_xscale("log")
    top.set_xlim(first, last)


def _draw_features(axes: Axes, result: ToyResult, sound: Mapping[float, bool]) -> None:
    members = result.members().set_index(["share", "seed"])["learned"]
    table = result.features.join(members.rename("member_learned"), on=["share", "seed"])
    table = table[table["member_learned"] | ~table["share"].map(dict(sound)).astype(bool)]
    means = table.groupby(["share", "feature", "rare"])["entanglement"].mean().reset_index()
    for rare, marker, shift in ((True, "^", 0.93), (False, "x", 1.08)):
        chosen = means[means["rare"] == rare]
        axes.plot(
            chosen["share"] * shift, chosen["entanglement"], marker=marker, linestyle="none", markersize=3,
            color=INK if rare else GREY, markerfacecolor="none", markeredgewidth=0.6,
            label="a rare feature (mean over seeds)" if rare else "another feature (mean over seeds)",
        )  # fmt: skip


def _draw_losses(axes: Axes, result: ToyResult, shares: pd.DataFrame) -> None:
    members = result.members()
    spread = np.random.default_rng(0).uniform(0.99, 1.01, len(members))
    for name, label, marker, shift in (
        ("excess_rare", "rare chain", "o", 0.96), ("excess_controls", "worst other chain", "s", 1.04),
    ):  # fmt: skip
        axes.plot(
            members["share"] * shift * spread, members[name].clip(lower=1e-4), marker=marker, linestyle="none",
            markersize=3, color=INK if name == "excess_rare" else GREY, markerfacecolor="none",
            markeredgewidth=0.6, label=label,
        )  # fmt: skip
    axes.axhline(result.setting.learned_excess, color=INK, linestyle="--", linewidth=1, label="counts as learned below")
    axes.set_yscale("log")
    axes.set_ylim(1e-5, 30)
    for row in shares.itertuples():
        axes.annotate(
            f"{row.learned}/{row.members}",
            (cast(float, row.share), 12),
            ha="center",
            fontsize=7,
            annotation_clip=True,
        )
    axes.set_ylabel("loss above its floor\n(nats a token; ≤ 0.0001 at 0.0001)")
    axes.set_xlabel("share of the rare chain (of all tokens); numbers above: seeds that learned every chain")
    axes.set_xticks(shares["share"], [f"{100 * share:.2g} %" for share in shares["share"]])
    axes.minorticks_off()
    axes.legend(loc="lower left", ncols=3)


def _default_reading(table: pd.DataFrame) -> pd.DataFrame:
    return table[
        (table["definition"] == "sequence") & (table["estimator"] == "probe")
        & (table["contrast"] == "token") & table["last"]
    ]  # fmt: skip


def draw_options(table: pd.DataFrame) -> Figure:
    """The default reading of every variant at the smallest share and at equal shares: rare less controls, with
    intervals; filled for learned seeds, hollow for all seeds.

    :param table: of :func:`hormesis.toy.sweep.effects`.
    """
    chosen = _default_reading(table[table["option"] != "features × width"])
    names = (chosen["option"] + " " + chosen["value"]).str.removeprefix("model.").str.removeprefix("training.")
    chosen = chosen.assign(name=names.str.removeprefix("world.").str.strip())
    order = list(dict.fromkeys(chosen["name"]))
    ratios = [chosen["ratio"].min(), chosen["ratio"].max()]
    with _style():
        figure, panels = _figure(7.6, 1.4 + 0.21 * len(order), columns=2)
        for axes, ratio in zip(panels, ratios, strict=True):
            axes.axvline(0, color=INK, linewidth=0.7)
            for suffix, shift, marker, filling, label in (
                ("", -0.15, "o", INK, "seeds that learned every chain"), ("_all", 0.15, "s", "white", "all seeds"),
            ):  # fmt: skip
                part = chosen[chosen["ratio"] == ratio]
                part = part[part[f"low{suffix}"].notna()]
                y = np.array([order.index(name) for name in part["name"]]) + shift
                middle = part[f"mean{suffix}"].to_numpy(dtype=np.float64)
                errors = np.stack([middle - part[f"low{suffix}"], part[f"high{suffix}"] - middle])
                axes.errorbar(
                    middle, y, xerr=errors, linestyle="none", marker=marker, markersize=4, markerfacecolor=filling,
                    color=INK if not suffix else GREY, capsize=2, linewidth=0.9, label=label,
                )  # fmt: skip
            for row in chosen[chosen["ratio"] == ratio].itertuples():
                axes.annotate(
                    f"{row.learned}/{row.members}", (1.0, order.index(cast(str, row.name))),
                    xycoords=("axes fraction", "data"), fontsize=6.5, ha="left", va="center", annotation_clip=False,
                )  # fmt: skip
            share = float(chosen.loc[chosen["ratio"] == ratio, "share"].iloc[0])
            note = " (no chain is rare)" if ratio == 1 else ""
            axes.set_title(f"rare chain at {100 * share:.1f} % of the tokens{note}")
            axes.set_xlabel("E of rare features less E of the others")
        panels[0].set_yticks(range(len(order)), order)
        panels[0].invert_yaxis()
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure


def draw_readings(table: pd.DataFrame) -> Figure:
    """The base variant in every reading at the smallest share: rare less controls as numbers on grey.

    A star: the corrected (Holm) p-value over the whole sweep is below 0.05.
    """
    base = table[(table["option"] == "base") & (table["ratio"] == table["ratio"].min())]
    suffix = "" if (base["learned"] >= MINIMUM_SEEDS).all() else "_all"
    rows = list(dict.fromkeys(zip(base["definition"], base["estimator"], base["contrast"], strict=True)))
    places = list(dict.fromkeys(base["place"]))
    values, stars = np.full((len(rows), len(places)), np.nan), np.zeros((len(rows), len(places)), dtype=bool)
    for row in base.to_dict("records"):
        where = rows.index((row["definition"], row["estimator"], row["contrast"])), places.index(row["place"])
        values[where], stars[where] = row[f"mean{suffix}"], row[f"p_holm{suffix}"] < 0.05
    with _style():
        figure, (axes,) = _figure(6.0, 0.9 + 0.24 * len(rows))
        axes.imshow(np.abs(values), cmap="Greys", vmin=0, vmax=0.5, aspect="auto")
        for i, j in np.ndindex(*values.shape):
            text = f"{values[i, j]:+.2f}" + ("*" if stars[i, j] else "")
            color = "white" if abs(values[i, j]) > 0.3 else INK
            axes.text(j, i, text, ha="center", va="center", fontsize=7.5, color=color)
        axes.set_xticks(range(len(places)), places)
        axes.set_yticks(range(len(rows)), [f"{d}, {e}, {c}" for d, e, c in rows])
        axes.tick_params(length=0)
        n = f"{int(base['learned'].iloc[0])} learned" if not suffix else f"all {int(base['members'].iloc[0])}"
        axes.set_title(
            f"E of rare features less E of the others, rare chain at {100 * base['share'].iloc[0]:.1f} % ({n} seeds)"
        )
        axes.set_xlabel("where the stream is read; * p < 0.05 after Holm over the sweep")
    return figure


def draw_sizes(table: pd.DataFrame) -> Figure:
    """Features × width at the smallest ratio in the default reading: rare, controls, random directions, Welch."""
    chosen = _default_reading(table[table["option"] == "features × width"])
    chosen = chosen[chosen["ratio"] == chosen["ratio"].min()]
    counts = sorted(chosen["features"].unique())
    with _style():
        figure, panels = _figure(2.5 * max(len(counts), 2), 3.6, columns=len(counts))
        for axes, features in zip(panels, counts, strict=True):
            part = chosen[chosen["features"] == features].sort_values("width")
            x = np.arange(len(part))
            axes.plot(
                x,
                part["chance"],
                color=INK,
                linestyle=":",
                marker="_",
                markersize=10,
                label="random directions",
            )
            axes.plot(x, part["welch"], color=GREY, linestyle="-.", marker="_", markersize=10, label="Welch bound")
            for name, marker, shift, label in (
                ("rare", "o", -0.1, "rare chain"), ("controls", "s", 0.1, "other chains"),
            ):  # fmt: skip
                for suffix, filled in (("", True), ("_all", False)):
                    color = INK if name == "rare" else GREY
                    use = (part["learned"] >= MINIMUM_SEEDS).to_numpy() == filled
                    axes.plot(
                        (x + shift)[use], part[f"{name}{suffix}"].to_numpy()[use], marker=marker, linestyle="none",
                        color=color, markerfacecolor=color if filled else "white", markersize=5,
                        label=label + (" (learned seeds)" if filled else " (not learned, all seeds)"),
                    )  # fmt: skip
            axes.set_xticks(x, [str(int(width)) for width in part["width"]])
            for position, row in enumerate(part.itertuples()):
                axes.annotate(f"{row.learned}/{row.members}", (position, 1.03), ha="center", fontsize=6.5)
            axes.set_title(f"{features} features, {100 * part['share'].iloc[0]:.1f} %", pad=10)
            axes.set_xlabel("width")
            axes.set_ylim(0, 1.08)
        panels[0].set_ylabel("entanglement E")
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


def save_figure(figure: Figure, stem: Path) -> list[Path]:
    """Write ``stem.png`` and ``stem.svg``, each whole or absent."""
    paths = [stem.with_suffix(".png"), stem.with_suffix(".svg")]
    with _style():
        with write_file(paths[0]) as temporary:
            FigureCanvasAgg(figure).print_figure(temporary, format="png")
        with write_file(paths[1]) as temporary:
            FigureCanvasSVG(figure).print_figure(temporary, format="svg", metadata={"Date": None})
    return paths
