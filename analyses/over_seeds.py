"""A measure by share, as mean and 95 % t interval over seeds; layers or heads are averaged within a model first.

    python -m analyses.over_seeds RESULTS --metric toxicity_mean --domain rtp [--less base|RECIPE|SHARE]

``--less base`` takes off the value of the same model unsteered, ``--less control`` that of the same share and seed in
the recipe `control`, ``--less 0`` that of the same seed at the share 0, plain.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from hormesis.measurements import read_measurements
from hormesis.statistics import t_interval

_SETTING = ["metric", "domain", "scorer", "recipe", "method", "strength"]


def main() -> None:
    """Print a row a setting, a column a share."""
    parser = argparse.ArgumentParser(prog="python -m analyses.over_seeds", description=__doc__)
    parser.add_argument("results", type=Path)
    parser.add_argument("--metric", action="append", required=True)
    parser.add_argument("--domain", action="append", required=True)
    parser.add_argument("--method", action="append", help="only these; default: all")
    parser.add_argument("--less", help="what to take off, pairwise: base, a recipe, or a share")
    arguments = parser.parse_args()
    rows = read_measurements(arguments.results / "measurements.parquet")
    rows = rows[rows["metric"].isin(arguments.metric) & rows["domain"].isin(arguments.domain)]
    models = _by_model(rows[rows["init_seed"].notna()])
    if arguments.less == "base":
        models = _minus(models, models[models["method"] == "base"], ["method", "strength"])
    elif arguments.less in set(models["recipe"]):
        models = _minus(models, models[models["recipe"] == arguments.less], ["recipe"])
    elif arguments.less is not None:
        reference = models[(models["recipe"] == "plain") & np.isclose(models["share"], float(arguments.less))]
        models = _minus(models, reference, ["recipe", "share"])
    if arguments.method:
        models = models[models["method"].isin(arguments.method)]
    shown = models.groupby([*_SETTING, "share"])["value"].apply(_shown)
    print(shown.unstack("share", fill_value="").to_string())


def _by_model(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a setting of a model."""
    rows = rows.fillna({"scorer": "", "strength": 0.0}).astype({"share": "float64", "init_seed": "int64"})
    return rows.groupby([*_SETTING, "share", "init_seed"])["value"].mean().reset_index()


def _minus(models: pd.DataFrame, reference: pd.DataFrame, differing: list[str]) -> pd.DataFrame:
    """Values less those of the reference, which is alike in all columns but ``differing``."""
    alike = [column for column in models.columns.drop("value") if column not in differing]
    both = models.merge(reference[[*alike, "value"]], on=alike, suffixes=("", "_of_reference"))
    return both.assign(value=both["value"] - both["value_of_reference"])


def _shown(seeds: pd.Series) -> str:
    interval = t_interval(seeds)
    return f"{interval.value:.3f} ({interval.low:.3f} to {interval.high:.3f}), n = {interval.n}"


if __name__ == "__main__":
    main()
