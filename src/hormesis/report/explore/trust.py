"""How far to believe it, in five lines: one a thing that a careful reader asks about."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from hormesis.report.said import Said
from hormesis.report.words import counted, in_digits
from hormesis.statistics import Analysis
from hormesis.statistics.intervals import FEW
from hormesis.statistics.outcomes import main_method

_MEASURED = ("distinct_2", "repetition", "degenerate", "empty")


@dataclass(frozen=True)
class Trust:
    """One thing to know.

    :param care: whether it is a reason to doubt.
    """

    about: str
    sentence: str
    care: bool


def trust_of(analysis: Analysis, said: Said) -> list[Trust]:
    """Seeds, the way of asking, scorers, controls and texts; at most five."""
    return [
        _seeds(analysis),
        *_asking(analysis),
        _scorers(analysis, said),
        _controls(analysis, said),
        *_text(analysis, said),
    ]


def _seeds(analysis: Analysis) -> Trust:
    count = len(analysis.measurements.seed_labels)
    found = [each.recommendation for each in analysis.judgements if each.recommendation is not None]
    finds = found[0].detectable if found and count > 1 else float("nan")
    if count == 0:
        return Trust("Seeds", "Single seeds are not in the rows: their spread cannot be seen.", True)
    if count == 1:
        return Trust("Seeds", "One seed: chance cannot be told from effect.", True)
    shown = "" if pd.isna(finds) else f": differences of toxicity below {in_digits(finds)} may go unseen"
    return Trust("Seeds", f"{count} seeds a share{shown}.", count < FEW)


def _asking(analysis: Analysis) -> list[Trust]:
    """Whether the sign of a share changes with the prompts, the scorer, the cost or its definition."""
    signs = analysis.decided["sign_grid"]
    methods = {main_method(analysis.measurements.of_budget(budget)) for budget in analysis.measurements.budgets}
    signs = signs[signs["method"].isin(list(methods))] if len(signs) else signs
    if signs.empty:
        return []
    ways = len(signs[["cost_definition", "capability_cost", "prompts", "scorer"]].drop_duplicates())
    if ways < 2:
        return []
    spread = signs.groupby(["budget", "share"])["sign"].agg(["min", "max"])
    turned = int(((spread["min"] < 0) & (spread["max"] > 0)).sum())
    if turned:
        what = (
            f"{counted(turned, 'share')} {'is' if turned == 1 else 'are'} better asked one way and worse asked another"
        )
        return [Trust("Asking", f"{what} ({ways} ways: prompts, scorers, costs).", True)]
    return [Trust("Asking", f"No share changes its sign between {ways} ways of asking.", False)]


def _scorers(analysis: Analysis, said: Said) -> Trust:
    count = len({(each.scorer, each.scorer_revision) for each in analysis.measurements.prompt_sets})
    if judges := said.cautions["judges"]:
        return Trust(
            "Scorers", f"{counted(len(judges), 'finding')} against what is judged, or by what: see below.", True
        )
    if differ := said.cautions["scorers"]:
        return Trust("Scorers", f"{count} scorers differ in {counted(len(differ), 'conclusion')}.", True)
    if count > 1:
        return Trust("Scorers", f"{count} scorers differ in no conclusion compared here.", False)
    return Trust("Scorers", "One scorer judged: nothing shows that another would agree.", True)


def _controls(analysis: Analysis, said: Said) -> Trust:
    view = analysis.measurements
    if not any(view.arms.is_control(method) for method in view.steered_methods()):
        return Trust("Controls", "No control was run: any push might do as much.", True)
    alike = [each for each in said.cautions["controls"] if "lowers mean toxicity at least" in each]
    raised = [each for each in said.cautions["controls"] if "raises mean toxicity" in each]
    if alike:
        return Trust("Controls", f"A control does half as much or more, in {counted(len(alike), 'comparison')}.", True)
    if raised:
        return Trust("Controls", f"A method raises toxicity, in {counted(len(raised), 'comparison')}.", True)
    return Trust("Controls", "Controls do less than half of what methods do.", False)


def _text(analysis: Analysis, said: Said) -> list[Trust]:
    if said.cautions["text"]:
        return [Trust("Texts", f"Steering breaks texts in {counted(len(said.cautions['text']), 'case')}.", True)]
    if analysis.measurements.pooled["metric"].isin(_MEASURED).any():
        return [Trust("Texts", "Texts under steering are not degenerate.", False)]
    return []
