"""The figure of one setting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

from hormesis.notebook_figure import NotebookFigure
from hormesis.toy.experiment import ToyResult
from hormesis.toy.style import FAINT, GREY, INK, new_figure, styled


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


def draw(result: ToyResult) -> NotebookFigure:
    """Entanglement against the rare chain's share, over the loss of the same members against its floor.

    Filled marks: mean and 95 % interval over the seeds that learned every chain. Hollow marks on a hatched ground:
    fewer than half of the seeds (or fewer than five) learned, and all seeds are drawn; they say nothing about
    geometry. Small marks: one for each feature, its mean over the same seeds.
    """
    with styled():
        figure, (top, bottom) = new_figure(6.4, 6.8, rows=2, heights=[3, 2])
        learned, everyone = result.shares(), result.shares(learned_only=False)
        sound = learned["share"].isin(result.judged()).to_numpy(dtype=np.bool_)
        _draw_references(top, result)
        spread = learned["spread_chance"].where(sound, everyone["spread_chance"])
        top.plot(
            learned["share"] * 1.14, spread, color=INK, linestyle="none", marker="+", markersize=6,
            label="random directions of the members' own spread",
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
    top.set_xlim(first, last * 1.08)


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
