"""The figures of a sweep."""

from __future__ import annotations

from typing import cast

import numpy as np
import pandas as pd

from hormesis.notebook_figure import NotebookFigure
from hormesis.toy.statistics import MINIMUM_SEEDS
from hormesis.toy.style import GREY, INK, new_figure, styled


def _default_reading(table: pd.DataFrame) -> pd.DataFrame:
    return table[
        (table["definition"] == "sequence") & (table["estimator"] == "probe")
        & (table["contrast"] == "token") & table["last"]
    ]  # fmt: skip


def draw_options(table: pd.DataFrame) -> NotebookFigure:
    """The default reading of every variant at the smallest share and at equal shares: rare less controls, with
    intervals; filled for learned seeds, hollow for all seeds.

    :param table: of :func:`hormesis.toy.sweep.effects`.
    """
    chosen = _default_reading(table[table["option"] != "features × width"])
    names = (chosen["option"] + " " + chosen["value"]).str.removeprefix("model.").str.removeprefix("training.")
    chosen = chosen.assign(name=names.str.removeprefix("world.").str.removeprefix("reading.").str.strip())
    order = list(dict.fromkeys(chosen["name"]))
    ratios = [chosen["ratio"].min(), chosen["ratio"].max()]
    with styled():
        figure, panels = new_figure(7.6, 1.4 + 0.21 * len(order), columns=2)
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
            note = " (all equal)" if ratio == 1 else ""
            axes.set_title(f"last chain: {100 * share:.1f} % of the tokens{note}")
            axes.set_xlabel("E of rare features less E of the others")
        limit = max(abs(bound) for axes in panels for bound in axes.get_xlim())
        for axes in panels:
            axes.set_xlim(-limit, limit)
            axes.locator_params(axis="x", nbins=5)
        panels[0].set_yticks(range(len(order)), order)
        panels[0].invert_yaxis()
        figure.legend(
            *panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=2,
            title="mean and 95 % interval over seeds; at the right of a panel: seeds that learned every chain",
        )  # fmt: skip
    return figure


def draw_readings(table: pd.DataFrame) -> NotebookFigure:
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
    with styled():
        figure, (axes,) = new_figure(6.0, 1.2 + 0.24 * len(rows))
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
            f"E of rare features less E of the others\n(rare chain at {100 * base['share'].iloc[0]:.1f} %, {n} seeds)"
        )
        axes.set_xlabel("where the stream is read\n(* p < 0.05 after Holm over the sweep)")
    return figure


def draw_sizes(table: pd.DataFrame) -> NotebookFigure:
    """Features × width at the smallest ratio in the default reading: rare, controls, random directions, Welch."""
    chosen = _default_reading(table[table["option"] == "features × width"])
    chosen = chosen[chosen["ratio"] == chosen["ratio"].min()]
    counts = sorted(chosen["features"].unique())
    with styled():
        figure, panels = new_figure(max(2.5 * len(counts), 7.0), 3.8, columns=len(counts))
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
