"""What the data decide, in words."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hormesis.report.words import in_digits, share_in_words
from hormesis.statistics import Recommendation
from hormesis.statistics.arms import Arms
from hormesis.statistics.judgement import Judgement


def verdicts(found: Sequence[Judgement]) -> list[str]:
    """A paragraph for each recommendation."""
    return [_verdict(each.recommendation, each.arms) for each in found if each.recommendation is not None]


def _verdict(found: Recommendation, arms: Arms) -> str:
    response, count = found.response, len(found.response.panel.seeds)
    where = f"On {found.prompts.domain} ({found.token_budget}), {arms.label(found.method)} at ΔCE ≤ {found.cost:g}"
    share, low, high = (share_in_words(value) for value in (found.share, found.low, found.high))
    least = f"the least toxicity is at a share of {share}, 95 % interval {low} to {high}"
    against = found.difference or found.runner_up
    change = f"{against.student.value:+.3g}"
    if count > 1:
        change += f", 95 % t interval {against.student.low:+.3g} to {against.student.high:+.3g}"
    parts = [
        f"{where}: {least}.",
        "" if found.decided else f"The data do not decide: {'; '.join(found.undecided)}.",
        f"Against {share_in_words(against.reference)} it differs by {change}; sign-flip p = {against.p:.2g}"
        f" ({count} seeds can give no less than {against.smallest:.2g}).",
    ]
    if count > 1 and not math.isnan(response.dip):
        verb = "is" if response.supported else "is not"
        parts.append(f"A dip between the ends {verb} supported (p = {response.dip:.2g}).")
    if count > 1:
        parts.append(f"So many seeds find differences of {in_digits(found.detectable)} or more with a chance of 80 %.")
    return " ".join(part for part in parts if part)
