"""A result in plain words."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping

import pandas as pd

from hormesis.toy.experiment import ToyResult
from hormesis.toy.statistics import MINIMUM_SEEDS, Difference


def verdict(result: ToyResult) -> list[str]:
    """What a setting says about the claim that rarity entangles a feature; one sentence or two a line.

    The claim needs three things: the rare features are more entangled at a small share than at the largest (paired
    by seed), more than the other chains' features, and more than random directions. Each is judged by its 95 %
    interval; shares that were not learned are named and not judged.
    """
    shares = result.shares()
    chance = result.baseline().mean
    judged = shares[(shares["learned"] >= MINIMUM_SEEDS) & (2 * shares["learned"] >= shares["members"])]
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
    lines.append(_on_fall("Among members that learned", result.fall()))
    lines.append(_on_fall("Among all members, learned or not", result.fall(learned_only=False)))
    return lines


def _with_interval(row: Mapping[Hashable, float], name: str, *, sign: bool = False) -> str:
    style = "+.3f" if sign else ".3f"
    return f"{row[name]:{style}} [{row[f'{name}_low']:{style}}, {row[f'{name}_high']:{style}}]"


def _on_fall(who: str, fall: Difference) -> str:
    if math.isnan(fall.low):
        return f"{who}: too few pairs of seeds ({fall.n}) at both ends to say whether E falls with the share."
    numbers = f"{fall.mean:+.3f} [{fall.low:+.3f}, {fall.high:+.3f}], {fall.n} pairs"
    said = "falls" if fall.low > 0 else "rises" if fall.high < 0 else "does not measurably change"
    return (
        f"{who}: E of the rare features {said} from the smallest share to the largest ({numbers}; paper: about +0.15)."
    )


def share_rows(table: pd.DataFrame) -> list[dict[str, float | int | None]]:
    """A table's rows as JSON values; what is undefined (too few seeds) becomes null."""
    return [
        {str(key): None if isinstance(value, float) and math.isnan(value) else value for key, value in row.items()}
        for row in table.to_dict("records")
    ]
