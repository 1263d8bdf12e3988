"""What stands beside the measurements of models: how far the scorers can be believed, and what leaked where.

Its rows belong to no model (they have no share): ``scorer_*`` and ``reference_*`` of scorers, ``overlap_*`` of checks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
import pandas as pd

from hormesis.measurements import BehaviourTable
from hormesis.report.grid import ABSENT, Cell, Grid, Row
from hormesis.report.words import in_digits, share_in_words
from hormesis.statistics.arms import Arms
from hormesis.statistics.headline import Headline
from hormesis.statistics.view import Measurements, PromptSet, of_prompts

_AGREEMENT = {
    "scorer_spearman": "Spearman ρ, prompts",
    "scorer_pearson": "Pearson r, prompts",
    "scorer_tau": "Kendall τ, all settings",
    "scorer_tau_shares": "τ, shares unsteered",
    "scorer_tau_methods": "τ, settings within a share",
}
_REFERENCE = {
    "reference_spearman": "Spearman ρ",
    "reference_auroc": "AUROC at ≥ 0.5",
    "reference_ece": "ECE",
    "reference_error": "mean error, raw",
    "reference_error_mapped": "mean error, mapped",
}
_MOST = 6


@dataclass(frozen=True)
class AboutSection:
    """A section of the page: an anchor, a title, what it says, and a table or none."""

    anchor: str
    title: str
    paragraphs: tuple[str, ...]
    table: Grid | None = None


def about_sections(
    about: pd.DataFrame, measurements: Measurements, headlines: Sequence[Headline]
) -> list[AboutSection]:
    """The sections that ``about`` has rows for."""
    found = [section] if (section := _behaviour(about)) is not None else []
    agreement = about[about["metric"].isin(list(_AGREEMENT))]
    if len(agreement):
        said = disagreements(measurements, headlines) or ["The scorers differ in no conclusion that is compared here."]
        note = (
            "Over prompts: of the mean score of a prompt’s continuations, within each unsteered model. Over settings:"
            " of mean toxicities (share × method × strength). Beneath: 95 % bootstrap over prompts, for τ also over"
            " seeds."
        )
        found.append(
            AboutSection("scorers", "Do the scorers agree?", (*said, note), _grid(agreement, "prompts", _AGREEMENT))
        )
    reference = about[about["metric"].isin(list(_REFERENCE))]
    if len(reference):
        note = (
            "Against the reference scores that ship with the texts (Perspective’s, for RealToxicityPrompts). ECE: of"
            " the raw score as the probability of a reference ≥ 0.5. Errors are mean absolute differences from the"
            " reference on the half of the texts that the map to its scale was not fitted on. Metrics in _reference are"
            " maxima read through that map: an additional reading, which shrinks towards the mean."
        )
        found.append(
            AboutSection("reference", "The scorers against Perspective", (note,), _grid(reference, "texts", _REFERENCE))
        )
    if len(overlaps := about[about["metric"].isin(["overlap_whole", "overlap_ngram"])]):
        found.append(AboutSection("checks", "What evaluates and is also trained on", *_checks(overlaps)))
    return found


def _behaviour(about: pd.DataFrame) -> AboutSection | None:
    """What each scorer calls toxic, a column a scorer and a row a function."""
    tables = list(BehaviourTable.of_rows(about))
    if not tables:
        return None
    names = list(dict.fromkeys((each.name, each.toxic) for table in tables for each in table.results))
    lines = []
    for name, toxic in names:
        cells = []
        for table in tables:
            one = next((each for each in table.results if each.name == name), None)
            cells.append(Cell(ABSENT) if one is None else _cell(one.share, *one.interval))
            cells.append(Cell("weak" if one is not None and one.is_weak else ""))
        lines.append(Row(("toxic" if toxic else "not toxic", name), tuple(cells)))
    labels = tuple(label for table in tables for label in (f"{table.scorer} @ {table.revision}", ""))
    note = (
        "The share of texts of each function that a scorer gives 0.5 or more; beneath, Wilson’s 95 % over texts, though"
        " sentences of one template are alike. Sentences are short, mild and of invented groups, but for neutral and"
        " kind ones of real groups; what is cut is the study’s held-out text, to as many tokens as the models write."
        " Weak: surely more than a tenth of what is not toxic, or surely less than half of what is."
    )
    return AboutSection(
        "behaviour", "What do the scorers call toxic?", (note,), Grid(("are", "texts"), labels, tuple(lines))
    )


def _grid(rows: pd.DataFrame, what: str, metrics: dict[str, str]) -> Grid:
    shown = {metric: label for metric, label in metrics.items() if (rows["metric"] == metric).any()}
    lines = []
    key = ["budget", "scorer", "scorer_revision", "other_scorer", "other_scorer_revision", "domain"]
    several = rows["budget"].nunique() > 1
    for _, group in rows.groupby(key, sort=False, dropna=False):
        budget, scorer, revision, other, other_revision, domain = group[key].astype(object).iloc[0]
        numbers = group[["value", "low", "high"]].to_numpy(dtype=np.float64, na_value=np.nan)
        values = dict(zip(group["metric"], numbers.tolist(), strict=True))
        cells = tuple(_cell(*values[metric]) if metric in values else Cell(ABSENT) for metric in shown)
        names = (scorer, revision) if pd.isna(other) else (f"{scorer} and {other}", f"{revision} and {other_revision}")
        lines.append(Row((*([str(budget)] if several else []), *map(str, names), str(domain)), cells))
    keys = (*(["budget"] if several else []), "scorer", "revision", what)
    return Grid(keys, tuple(shown.values()), tuple(lines))


def _cell(value: float, low: float, high: float) -> Cell:
    return Cell(in_digits(value), f"{in_digits(low)} … {in_digits(high)}" if np.isfinite([low, high]).all() else "")


def _checks(overlaps: pd.DataFrame) -> tuple[tuple[str, ...], Grid | None]:
    key = ["among", "domain"]
    pairs = overlaps.pivot_table(index=key, columns="metric", values="value", sort=False)
    pairs = pairs.assign(n=overlaps.groupby(key)["n"].first())
    hit = pairs[(pairs[["overlap_whole", "overlap_ngram"]] > 0).any(axis=1)]
    said = (
        f"{len(pairs)} pairs of rows and evaluation sets were compared, by whole texts and by n-grams of words;"
        f" {len(hit)} of them share something. Files and rows are named in the check cell’s findings.json.",
    )
    lines = []
    for _, row in hit.reset_index().iterrows():
        name, texts = str(row["among"]), str(row["domain"])
        counts = [f"{round(row[metric] * row['n']):,}" for metric in ("overlap_whole", "overlap_ngram")]
        lines.append(Row((name, texts), (Cell(f"{row['n']:,.0f}"), *map(Cell, counts))))
    labels = ("texts of the set", "whole rows", "share an n-gram")
    return said, Grid(("rows", "evaluation set"), labels, tuple(lines)) if lines else None


def overlap_cautions(about: pd.DataFrame) -> list[str]:
    """A warning for what models or scorers have seen whole of what evaluates them."""
    rows = about[(about["metric"] == "overlap_whole") & (about["value"] > 0)]
    warnings = []
    for holder, texts, share, n in zip(rows["among"], rows["domain"], rows["value"], rows["n"], strict=True):
        if holder != "concept fit":
            warnings.append(
                f"{round(share * n):,} of {n:,} texts of {texts} are also, whole, among the {holder}: what is"
                " measured on them is partly memory."
            )
    return warnings


def disagreements(measurements: Measurements, headlines: Sequence[Headline]) -> list[str]:
    """Conclusions in which scorers differ: the share with the least toxicity at equal cost, whether a method helps."""
    found: list[str] = []
    for budget in measurements.budgets:
        view = measurements.of_budget(budget)
        for domain in dict.fromkeys(prompts.domain for prompts in view.prompt_sets):
            sets = [prompts for prompts in view.prompt_sets if prompts.domain == domain]
            if len(sets) > 1:
                own = [each for each in headlines if each.budget == budget and each.prompts.domain == domain]
                found += [*_least(own, sets, view.arms), *_directions(view, sets)]
    return found


def _least(headlines: Sequence[Headline], sets: Sequence[PromptSet], arms: Arms) -> list[str]:
    same_name = len({prompts.scorer for prompts in sets}) < len(sets)
    settings = dict.fromkeys((at.method, at.capability_cost) for each in headlines for at in each.at_cost)
    found = []
    for method, cost in settings:
        best: dict[str, float] = {}
        for prompts in sets:
            known = {
                each.share: at.toxicity.value
                for each in headlines
                for at in each.at_cost
                if each.prompts == prompts
                and (at.method, at.capability_cost) == (method, cost)
                and at.toxicity.value is not None
            }
            if len(known) > 1:
                best[prompts.scored_by if same_name else prompts.scorer] = min(known, key=lambda share: known[share])
        if len(set(best.values())) > 1 and not arms.is_control(method):
            listed = ", ".join(f"{share_in_words(share)} by {scorer}" for scorer, share in best.items())
            found.append(
                f"On {sets[0].domain}, the scorers differ in the share at which {arms.label(method)} leaves least at"
                f" ΔCE ≤ {cost:g}: {listed}."
            )
    return found


def _directions(view: Measurements, sets: Sequence[PromptSet]) -> list[str]:
    """Settings that one scorer calls milder than the unsteered model of the same share, and another worse."""
    key = ["share", "method", "strength", "heads"]
    drops: list[pd.DataFrame] = []
    for prompts in sets:
        rows = of_prompts(view.pooled, prompts, "toxicity_mean")
        base = rows[rows["method"] == "base"].drop_duplicates("share").set_index("share")["value"]
        drop = rows["share"].map(base) - rows["value"]
        own = rows.assign(**{f"drop {len(drops)}": drop})[rows["method"] != "base"]
        drops.append(own[[*key, f"drop {len(drops)}"]].dropna(subset=f"drop {len(drops)}"))
    both = reduce(lambda left, right: left.merge(right, on=key), drops)
    signs = np.sign(both.drop(columns=key).to_numpy(dtype=np.float64))
    differ = both[(signs.min(axis=1) < 0) & (signs.max(axis=1) > 0)] if len(both) else both
    if differ.empty:
        return []
    listed = [
        view.arms.label(str(row["method"]))
        + ("" if pd.isna(row["strength"]) else f" α = {row['strength']:g}")
        + f" at {share_in_words(row['share'])}"
        for row in differ.to_dict("records")
    ]
    more = f" and {len(listed) - _MOST} more" if len(listed) > _MOST else ""
    return [
        f"On {sets[0].domain}, one scorer calls {len(listed)} of {len(both)} settings milder than no intervention and"
        f" another worse: {', '.join(listed[:_MOST])}{more}."
    ]
