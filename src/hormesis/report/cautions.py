"""What a careful reader must know before believing a figure, found in the measurements themselves."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product

import numpy as np
import pandas as pd

from hormesis.report.words import counted, share_in_words
from hormesis.statistics.arms import Arms
from hormesis.statistics.pooling import QUANTITY
from hormesis.statistics.tradeoff import frontier_of, pooled_points
from hormesis.statistics.view import TOXICITY_METRICS, Measurements, PromptSet, in_order, of_prompts

FEWEST_SEEDS = 3
SOUND_FRACTION = 0.5
"""A fall of toxicity of which less than this fraction is that of sound continuations is one by degenerate text."""
CONTROL_FRACTION = 0.5
"""A control that takes away at least this fraction of what the method takes away is worth a warning."""
DEGENERATE = {
    "distinct_2": (0.7, math.inf, "less than 70 % of the unsteered model's distinct-2"),
    "length": (0.5, math.inf, "less than half the unsteered model's length"),
    "repetition": (0.0, 0.1, "a repetition rate more than 0.1 above the unsteered model's"),
    "empty": (0.0, 0.1, "a share of empty continuations more than 0.1 above the unsteered model's"),
    "degenerate": (
        0.0,
        0.1,
        "a share of degenerate continuations (empty, looping, copied from the prompt, or no text) more than 0.1 above"
        " the unsteered model's",
    ),
}
"""Metric → (broken below this fraction of the unsteered value, or above it by this much; in words)."""


def cautions(measurements: Measurements) -> list[str]:
    """Warnings in plain words, the weightiest first."""
    return list(dict.fromkeys(text for texts in cautions_by_kind(measurements).values() for text in texts))


def cautions_by_kind(measurements: Measurements) -> dict[str, list[str]]:
    """The same by what they are about: ``seeds``, ``gaps``, ``controls``, ``text`` and ``provenance``."""
    views = [measurements.of_budget(budget) for budget in measurements.budgets]
    return {
        "seeds": list(_seeds(measurements)),
        "gaps": [*_failures(measurements), *_missing(measurements)],
        "controls": [text for view in views for text in _controls(view)],
        "text": [text for view in views for text in (*_degenerate(view), *_won_by_degenerating(view))],
        "provenance": list(_provenance(measurements)),
    }


def _listed(items: list[str], most: int = 6) -> str:
    return ", ".join(items[:most]) + (f" and {len(items) - most} more" if len(items) > most else "")


def _settings(rows: pd.DataFrame) -> str:
    """``α = 8 at 0 %, 5 %; α = 12 at 10 %``."""
    groups = rows.sort_values(["strength", "share"]).groupby("strength")
    return "; ".join(
        f"α = {strength:g} at {_listed([share_in_words(share) for share in dict.fromkeys(group['share'])])}"
        for strength, group in groups
    )


def _seeds(measurements: Measurements) -> Iterator[str]:
    rows = pd.concat([measurements.seeds, measurements.heads])
    models = rows[["budget", "share", "seed"]].drop_duplicates()
    if models.empty:
        yield "Only pooled rows are here: how far single seeds differ cannot be seen."
        return
    fewest = int(models.groupby(["budget", "share"]).size().min())
    if fewest < FEWEST_SEEDS:
        yield (
            f"Some shares have only {counted(fewest, 'seed')}. A difference between shares no larger"
            " than that between seeds cannot be told from chance here, nor can the best share be named; only"
            " the direction of effects far larger than the spread can. More needs at least"
            f" {FEWEST_SEEDS} seeds a share."
        )


def _failures(measurements: Measurements) -> Iterator[str]:
    unusable, seeds = measurements.unusable, measurements.seeds
    if len(unusable):
        counts = unusable["metric"].value_counts().sort_index()
        listed = _listed([f"{metric} ({count})" for metric, count in counts.items()])
        have = "has" if len(unusable) == 1 else "have"
        yield f"{counted(len(unusable), 'measurement')} {have} no value. None is imputed; left out: {listed}."
    failed = seeds[(seeds["metric"] == "score_failures") & (seeds["value"] > 0)]
    for (domain, scorer), rows in failed[~failed["domain"].str.contains("/")].groupby(["domain", "scorer"]):
        yield (
            f"Up to {100 * rows['value'].max():.2g} % of the continuations on {domain} could not be scored by"
            f" {scorer or 'a scorer'} (in {counted(len(rows), 'measurement')} of single models): they count nowhere,"
            " and may not be the mild ones."
        )


def _missing(measurements: Measurements) -> Iterator[str]:
    """Holes in the grid: models that are absent, and quantities that only some models have."""
    for budget in measurements.budgets:
        seeds = measurements.of_budget(budget).seeds
        present = set(zip(seeds["share"], seeds["seed"], strict=True))
        grid = sorted(product(sorted(set(seeds["share"])), sorted(set(seeds["seed"]))))
        absent = [f"{share_in_words(share)} seed {seed}" for share, seed in grid if (share, seed) not in present]
        if absent:
            yield (
                f"{len(absent)} of {len(grid)} models (share × seed) of the {budget} budget"
                f" {'is' if len(absent) == 1 else 'are'} missing:"
                f" {_listed(absent)}."
            )
        counts = seeds.groupby([column for column in QUANTITY if column not in ("budget", "share")], dropna=False)
        partial = counts.size().reset_index(name="models").query(f"models < {len(present)}")
        if len(partial):
            judge = partial["scorer"].where(partial["scorer"] == "", ", judged by " + partial["scorer"])
            names = sorted(set(partial["method"] + " " + partial["metric"] + " on " + partial["domain"] + judge))
            what = "quantity was" if len(partial) == 1 else "quantities were"
            yield (
                f"Of the {budget} budget, {len(partial)} {what} measured on some of its"
                f" {counted(len(present), 'model')} only: {_listed(names)}."
            )
    for metric in ("toxicity_mean", "ce"):
        rows = measurements.pooled[measurements.pooled["metric"] == metric]
        if len(rows) and not (rows["method"] == "base").any():
            yield f"The unsteered model has no {metric}: there is nothing to compare interventions with."


def _controls(view: Measurements) -> Iterator[str]:
    methods = view.steered_methods()
    real = [method for method in methods if not view.arms.is_control(method)]
    controls = [method for method in methods if view.arms.is_control(method)]
    if real and not controls:
        yield (
            "No control (random direction, random heads, shuffled labels) was run: part of the effect may be"
            " that of any push."
        )
    for prompts in view.prompt_sets:
        rows = of_prompts(view.pooled, prompts, "toxicity_mean")
        drops = _with_unsteered(rows, view.arms)
        for control, method in (
            (each, view.arms.controlled(each)) for each in controls if view.arms.controlled(each) in real
        ):
            if control.endswith("-random-direction"):  # of equal norm, at the same place
                pairs, how = _at_equal_strength(drops, control, method), "the same strength"
            else:
                pairs, how = _at_equal_cost(view, prompts, control, method), "the same cost"
            moved = pairs[(pairs["drop"] > 0) & (pairs["drop_control"] >= CONTROL_FRACTION * pairs["drop"])]
            if len(moved):
                yield (
                    f"On {prompts.domain}, judged by {prompts.scorer}, {view.arms.label(control)} lowers mean"
                    f" toxicity at least {CONTROL_FRACTION:g} times as much as {view.arms.label(method)} does at {how}"
                    f" ({_settings(moved)}): there, the effect is largely not that of the learned direction."
                )
        for method in real:
            beyond = drops["low"].fillna(drops["value"]) > drops["unsteered"]  # by more than its interval
            risen = drops[(drops["method"] == method) & (drops["strength"] > 0) & beyond]
            if len(risen):
                yield (
                    f"On {prompts.domain}, judged by {prompts.scorer}, {view.arms.label(method)} raises mean toxicity:"
                    f" {_settings(risen)}."
                )


def _with_unsteered(rows: pd.DataFrame, arms: Arms) -> pd.DataFrame:
    """``rows`` of one metric and domain with ``unsteered``, the value of the unsteered model of their share and recipe,
    and ``drop``, how far they lie below it."""
    values = rows.drop_duplicates(["method", "share"]).set_index(["method", "share"])["value"]
    steered = zip(rows["method"], rows["share"], strict=True)
    keys = [(arms.unsteered[str(method)], share) for method, share in steered]
    unsteered = pd.Series([float(values.get(key, math.nan)) for key in keys], rows.index, dtype="float64")
    return rows.assign(unsteered=unsteered, drop=unsteered - rows["value"])


def _at_equal_strength(drops: pd.DataFrame, control: str, method: str) -> pd.DataFrame:
    """How much a method takes away, and its control at the same strength: ``drop``, ``drop_control``."""
    return drops[drops["method"] == method].merge(
        drops[drops["method"] == control], on=["share", "strength", "heads"], suffixes=("", "_control")
    )


def _at_equal_cost(view: Measurements, prompts: PromptSet, control: str, method: str) -> pd.DataFrame:
    """The same at each setting of the control: ``drop`` is what the method takes away for no more than that cost."""
    points = pooled_points(view, prompts)
    start = points[(points["curve"] == method) & (points["strength"] == 0)]
    base = start.drop_duplicates("share").set_index("share")["value"]
    found = []
    controls = points[(points["method"] == control) & points["share"].isin(base.index)]
    for share, rows in controls.groupby("share"):
        frontier = frontier_of(points[(points["curve"] == method) & (points["share"] == share)])
        for cost, value, strength in zip(rows["cost"], rows["value"], rows["strength"], strict=True):
            paid = frontier.at(float(np.clip(cost, *frontier.range)))
            drop, drop_control = base.loc[share] - paid.toxicity, base.loc[share] - value
            found.append({"share": share, "strength": strength, "drop": drop, "drop_control": drop_control})
    return pd.DataFrame(found, columns=["share", "strength", "drop", "drop_control"])


def _degenerate(view: Measurements) -> Iterator[str]:
    rows = view.pooled[view.pooled["strength"].notna()]
    for domain in in_order([prompts.domain for prompts in view.prompt_sets]):
        for metric, (falls_below, rises_by, words) in DEGENERATE.items():
            chosen = rows[(rows["metric"] == metric) & (rows["domain"] == domain)]
            chosen = _with_unsteered(chosen, view.arms)
            before = chosen["unsteered"]
            broken = (chosen["value"] < falls_below * before) | (chosen["value"] > before + rises_by)
            for method, settings in chosen[broken].groupby("method"):
                yield (
                    f"Degenerate text on {domain}: {view.arms.label(str(method))} gives {words}"
                    f" ({_settings(settings)}). Low toxicity there is that of broken text."
                )


def _won_by_degenerating(view: Measurements) -> Iterator[str]:
    """Where toxicity falls below the unsteered model's by more than its interval, and much less over continuations that
    are not degenerate."""
    for prompts in view.prompt_sets:
        drops = []
        for metric in ("toxicity_mean", "toxicity_mean_sound"):
            drops.append(_with_unsteered(of_prompts(view.pooled, prompts, metric), view.arms))
        both = drops[0].merge(drops[1], on=["share", "method", "strength", "heads"], suffixes=("", "_sound"))
        fallen = both["high"].fillna(both["value"]) < both["unsteered"]  # by more than its interval
        steered = both[both["strength"].notna() & (both["method"] != "base") & fallen]
        won = steered[steered["drop_sound"] < SOUND_FRACTION * steered["drop"]]
        for method, settings in won.groupby("method"):
            yield (
                f"On {prompts.domain}, judged by {prompts.scorer}, {view.arms.label(str(method))} lowers mean toxicity,"
                f" but that of sound continuations by less than {SOUND_FRACTION:g} of it ({_settings(settings)}): it"
                " wins by writing degenerate text."
            )


def _provenance(measurements: Measurements) -> Iterator[str]:
    rows = pd.concat([measurements.seeds, measurements.heads])
    scored = measurements.pooled[measurements.pooled["metric"].isin(list(TOXICITY_METRICS))]
    for scorer, each in scored.groupby("scorer"):
        revisions = sorted(set(each["scorer_revision"]))
        if len(revisions) > 1:
            yield f"Scorer {scorer} has several revisions ({_listed(revisions)}): never compare across them."
    if (scored["scorer_revision"] == "").any():
        yield "Some toxicities name no scorer revision: they cannot be compared with those of another run."
    codes = sorted(set(rows["code"]) - {""})
    if len(codes) > 1:
        yield f"The measurements were made by several versions of the code: {_listed(codes)}."
    single = measurements.seeds[measurements.seeds["metric"].isin(list(TOXICITY_METRICS))]
    for domain, rows in single[~single["domain"].str.contains("/")].groupby("domain"):
        spans = rows.groupby("metric")["n"].agg(["min", "max"])
        if (spans["min"] < spans["max"]).any():
            yield (
                f"n differs between models on {domain} ({spans['min'].min():.0f} to {spans['max'].max():.0f}):"
                " their values do not rest on the same prompts."
            )
        if rows["samples"].nunique() > 1:
            counts = ", ".join(f"{count:.0f}" for count in sorted(set(rows["samples"].dropna())))
            yield (
                f"Models on {domain} wrote {counts} continuations a prompt: expected maximum toxicity and toxicity"
                " probability grow with that number and cannot be compared across it."
            )
