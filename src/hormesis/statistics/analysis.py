"""All that follows from the rows of a study, worked out when it is first asked for, and once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from hormesis.errors import HormesisError
from hormesis.measurements.upgrade import with_pair_columns
from hormesis.statistics.attack_success import attack_success_table
from hormesis.statistics.cost import CostDefinition
from hormesis.statistics.geometry import along_training
from hormesis.statistics.headline import Headline, headlines, reachable_cost
from hormesis.statistics.judgement import (
    Judgement,
    curve_table,
    detectable_table,
    difference_table,
    judgements,
    tail_table,
)
from hormesis.statistics.noise import noise_floor, step_noise
from hormesis.statistics.outcomes import chosen_method, chosen_prompts
from hormesis.statistics.recommendation import Recommendation, recommend
from hormesis.statistics.recovery import recovery_table
from hormesis.statistics.setting_tables import WideTable, all_tables, wide_table
from hormesis.statistics.sign_grid import sign_grid
from hormesis.statistics.tampering import curves, tampered_rows
from hormesis.statistics.task_tables import parts_of_tasks, tasks_table
from hormesis.statistics.view import Measurements, PromptSet

CAPABILITY_BUDGETS = (0.05, 0.1, 0.2)
"""ΔCE in nats a token at which shares are compared, unless others are given."""
DEFAULT_BUDGET = 0.1
"""The one at which a share is recommended."""


@dataclass(frozen=True, eq=False, repr=False)
class Analysis:
    """What figures, tables, sentences, recommendations and the page read. Made by :func:`analyse`."""

    rows: pd.DataFrame
    """Of models, as they are stored."""
    about: pd.DataFrame
    """Rows that belong to no model: how scorers agree, and what checks found."""
    wanted_costs: tuple[float, ...]
    """Capability budgets that were asked for, ascending."""
    prompt_rows: pd.DataFrame | None
    """Toxicity of single prompts, with the column ``cell``: then they are resampled beside the seeds."""
    main_scorer: tuple[str, str] | None
    """(Scorer, revision) of the one that comes first."""

    def __repr__(self) -> str:
        return f"Analysis({len(self.rows):,} rows)"

    @cached_property
    def measurements(self) -> Measurements:
        """The rows of finished, untampered models, checked."""
        return Measurements.of(self.rows, self.main_scorer)

    @cached_property
    def costs(self) -> tuple[float, ...]:
        """The capability budgets; where some model reached none of them, the largest cost that all reached is added,
        else the models could be compared at no cost at all."""
        reachable = reachable_cost(self.measurements)
        added = (reachable,) if reachable is not None and reachable < self.wanted_costs[0] else ()
        return (*added, *self.wanted_costs)

    @cached_property
    def headlines(self) -> list[Headline]:
        """Toxicity of each share, unsteered and at each cost."""
        return headlines(self.measurements, self.costs)

    @cached_property
    def judgements(self) -> list[Judgement]:
        """Shares in pairs by seed, and the share to use."""
        return judgements(self.measurements, self.costs, self.prompt_rows)

    @cached_property
    def settings(self) -> WideTable:
        """The paper's layout, over seeds."""
        return wide_table(self.measurements)

    @cached_property
    def settings_per_seed(self) -> WideTable:
        """The same of each seed."""
        return wide_table(self.measurements, per_seed=True)

    @cached_property
    def tasks(self) -> WideTable | None:
        """Capability tasks and detection; None if neither was measured."""
        return tasks_table(self.measurements)

    @cached_property
    def tampered(self) -> pd.DataFrame:
        """The rows of tampered models."""
        return tampered_rows(self.rows)

    @cached_property
    def decided(self) -> dict[str, pd.DataFrame]:
        """Tables of what the data decide, by name; some may be empty."""
        return {
            "paired_differences": difference_table(self.judgements),
            "dose_response_curves": curve_table(self.judgements),
            "detectable_differences": detectable_table(self.judgements),
            "probe_tails": tail_table(self.measurements),
            "sign_grid": sign_grid(self.measurements, self.costs),
            "noise_floor": noise_floor(self.measurements),
            "step_noise": step_noise(self.rows),
        }

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table by file name, without ending; none is empty."""
        found = all_tables(self.measurements, self.headlines, self.settings, self.settings_per_seed)
        if self.tasks is not None:
            found |= {"tasks": self.tasks.frame, "tasks_parts": parts_of_tasks(self.measurements)}
        found["geometry_along_training"] = along_training(self.rows)
        if len(self.tampered):
            found |= {"tampering": curves(self.tampered), "tampering_recovery": recovery_table(self.tampered)}
        found["attack_success"] = attack_success_table(self.rows)
        found |= self.decided | {"about": self.about.reset_index(drop=True)}
        return {name: table for name, table in found.items() if len(table)}

    def recommendations(
        self,
        cost: float | None = None,
        *,
        prompts: str | None = None,
        method: str | None = None,
        margin: float | None = None,
        effect: float | None = None,
        definition: CostDefinition | None = None,
    ) -> list[Recommendation]:
        """The share to use at a capability budget: one for each token budget and scorer of a set of prompts.

        :param cost: ΔCE in nats a token; None: 0.1, or the largest that all models reached where too few reached that.
        :param prompts: their domain; None: the first.
        :param method: None: ITI, else the first that is no control.
        :param margin: shares that differ by less in mean toxicity are alike; None: none are.
        :param effect: the difference that seeds are counted for; None: the margin.
        :param definition: of cost; None: ΔCE on the first held-out text that is not toxic.
        :raises HormesisError: none of the prompts, the method or the cost was measured.
        """
        found = []
        for view in map(self.measurements.of_budget, self.measurements.budgets):
            for each in chosen_prompts(view, prompts):

                def ask(
                    at: float, view: Measurements = view, each: PromptSet = each, of: str = chosen_method(view, method)
                ) -> Recommendation:
                    rows = self.prompt_rows
                    return recommend(view, each, of, at, rows, margin=margin, effect=effect, definition=definition)

                found.append(_recommended(ask, view, cost))
        return found


def _recommended(ask: Callable[[float], Recommendation], view: Measurements, cost: float | None) -> Recommendation:
    """At ``cost``; None: the usual one, or what all models reached where that is beyond them."""
    try:
        return ask(DEFAULT_BUDGET if cost is None else cost)
    except HormesisError:
        reachable = reachable_cost(view)
        if cost is not None or reachable is None:
            raise
        return ask(reachable)


def analyse(
    rows: pd.DataFrame,
    *,
    about: pd.DataFrame | None = None,
    capability_budgets: Sequence[float] = CAPABILITY_BUDGETS,
    prompt_rows: pd.DataFrame | None = None,
    main_scorer: tuple[str, str] | None = None,
) -> Analysis:
    """What follows from measurement rows; nothing is worked out before it is asked for.

    :param rows: of models, in the columns of :class:`hormesis.measurements.Measurement`.
    :param about: rows that belong to no model.
    :param capability_budgets: ΔCE in nats a token, each above 0, at which toxicity is compared between shares.
    :param prompt_rows: toxicity of single prompts, with the column ``cell``.
    :param main_scorer: (scorer, revision) of the one that comes first where several judged the same texts.
    :raises HormesisError: a bad budget. Later, when something is asked for: no rows, a missing column, a value that is
        no number, or contradicting rows.
    """
    if not capability_budgets or not all(0 < budget < float("inf") for budget in capability_budgets):
        raise HormesisError(
            f"capability budgets must be above 0 nats a token, but are {list(capability_budgets)}",
            f"give at least one, such as {CAPABILITY_BUDGETS[0]}",
        )
    beside = with_pair_columns(rows.iloc[:0] if about is None else about)
    return Analysis(rows, beside, tuple(sorted(set(capability_budgets))), prompt_rows, main_scorer)
