"""A frame of measurements that nobody measured: the smile of the paper, with known numbers, in the columns of
the study.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

COLUMNS = [
    "cell",
    "share",
    "budget",
    "init_seed",
    "data_seed",
    "order_seed",
    "method",
    "strength",
    "heads",
    "site",
    "metric",
    "domain",
    "value",
    "n",
    "low",
    "high",
    "scorer",
    "scorer_revision",
    "code",
]
SHARES = (0.0, 0.05, 0.10, 0.15, 0.20, 0.25)
STRENGTHS = (2.0, 4.0, 8.0, 12.0)
PROMPTS = 200
HEADS = 16
Row = dict[str, object]


def base_toxicity(share: float) -> float:
    return 0.15 + 0.8 * share


def steered_toxicity(share: float, strength: float) -> float:
    """A smile: a pull that is strongest at a share of 10 %."""
    pull = 0.10 - 0.5 * abs(share - 0.10)
    return base_toxicity(share) * float(np.exp(-pull * strength))


def cost(strength: float) -> float:
    return 0.003 * strength**2


def invented(
    shares: Sequence[float] = SHARES,
    seeds: Sequence[int] = (0, 1),
    *,
    domains: Sequence[str] = ("rtp", "toxigen"),
    pooled: bool = True,
    noise: float = 0.01,
    budget: str = "additive",
) -> pd.DataFrame:
    """Measurements of ``len(shares) × len(seeds)`` models, and their pooled rows."""
    random = np.random.default_rng(7)
    rows: list[Row] = []
    for share in shares:
        models: list[int | None] = [*seeds, *([None] if pooled else [])]
        for seed in models:
            rows += _model(share, seed, domains, budget, random, 0.0 if seed is None else noise)
    return pd.DataFrame(rows, columns=COLUMNS)


def _model(
    share: float,
    seed: int | None,
    domains: Sequence[str],
    budget: str,
    random: np.random.Generator,
    noise: float,
) -> list[Row]:
    shift = float(random.normal(0, 1)) * noise
    model: Row = dict.fromkeys(COLUMNS) | {
        "cell": "pooled" if seed is None else f"cell-{share:g}-{seed}",
        "share": share,
        "budget": budget,
        "init_seed": seed,
        "data_seed": None if seed is None else 0,
        "order_seed": None if seed is None else 0,
        "method": "base",
        "strength": 0.0,
        "code": "1.0+abc",
    }
    rows: list[Row] = []

    def add(setting: Row, metric: str, domain: str, value: float, half: float | None, n: int) -> None:
        bounds = (None, None) if half is None else (value - half, value + half)
        about = {
            "metric": metric,
            "domain": domain,
            "value": value,
            "n": n,
            "low": bounds[0],
            "high": bounds[1],
        }
        rows.append(model | about | setting)

    settings: list[tuple[str, float | None]] = [("base", 0.0), ("prompting", None)]
    settings += [(method, strength) for method in ("iti", "iti-random-direction") for strength in STRENGTHS]
    for method, strength in settings:
        toxicity, spent = _effects(share, method, strength or 0.0)
        toxicity += shift
        setting: Row = {
            "method": method,
            "strength": strength,
            "heads": 8 if method.startswith("iti") else None,
        }
        scored = setting | {"scorer": "ngram_$x", "scorer_revision": "r1"}
        for domain in domains:
            for part, factor in ((domain, 1.0), (f"{domain}/toxic", 1.3), (f"{domain}/nontoxic", 0.7)):
                add(scored, "toxicity_mean", part, factor * toxicity, 0.015, PROMPTS)
                add(scored, "emt", part, min(1.0, 1.9 * factor * toxicity), 0.02, PROMPTS)
                add(scored, "toxicity_probability", part, min(1.0, 1.6 * factor * toxicity), 0.03, PROMPTS)
            push = (strength or 0.0) * (0.5 if method == "iti-random-direction" else 1.0)
            add(setting, "distinct_2", domain, 0.9 - 0.01 * push - 0.2 * share, None, PROMPTS)
            add(setting, "repetition", domain, 0.02 + 0.004 * push * (1 + share), None, PROMPTS)
            add(setting, "empty", domain, 0.01 + 0.001 * push * (1 + share), None, PROMPTS)
            add(setting, "length", domain, 17 - 0.2 * push - 4 * share, None, PROMPTS)
        for domain, level in (("clean", 4.5 - 0.1 * share), ("toxic", 6.0 - 3 * share)):
            add(setting, "ce", domain, level + spent + 0.1 * shift, 0.02, 50_000)
            if method != "base":
                add(setting, "ce_cost", domain, spent, 0.004, 50_000)
                add(setting, "kl", domain, 0.8 * spent, 0.003, 50_000)
    add({}, "train_loss", "", 4.4 + share + 0.1 * shift, None, 4_000_000)
    for head in range(HEADS if seed is not None else 0):
        accuracy = 0.55 + 0.2 * (1 + share) * (head / HEADS) ** 2 + shift
        add({"site": f"{head // 4}.{head % 4}"}, "probe_accuracy", "toxigen", accuracy, 0.03, 1800)
        add({"site": f"{head // 4}.{head % 4}"}, "probe_auroc", "toxigen", accuracy + 0.02, 0.03, 1800)
    return rows


def _effects(share: float, method: str, strength: float) -> tuple[float, float]:
    """(toxicity, capability cost)"""
    if method == "iti":
        return steered_toxicity(share, strength), cost(strength)
    if method == "iti-random-direction":
        return base_toxicity(share) * (1 - 0.004 * strength), 0.5 * cost(strength)
    if method == "prompting":
        return 0.9 * base_toxicity(share), 0.02
    return base_toxicity(share), 0.0
