"""Which measures find an effect that was planted, and which cry wolf where none was.

    python -m analyses.measures PLANTED PLACEBO [--share 0.25]

Two finished studies of the same design: in one the added documents are toxic, in the other they are like the rest. Each
measure is compared between a share and the lowest one, within seeds: the mean difference, its 95 % t interval and the
exact sign-flip p. A measure whose interval excludes 0 in the first study *finds*; one that does so in the second *cries
wolf*. One in twenty of the latter is what 95 % means.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from hormesis.measurements import read_measurements
from hormesis.statistics import Measurements, PairedDifference, Panel, paired_differences, toxicity_at
from hormesis.statistics.geometry import TOXICITY
from hormesis.statistics.tradeoff import single_points


@dataclass(frozen=True)
class Measure:
    """What to look up in the rows: values of equal columns, their mean over sites (layers, heads).

    :param columns: what a row must have, such as ``{"metric": "ce", "domain": "clean"}``.
    :param top: how many of the heads count, the best on the validation groups; 0: all sites.
    :param minus: columns of rows to subtract, model by model.
    """

    name: str
    columns: dict[str, str | float]
    top: int = 0
    minus: dict[str, str | float] = field(default_factory=dict)


def _toxicity(**columns: str | float) -> dict[str, str | float]:
    return {"metric": "toxicity_mean", "domain": "microworld", "method": "base", **columns}


def _geometry(name: str, metric: str, domain: str = TOXICITY) -> Measure:
    return Measure(name, {"metric": metric, "domain": domain})


_RANDOM = "iti-random-direction"
MEASURES = [
    Measure("mean toxicity, unsteered", _toxicity()),
    Measure("mean toxicity, ITI at 8", _toxicity(method="iti", strength=8)),
    Measure("mean toxicity, ITI at 24", _toxicity(method="iti", strength=24)),
    Measure("what ITI at 8 takes off", _toxicity(), minus=_toxicity(method="iti", strength=8)),
    Measure("what a random direction takes off", _toxicity(), minus=_toxicity(method=_RANDOM, strength=8)),
    Measure("cost of ITI at 8, nats a token", {"metric": "ce_cost", "domain": "clean", "method": "iti", "strength": 8}),
    Measure("cross-entropy, clean", {"metric": "ce", "domain": "clean", "method": "base"}),
    Measure("cross-entropy, hostile", {"metric": "ce", "domain": "toxic", "method": "base"}),
    Measure("accuracy on test topics, all heads", {"metric": "probe_accuracy", "domain": "concept/test"}),
    Measure("accuracy on test topics, six best heads", {"metric": "probe_accuracy", "domain": "concept/test"}, top=6),
    _geometry("AUROC of the direction", "direction_auroc"),
    _geometry("Fisher ratio", "fisher_ratio"),
    _geometry("split-half cosine", "split_half_cosine"),
    _geometry("noise that halves the AUROC", "noise_half_life"),
    _geometry("entanglement E", "entanglement"),
    _geometry("E without the noise's share", "entanglement_corrected"),
    _geometry("mean absolute cosine", "mean_cosine"),
    _geometry("interference", "interference"),
    _geometry("effective rank of the bank", "effective_rank", "bank"),
    _geometry("participation ratio of the bank", "participation_ratio", "bank"),
]


def main() -> None:
    """Print one row a measure."""
    parser = argparse.ArgumentParser(prog="python -m analyses.measures", description=__doc__)
    parser.add_argument("planted", type=Path)
    parser.add_argument("placebo", type=Path)
    parser.add_argument("--share", type=float, default=0.25, help="compared with the lowest share")
    parser.add_argument("--budget", type=float, default=0.1, help="nats a token that steering may cost")
    arguments = parser.parse_args()
    print("| measure | seeds | planted | p | placebo | p | verdict |\n|---|---|---|---|---|---|---|")
    planted, placebo = (
        _differences(read_measurements(folder / "measurements.parquet"), arguments.share, arguments.budget)
        for folder in (arguments.planted, arguments.placebo)
    )
    for name in planted:
        if name in placebo:
            print(_line(name, planted[name], placebo[name]))


def _differences(rows: pd.DataFrame, share: float, budget: float) -> dict[str, PairedDifference]:
    view = Measurements.of(rows[rows["share"].notna()])  # the scorer and the checks have none
    models = pd.concat([view.seeds, view.heads, view.layers])
    panels = {measure.name: _panel(_values(models, measure)) for measure in MEASURES}
    points = single_points(view, view.prompt_sets[0])
    panels[f"mean toxicity, ITI at a cost ≤ {budget:g}"] = toxicity_at(points, "iti", budget)
    differences = [(name, each) for name, panel in panels.items() for each in paired_differences(panel)]
    return {name: each for name, each in differences if np.isclose(each.share, share)}


def _values(models: pd.DataFrame, measure: Measure) -> pd.Series:
    """By share and seed."""
    values = _of(models, measure.columns, measure.top)
    return values - _of(models, measure.minus, 0) if measure.minus else values


def _of(models: pd.DataFrame, columns: dict[str, str | float], top: int) -> pd.Series:
    rows = _with(models, columns)
    if top:
        ranked = _with(models, {**columns, "domain": "concept"})
        best = ranked.sort_values("value", ascending=False).groupby(["share", "seed"]).head(top)
        rows = rows.merge(best[["share", "seed", "site"]], on=["share", "seed", "site"])
    mean: pd.Series = rows.groupby(["share", "seed"])["value"].mean()
    return mean


def _with(models: pd.DataFrame, columns: dict[str, str | float]) -> pd.DataFrame:
    for column, value in columns.items():
        models = models[models[column] == value]
    return models


def _panel(values: pd.Series) -> Panel:
    table = values.unstack("seed")
    shares = np.asarray(table.index, dtype=np.float64)
    return Panel(shares, tuple(table.columns), table.to_numpy(dtype=np.float64)).complete()


def _line(name: str, planted: PairedDifference, placebo: PairedDifference) -> str:
    verdict = "finds" if planted.student.excludes_zero else "misses"
    wolf = ", **cries wolf**" if placebo.student.excludes_zero else ""
    return f"| {name} | {planted.student.n} | {_shown(planted)} | {_shown(placebo)} | {verdict}{wolf} |"


def _shown(difference: PairedDifference) -> str:
    interval = difference.student
    return f"{interval.value:+.3f} ({interval.low:.3f} to {interval.high:.3f}) | {difference.p:.3f}"


if __name__ == "__main__":
    main()
