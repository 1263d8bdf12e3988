"""What several scorers of a study's texts agree on, and what the texts' worst scores are on a reference's scale.

Both follow from the tables of prompts of finished cells, without a model.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from hormesis.evaluate import ReferenceScale
from hormesis.measurements import Estimate, Measurement, PromptTable, over_prompts, over_settings, prompt_measurements
from hormesis.measurements.rows import PLAIN, TOXIC_SCORE, Origin
from hormesis.study.cells.evaluate import EvaluateInputs
from hormesis.study.engine.cell import Cell
from hormesis.study.rows import origin_of

_UNIT = ["domain", "cell", "prompt", "strength"]


def agreement_rows(
    replications: Sequence[Sequence[Cell[EvaluateInputs]]], by_scorer: Mapping[tuple[str, str], pd.DataFrame]
) -> list[Measurement]:
    """Rows ``scorer_spearman``, ``scorer_pearson`` (over prompts, of unsteered models), ``scorer_tau`` (over all
    settings of a token budget), ``scorer_tau_shares`` (over shares, unsteered) and ``scorer_tau_methods`` (over
    settings of a share), for each two scorers and each set of prompts.

    :param replications: the evaluate cells of each setting, one a seed.
    :param by_scorer: collected tables of prompts, with the column ``cell``, by (scorer, revision), the main one first.
    """
    rows: list[Measurement] = []
    for one, other in combinations(by_scorer, 2):
        paired = by_scorer[one].merge(by_scorer[other], on=_UNIT, suffixes=("", "_other"))
        origin = asdict(origin_of("pooled", None, scorer=one))
        budgets = sorted({cells[0].inputs.arm.budget for cells in replications})
        for budget in budgets:
            chosen = [cells for cells in replications if cells[0].inputs.arm.budget == budget]
            for domain, part in paired.groupby("domain"):
                for metric, found in _of_domain(chosen, part):
                    if np.isfinite(found.value):
                        bounds = (found.low, found.high) if np.isfinite(found.low) else (None, None)
                        rows.append(
                            Measurement(
                                **{**origin, "budget": budget}, metric=metric, domain=str(domain), value=found.value,
                                n=found.n, low=bounds[0], high=bounds[1],
                                other_scorer=other[0], other_scorer_revision=other[1],
                            )
                        )  # fmt: skip
    return rows


@dataclass(frozen=True)
class _Setting:
    cells: Sequence[Cell[EvaluateInputs]]
    strength: float
    share: float
    unsteered: bool
    """And of the plain recipe."""


def _of_domain(
    replications: Sequence[Sequence[Cell[EvaluateInputs]]], paired: pd.DataFrame
) -> Iterator[tuple[str, Estimate]]:
    present = set(paired["cell"])
    whole = [cells for cells in replications if {cell.name for cell in cells} <= present]
    most = max((len(cells) for cells in whole), default=0)
    settings = [setting for cells in whole if len(cells) == most for setting in _settings(cells, paired)]
    if not settings:
        return
    cube = _Cube(settings, paired)
    base = [place for place, setting in enumerate(settings) if setting.unsteered]
    if base:
        one, other = (cube.of(column)[base].reshape(-1, cube.prompts) for column in ("mean", "mean_other"))
        yield from zip(("scorer_spearman", "scorer_pearson"), over_prompts(one, other), strict=True)
    one, other = cube.of("mean"), cube.of("mean_other")
    counts = np.nan_to_num(np.minimum(cube.of("count"), cube.of("count_other")))
    shares = sorted({setting.share for setting in settings})
    of_shares = [[place for place, setting in enumerate(settings) if setting.share == share] for share in shares]
    for metric, groups in (
        ("scorer_tau", [list(range(len(settings)))]),
        ("scorer_tau_shares", [base]),
        ("scorer_tau_methods", of_shares),
    ):
        yield metric, over_settings(one, other, counts, groups)


def _settings(cells: Sequence[Cell[EvaluateInputs]], paired: pd.DataFrame) -> Iterator[_Setting]:
    inputs = cells[0].inputs
    plain = inputs.method is None and inputs.arm.recipe == PLAIN
    for strength in sorted(set(paired.loc[paired["cell"] == cells[0].name, "strength"])):
        yield _Setting(cells, float(strength), inputs.arm.share, plain)


class _Cube:
    """Columns of paired tables as float64 [settings, seeds, prompts]; NaN where a row is absent."""

    def __init__(self, settings: Sequence[_Setting], paired: pd.DataFrame) -> None:
        numbers = sorted(set(paired["prompt"]))
        self.prompts = len(numbers)
        self._shape = (len(settings), len(settings[0].cells), self.prompts)
        keys = [
            (cell.name, setting.strength, prompt)
            for setting in settings
            for cell in setting.cells
            for prompt in numbers
        ]
        indexed = paired.set_index(["cell", "strength", "prompt"])
        self._rows = indexed.reindex(pd.MultiIndex.from_tuples(keys))

    def of(self, column: str) -> np.ndarray:
        found: np.ndarray = self._rows[column].to_numpy(dtype=np.float64, na_value=np.nan).reshape(self._shape)
        return found


def reference_readings(tables: Sequence[PromptTable], origin: Origin, scale: ReferenceScale) -> list[Measurement]:
    """``emt_reference`` and ``toxicity_probability_reference``: the same maxima, read on the reference's scale.

    Exact, because the scale is monotone: the mapped maximum is the maximum of the mapped scores. There is no such mean,
    for it needs every single score.
    """
    mapped = []
    for table in tables:
        highest = scale(table.frame["max"].to_numpy())
        reached = np.where(np.isfinite(highest), (highest >= TOXIC_SCORE).astype(np.float64), np.nan)
        mapped.append(PromptTable(table.frame.assign(max=highest, any=reached)))
    return [
        Measurement(**{**asdict(row), "metric": f"{row.metric}_reference"})
        for row in prompt_measurements(mapped, origin)
        if row.metric in ("emt", "toxicity_probability")
    ]
