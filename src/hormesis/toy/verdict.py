"""A result in plain words."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping

import pandas as pd

from hormesis.toy.experiment import Fall, ToyResult
from hormesis.toy.statistics import MINIMUM_SEEDS


def describe(result: ToyResult) -> list[str]:
    """What a setting says about the claim that rarity entangles a feature; one sentence or two a line.

    The claim needs three things: the rare features are more entangled at a small share than at the largest (paired
    by seed), more than the other chains' features, and more than random directions. Each is judged by its 95 %
    interval; shares that were not learned are named and not judged.
    """
    shares = result.shares()
    chance = result.baseline().mean
    judged = shares[shares["share"].isin(result.judged())]
    lines = [
        f"Random directions: E = {chance:.3f} for {result.feature_count} features in {result.setting.model.width} "
        f"dimensions; Welch bound {result.welch:.3f}."
    ]
    missing = [f"{100 * share:.3g} %" for share in shares.loc[~shares.index.isin(judged.index), "share"]]
    if missing:
        lines.append(
            f"Not judged, because fewer than half of the seeds (or fewer than {MINIMUM_SEEDS}) learned every chain: "
            f"{', '.join(missing)}."
        )
    if judged.empty:
        return [*lines, "No share was learned: this setting says nothing about geometry. Train longer."]
    for row in judged.to_dict("records"):
        lines.append(
            f"Share {100 * row['share']:.3g} %: rare {_with_interval(row, 'rare')}, others "
            f"{_with_interval(row, 'controls')}, difference {_with_interval(row, 'difference', sign=True)} "
            f"({row['learned']} of {row['members']} seeds)."
        )
    spread = judged["spread_chance"].mean()
    lines.append(
        f"Random directions that fill the dimensions as unevenly as the members' own: E = {spread:.3f} (mean over the "
        f"judged shares, where rare features have {judged['rare'].mean():.3f} and the others "
        f"{judged['controls'].mean():.3f})."
    )
    lines.append(_on_fall("Among members that learned", result.fall()))
    lines.append(_on_fall("Among all members, learned or not", result.fall(learned_only=False)))
    return lines


def _with_interval(row: Mapping[Hashable, float], name: str, *, sign: bool = False) -> str:
    style = "+.3f" if sign else ".3f"
    return f"{row[name]:{style}} [{row[f'{name}_low']:{style}}, {row[f'{name}_high']:{style}}]"


def _on_fall(who: str, fall: Fall) -> str:
    change = fall.change
    if math.isnan(change.low):
        return f"{who}: too few seeds ({change.n}) at both ends to say whether E falls with the share."
    numbers = f"{change.mean:+.3f} [{change.low:+.3f}, {change.high:+.3f}], {change.n} pairs"
    said = "falls" if change.low > 0 else "rises" if change.high < 0 else "does not measurably change"
    return (
        f"{who}: E of the rare features {said} from a share of {100 * fall.smallest:.3g} % to "
        f"{100 * fall.largest:.3g} % (E at the small share less E at the large one: {numbers}; paper: about +0.15)."
    )


def share_rows(table: pd.DataFrame) -> list[dict[str, float | int | None]]:
    """A table's rows as JSON values; what is undefined (too few seeds) becomes null."""
    return [
        {str(key): None if isinstance(value, float) and math.isnan(value) else value for key, value in row.items()}
        for row in table.to_dict("records")
    ]
