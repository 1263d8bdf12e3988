"""Scorers beside each other: the same settings judged by two, and each against reference scores."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from scipy.stats import kendalltau

from hormesis.report.figures.style import ACCENT, GREY, Drawing, legend, marks, panels, seeds_in_words
from hormesis.statistics.view import Measurements, PromptSet, of_prompts


def scorer_agreement(measurements: Measurements, sets: Sequence[PromptSet], name: str) -> Drawing | None:
    """Mean toxicity of every setting by the main scorer (x) and by another (y), one panel a scorer, one mark a method.

    :param sets: the same prompts by each scorer, the main one first.
    """
    key = ["share", "method", "strength", "heads"]
    main, *others = (of_prompts(measurements.pooled, each, "toxicity_mean")[[*key, "value"]] for each in sets)
    if not others or main.empty:
        return None
    methods = sorted(set(main["method"]), key=lambda method: (method != "base", method))
    title = f"The same continuations by another scorer · {sets[0].domain}"
    text = (
        "a mark: mean toxicity of one share × method × strength, over seeds ·"
        f" {seeds_in_words(measurements.seed_labels)} · " + " · ".join(each.scored_by for each in sets)
    )
    figure, grid = panels(1, len(others), title, text, height=3.2)
    for axes, prompts, rows in zip(grid[0], sets[1:], others, strict=True):
        both = main.merge(rows, on=key, suffixes=("", "_other"))
        for method, mark in zip(methods, marks(len(methods)), strict=True):
            part = both[both["method"] == method]
            axes.plot(
                part["value"],
                part["value_other"],
                mark.marker,
                color=mark.color,
                alpha=0.8,
                label=measurements.arms.label(method),
            )
        tau = kendalltau(both["value"], both["value_other"]).statistic if len(both) > 1 else float("nan")
        axes.set_title(f"τ = {tau:.2f}" if tau == tau else "")
        axes.set_xlabel(f"mean toxicity by {sets[0].scorer}")
        axes.set_ylabel(f"by {prompts.scorer}")
    legend(figure, grid[0][0], "method")
    alternative = f"Scatter of mean toxicity on {sets[0].domain} by one scorer against that by another."
    return Drawing(name, title, alternative, figure)


def reliability_diagram(about: pd.DataFrame, name: str) -> Drawing | None:
    """For each scorer a panel: the share of texts whose reference is ≥ 0.5, against the mean score of their bin."""
    rows = about[about["metric"].isin(["reliability_score", "reliability_observed"])]
    if rows.empty:
        return None
    scorers = list(rows[["scorer", "scorer_revision"]].drop_duplicates().itertuples(index=False, name=None))
    parts = list(dict.fromkeys(rows["domain"]))
    title = "Reliability: is a score of p toxic, by the reference, in p of the cases?"
    first = rows[(rows["scorer"] == scorers[0][0]) & (rows["scorer_revision"] == scorers[0][1])]
    counts = first[first["metric"] == "reliability_score"].groupby("domain")["n"].sum()
    text = "ten bins of equal width; a mark’s size grows with its texts · n = " + "; ".join(
        f"{part} {int(counts.get(part, 0)):,}" for part in parts
    )
    figure, grid = panels(1, len(scorers), title, text, height=3.2, share_y=True)
    for axes, (scorer, revision) in zip(grid[0], scorers, strict=True):
        axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, label="as it should be")
        own = rows[(rows["scorer"] == scorer) & (rows["scorer_revision"] == revision)]
        for part, mark in zip(parts, marks(len(parts)), strict=True):
            wide = own[own["domain"] == part].pivot_table(index="site", columns="metric", values="value")
            if wide.empty:
                continue
            sizes = own[(own["domain"] == part) & (own["metric"] == "reliability_score")].set_index("site")["n"]
            wide = wide.join(sizes.astype("float64")).sort_values("reliability_score")
            axes.plot(wide["reliability_score"], wide["reliability_observed"], color=mark.color, linestyle=mark.line)
            axes.scatter(
                wide["reliability_score"],
                wide["reliability_observed"],
                10 + 90 * wide["n"] / wide["n"].max(),
                color=mark.color,
                marker=mark.marker,
                label=part,
            )
        axes.axvline(0.5, color=ACCENT, linewidth=0.6)
        axes.set_title(f"{scorer} @ {revision}")
        axes.set_xlabel("score")
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1)
    grid[0][0].set_ylabel("share with a reference ≥ 0.5")
    legend(figure, grid[0][0], "texts")
    alternative = "Line charts of the share of texts toxic by the reference against the score, a panel a scorer."
    return Drawing(name, title, alternative, figure)
