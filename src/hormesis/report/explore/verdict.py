"""What the data decide at one capability budget, in at most two sentences."""

from __future__ import annotations

import math

import numpy as np

from hormesis.report.words import in_digits, share_in_words
from hormesis.statistics.answers import Answer
from hormesis.statistics.arms import Arms
from hormesis.statistics.choice import Choice


def verdict(answer: Answer, step: int, arms: Arms) -> str:
    """The verdict of :func:`hormesis.statistics.recommend`, at ``answer.costs[step]``."""
    choice, cost = answer.choices[step], in_short(float(answer.costs[step]))
    at = f"at {cost_name(answer)} ≤\u00a0{cost}"  # a space that no line breaks at
    if choice is None:
        reached = [
            share for share, mean in zip(answer.shares, answer.means[step], strict=True) if not math.isnan(float(mean))
        ]
        what = f"only at a share of {share_in_words(reached[0])}" if len(reached) == 1 else "at no two shares"
        return f"The data cannot decide {at}: {arms.label(answer.method)} reached that cost {what} in all seeds."
    least = float(choice.panel.means.min())
    if choice.decided:
        others = len(choice.panel.shares) - 1
        return (
            f"Use a share of {share_in_words(choice.share)}: {at} it leaves a mean toxicity of {in_digits(least)} under"
            f" {arms.label(answer.method)}, and {'the other share leaves' if others == 1 else 'all others leave'} more."
            f"{_absent(answer, choice)}"
        )
    return f"The data do not decide {at}: {_why(choice, least)}. {_power(choice)}"


def cost_name(answer: Answer) -> str:
    """``ΔCE``, or ``CE above the baseline`` for an absolute definition."""
    return "CE above the baseline" if answer.definition.absolute else "ΔCE"


def in_short(cost: float) -> str:
    """A capability budget as text: 0.1."""
    return f"{cost:.4g}"


def _why(choice: Choice, least: float) -> str:
    count, shares = int(choice.candidates.sum()), len(choice.candidates)
    lowest = f"the least mean toxicity is {in_digits(least)}, at {share_in_words(choice.share)}"
    if len(choice.panel.seeds) < 2:
        return f"{lowest}, but one seed cannot show how much chance is in it"
    if count == 1:
        return f"{lowest}, yet {choice.undecided[0]}"
    which = f"all {shares} shares" if count == shares else f"{count} of {shares} shares"
    return f"{which} may be the best ({lowest})"


def _power(choice: Choice) -> str:
    seeds = len(choice.panel.seeds)
    if seeds < 2 or math.isnan(choice.detectable):
        return "More seeds would let it be judged."
    spread = np.ptp(choice.panel.means)
    return (
        f"The shares’ means lie {in_digits(float(spread))} apart, and {seeds} seeds find differences of"
        f" {in_digits(choice.detectable)} or more."
    )


def _absent(answer: Answer, choice: Choice) -> str:
    absent = [share for share in answer.shares if share not in choice.panel.shares]
    if not absent:
        return ""
    return f" Not compared, for they did not reach that cost: {', '.join(map(share_in_words, absent))}."
