"""``summary.json`` and the opening sentences of the page: the headline numbers for machines and for readers.

Sentences report and compare; they do not judge. What would let one judge (seeds that disagree, a cost that
was never reached) is said in the same breath.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np

from hormesis.files import Json
from hormesis.report.words import in_digits, share_in_words
from hormesis.statistics.headline import AtCost, Estimate, Headline
from hormesis.statistics.pooling import NONE

if TYPE_CHECKING:
    from hormesis.report.said import Said
    from hormesis.statistics import Analysis

FORMAT = 1
"""Raised when a key of ``summary.json`` changes its meaning or goes away; new keys may come at any time."""


def summary_json(analysis: Analysis, said: Said, *, title: str, notes: Sequence[str]) -> Json:
    """The content of ``summary.json``; unknown numbers are null, with a reason beside them."""
    measurements = analysis.measurements
    return {
        "format": FORMAT,
        "title": title,
        "token_budgets": measurements.budgets,
        "shares": measurements.shares,
        "seeds": measurements.seed_labels,
        "capability_domain": measurements.capability_domain,
        "capability_budgets": [float(budget) for budget in analysis.costs],
        "scorers": [
            {"scorer": scorer, "revision": revision}
            for scorer, revision in sorted({(p.scorer, p.scorer_revision) for p in measurements.prompt_sets})
        ],
        "headlines": [_headline(headline) for headline in analysis.headlines],
        "sentences": [*said.sentences, *said.verdicts],
        "warnings": list(said.warnings),
        "notes": list(notes),
    }


def _headline(headline: Headline) -> Json:
    prompts = headline.prompts
    return {
        "token_budget": headline.budget,
        "share": headline.share,
        "prompts": prompts.domain,
        "scorer": prompts.scorer,
        "scorer_revision": prompts.scorer_revision,
        "metric": "toxicity_mean",
        "base": _estimate(headline.base),
        "fixed": {method: _estimate(estimate) for method, estimate in headline.fixed.items()},
        "at_capability_cost": [
            {
                "method": each.method,
                "control": headline.arms.is_control(each.method),
                "capability_cost": each.capability_cost,
                "toxicity": _estimate(each.toxicity),
                "strength": each.strength,
                "area_under_frontier": _estimate(each.area),
                "difference_from_lowest_share": _estimate(each.difference),
                "by_seed": dict(each.by_seed),
            }
            for each in headline.at_cost
        ],
    }


def _estimate(estimate: Estimate) -> Json:
    record: dict[str, Json] = asdict(estimate)
    return {**record, "reason": estimate.reason or None}


def sentences(headlines: Sequence[Headline], capability_domain: str | None) -> list[str]:
    """What the numbers are, a paragraph for each (token budget, prompts)."""
    groups: dict[tuple[object, ...], list[Headline]] = {}
    for headline in headlines:
        groups.setdefault((headline.budget, headline.prompts), []).append(headline)
    many_budgets = len({headline.budget for headline in headlines}) > 1
    many_scorers = len({(headline.prompts.scorer, headline.prompts.scorer_revision) for headline in headlines}) > 1
    paragraphs = []
    for group in groups.values():
        about = [f"On {group[0].prompts.domain}"]
        about += [f"budget {group[0].budget}"] if many_budgets else []
        about += [f"scored by {group[0].prompts.scored_by}"] if many_scorers else []
        parts = [_base_sentence(group), *_cost_sentences(group, capability_domain), _brackets(group)]
        paragraphs.append(f"{', '.join(about)}: " + " ".join(part for part in parts if part))
    return paragraphs


def number(estimate: Estimate) -> str:
    """``0.104 (0.098–0.110)``."""
    if estimate.value is None:
        return "unknown"
    if estimate.low is None or estimate.high is None:
        return in_digits(estimate.value)
    return f"{in_digits(estimate.value)} ({in_digits(estimate.low)}–{in_digits(estimate.high)})"


def _brackets(group: Sequence[Headline]) -> str:
    """What the numbers in brackets are: they differ between what was measured and what was interpolated."""
    kinds = {
        "without intervention": {headline.base.interval for headline in group},
        "at equal cost": {each.toxicity.interval for headline in group for each in headline.at_cost},
    }
    listed = [f"{where}, {' or '.join(sorted(names - {NONE}))}" for where, names in kinds.items() if names - {NONE}]
    return f"In brackets: {'; '.join(listed)}." if listed else "No intervals are known."


def _base_sentence(group: Sequence[Headline]) -> str:
    known = [headline for headline in group if headline.base.value is not None]
    if not known:
        return "the unsteered model was not measured."
    first, last = known[0], known[-1]
    share = share_in_words(first.share)
    text = f"without intervention, mean toxicity is {number(first.base)} at a toxic share of {share}"
    return text + (f" and {number(last.base)} at {share_in_words(last.share)}." if len(known) > 1 else ".")


def _cost_sentences(group: Sequence[Headline], capability_domain: str | None) -> list[str]:
    """One on the first real method at the middle capability budget, one on the controls there."""
    settings = list(dict.fromkeys((each.method, each.capability_cost) for each in group[0].at_cost))
    methods = list(dict.fromkeys(method for method, _ in settings))
    arms = group[0].arms
    claims = [method for method in methods if not arms.is_control(method)]
    if not claims:
        return []
    real = "iti" if "iti" in claims else claims[0]  # the paper's, where it was measured; the tables have all
    costs = sorted({cost for _, cost in settings})
    reachable = {cost: _known(group, real, cost) for cost in costs}
    cost = max(costs, key=lambda each: (len(reachable[each]), -abs(costs.index(each) - len(costs) // 2)))
    known = reachable[cost]
    if not known:
        return [
            f"What {arms.label(real)} leaves at equal capability cost is unknown:"
            f" {group[0].at_cost[0].toxicity.reason}."
        ]
    best = min(known, key=lambda share: known[share].toxicity.value or 0.0)
    cost_in_words = f"At a capability cost of at most {cost:g} nats a token (ΔCE on {capability_domain})"
    texts = [f"{cost_in_words}, {arms.label(real)} leaves {_least(known, best)}."]
    if len(known) < len(group):
        texts.append(f"This cost was reached, or measured, at {len(known)} of {len(group)} shares.")
    if len(known) > 1:
        texts.append(_by_seed(known))
    for control in (method for method in methods if arms.is_control(method) and arms.controlled(method) == real):
        here = _known(group, control, cost).get(best)
        texts.append(
            f"There, {arms.label(control)} leaves {number(here.toxicity)}."
            if here
            else f"What {arms.label(control)} leaves there is unknown (cost not reached, or not measured)."
        )
    return texts


def _least(known: dict[float, AtCost], best: float) -> str:
    """The least toxicity and where it is; beside it, that of the lowest share."""
    text = f"the least at {share_in_words(best)}: {number(known[best].toxicity)}"
    first = min(known)
    if first == best:
        return text
    against = f"against {number(known[first].toxicity)} at {share_in_words(first)}"
    return f"{text}, {against} (difference {_difference(known[best].difference)})"


def _known(group: Sequence[Headline], method: str, cost: float) -> dict[float, AtCost]:
    return {
        headline.share: each
        for headline in group
        for each in headline.at_cost
        if (each.method, each.capability_cost) == (method, cost) and each.toxicity.value is not None
    }


def _difference(estimate: Estimate) -> str:
    if estimate.value is None:
        return "unknown"
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value:+.3g}"
    return f"{estimate.value:+.3g}, seed by seed {estimate.low:+.3g} to {estimate.high:+.3g}"


def _by_seed(known: dict[float, AtCost]) -> str:
    """The share with the least toxicity in each seed by itself."""
    seeds = sorted(set.intersection(*(set(each.by_seed) for each in known.values())) - {"pooled"})
    if len(seeds) < 2:
        return "Fewer than two seeds have a value at all of these shares: how stable this is cannot be seen."
    shares = list(known)
    if any(len({known[share].by_seed[seed] for share in shares}) < len(shares) for seed in seeds):
        return "Some shares tie within a seed, so a single least share means little."
    chosen = [shares[int(np.argmin([known[share].by_seed[seed] for share in shares]))] for seed in seeds]
    listed = ", ".join(share_in_words(share) for share in chosen)
    if len(set(chosen)) == 1:
        return f"Each of the {len(seeds)} seeds by itself has its least at that share."
    return f"Seed by seed the least is at {listed}: they disagree, so these data do not decide between them."
