"""What was measured: a row for each model and setting, with its cost by every definition."""

from __future__ import annotations

from typing import Any

import pandas as pd

from hormesis.files import Json
from hormesis.report.explore.answers import number
from hormesis.statistics.tradeoff import model_points
from hormesis.statistics.view import Measurements

COLUMNS = ("budget", "domain", "scorer", "curve", "share", "seed", "strength", "heads", "value", "low", "high", "n",
           "cell")  # fmt: skip
_KEY = ["curve", "method", "share", "seed", "strength", "curve_heads"]


def points_of(measurements: Measurements) -> Json:
    """Columns :data:`COLUMNS`, and ``costs``: one list a definition of cost.

    ``curve`` is the method on whose frontier the row lies; the unsteered model is on all of them.
    """
    definitions = {
        each.label: each for b in measurements.budgets for each in measurements.of_budget(b).cost_definitions
    }
    rows: list[dict[str, Any]] = []
    for budget in measurements.budgets:
        view = measurements.of_budget(budget)
        for prompts in view.prompt_sets:
            found: dict[tuple[object, ...], dict[str, Any]] = {}
            for label, definition in definitions.items():
                for row in model_points(view, prompts, definition).to_dict("records"):
                    name = tuple(str(row[column]) for column in _KEY)
                    about = {"budget": budget, "domain": prompts.domain, "scorer": prompts.scored_by, "costs": {}}
                    found.setdefault(name, _shown(row, measurements) | about)["costs"][label] = number(row["cost"])
            rows += found.values()
    columns: dict[str, Json] = {column: [row[column] for row in rows] for column in COLUMNS}
    return columns | {"costs": {label: [row["costs"].get(label) for row in rows] for label in definitions}}


def _shown(row: dict[Any, Any], measurements: Measurements) -> dict[str, Any]:
    return {
        "curve": row["curve"] or row["method"],
        "share": measurements.shares.index(row["share"]),
        "seed": row["seed"],
        "cell": row.get("cell", ""),
        **{name: _known(row[name]) for name in ("strength", "heads", "value", "low", "high", "n")},
    }


def _known(value: Any) -> float | None:
    return None if pd.isna(value) else number(float(value))
