"""``hormesis study recommend | power``: what the results of a study decide."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hormesis.cli.options import ResultsArgument
from hormesis.cli.screen import Screen

if TYPE_CHECKING:
    from hormesis.statistics import Recommendation

BudgetOption = Annotated[
    float | None,
    typer.Option(
        "--budget",
        min=0,
        help="the capability budget: ΔCE in nats a token that you would pay; default: 0.1, or what all models reached",
    ),
]
PromptsOption = Annotated[str | None, typer.Option(help="the prompts to judge on, such as rtp; default: the first")]
MethodOption = Annotated[str | None, typer.Option(help="the intervention; default: iti, else the first")]

_SAID = (
    "token_budget", "prompts", "method", "cost", "share", "low", "high", "difference", "runner_up", "undecided",
    "more_seeds", "warnings",
)  # fmt: skip


def recommend(
    screen: Screen,
    results: ResultsArgument,
    budget: BudgetOption = None,
    prompts: PromptsOption = None,
    method: MethodOption = None,
) -> None:
    """Name the toxic share to use at a capability budget, or say that the data do not decide and what would.

    Reads the tables of a results folder alone. Example: `hormesis study recommend docs/results/forum --budget 0.1`
    """
    from hormesis.cli.decision_tables import recommendation_lines
    from hormesis.statistics.recommendation import seeds_table

    found = _recommendations(results, budget, prompts, method)
    for each in found:
        screen.say(*recommendation_lines(each))
    screen.result(
        [
            {"decided": each.decided, **{name: getattr(each, name) for name in _SAID}, "shares": seeds_table(each)}
            for each in found
        ]
    )


def power(
    screen: Screen,
    results: ResultsArgument,
    budget: BudgetOption = None,
    prompts: PromptsOption = None,
    method: MethodOption = None,
) -> None:
    """Show how large a difference between shares so many seeds can find, from the spread between the seeds measured."""
    from hormesis.cli.decision_tables import power_lines
    from hormesis.statistics.recommendation import power_table, seeds_table

    found = _recommendations(results, budget, prompts, method)
    for each in found:
        screen.say(*power_lines(each))
    screen.result(
        [
            {"prompts": each.prompts, "detectable": power_table(each), "seeds_needed": seeds_table(each)}
            for each in found
        ]
    )


def _recommendations(results: Path, cost: float | None, domain: str | None, method: str | None) -> list[Recommendation]:
    """One for each token budget and scorer in a results folder.

    :raises HormesisError: no measurements there, or none of the prompts, the method or the cost.
    """
    from hormesis.errors import HormesisError
    from hormesis.measurements import read_measurements
    from hormesis.measurements.frames import read_frame
    from hormesis.statistics import analyse

    path = results / "measurements.parquet"
    if not path.is_file():
        raise HormesisError(f"{results} holds no {path.name}", "name the results folder of a study that ran")
    rows = read_measurements(path)
    needed = rows["share"].notna() & rows["metric"].isin(["toxicity_mean", "ce", "ce_cost"])
    prompts_file = results / "prompts.parquet"
    prompt_rows = read_frame(prompts_file) if prompts_file.is_file() else None
    analysis = analyse(rows[needed & ~rows["domain"].fillna("").str.contains("/")], prompt_rows=prompt_rows)
    return analysis.recommendations(cost, prompts=domain, method=method)
