"""Recipes among methods: an arm is a recipe and an intervention, and is drawn under one name.

The unsteered model of a recipe is a method without a strength, such as ``meda``, and a steered one is ``meda + iti``.
So every arm stands on one frontier and in one table. Its capability cost is counted from the *plain* unsteered model of
the same share and seed, for that is what a team would have had instead.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from hormesis.measurements.rows import PLAIN
from hormesis.statistics.arms import AND


def with_recipes_as_methods(frame: pd.DataFrame) -> pd.DataFrame:
    """``frame`` with the column ``recipe`` folded into ``method``; unchanged where all rows are plain.

    Costs of other recipes are left out, to be counted again from the plain model, and so are their single heads, which
    no figure compares.
    """
    if "recipe" not in frame or bool(frame["recipe"].fillna(PLAIN).eq(PLAIN).all()):
        return frame
    recipe = frame["recipe"].fillna(PLAIN).astype(str)
    plain = recipe == PLAIN
    kept = plain | (frame["metric"].ne("ce_cost") & frame["site"].fillna("").eq(""))
    base = frame["method"].eq("base").fillna(False)
    method = frame["method"].astype(str).mask(~plain, recipe + AND + frame["method"].astype(str))
    method = method.mask(~plain & base, recipe)
    strength = frame["strength"].astype("float64").mask(~plain & base, np.nan)
    return frame.assign(method=method, strength=strength)[kept]
