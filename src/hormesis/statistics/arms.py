"""Arms by the one name under which they are drawn: a recipe and a method, what people call them, which are controls.

The unsteered model of a recipe is drawn like a method without a strength, such as ``meda``, and a steered one is
``meda + iti``. So every arm stands on one frontier and in one table. What an arm *is* stands here and is never read
off its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from hormesis.measurements.rows import PLAIN
from hormesis.measurements.upgrade import with_arm_columns

AND = " + "
"""Between recipe and method."""
_COLUMNS = ["recipe", "method", "label", "control_of", "recipe_label", "recipe_control"]


@dataclass(frozen=True)
class Arms:
    """What is known of the arms of some rows, by name."""

    labels: Mapping[str, str]
    controls: Mapping[str, str]
    """Of each control: the arm that it is compared with; itself where only its recipe is a control."""
    unsteered: Mapping[str, str]
    """The arm that each one steers: ``base``, or that of its recipe."""

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Arms:
        """The arms of measurement rows."""
        rows = with_arm_columns(frame)
        rows = rows if "recipe" in rows else rows.assign(recipe=PLAIN)
        labels, controls, unsteered = {"base": "no intervention"}, {}, {}
        for row in rows[_COLUMNS].drop_duplicates().astype(object).to_numpy():
            recipe, method, label, control_of, recipe_label, recipe_control = (None if pd.isna(v) else v for v in row)
            recipe, method = str(recipe or PLAIN), str(method)
            name, own, of_recipe = arm_name(recipe, method), str(label or method), str(recipe_label or recipe)
            plain, alone = recipe == PLAIN, method == "base"
            labels[name] = own if plain else of_recipe if alone else of_recipe + AND + own
            unsteered[name] = "base" if plain or alone else recipe
            if control_of:
                controls[name] = arm_name(recipe, str(control_of))
            elif recipe_control:
                controls[name] = name
        return cls(labels, controls, unsteered)

    def label(self, arm: str) -> str:
        """What people call it; its name where nobody said."""
        return self.labels.get(arm, arm)

    def is_control(self, arm: str) -> bool:
        """Whether it is there to be compared with."""
        return arm in self.controls

    def controlled(self, arm: str) -> str:
        """The arm that a control is there for; itself if it is none."""
        return self.controls.get(arm, arm)


def arm_name(recipe: str, method: str) -> str:
    """The name of an arm."""
    if recipe == PLAIN:
        return method
    return recipe if method == "base" else recipe + AND + method
