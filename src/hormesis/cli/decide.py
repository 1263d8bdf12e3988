"""``hormesis study recommend | power``: what the results of a study decide."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hormesis.cli.options import ResultsArgument
from hormesis.cli.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hormesis.statistics import Recommendation

BudgetOption = Annotated[
    float | None,
    typer.Option(
        "--budget",
        min=0,
        help="the capability budget: nats a token that you would pay; default: 0.1, or what all models reached",
    ),
]
PromptsOption = Annotated[str | None, typer.Option(help="the prompts to judge on, such as rtp; default: the first")]
MethodOption = Annotated[str | None, typer.Option(help="the intervention; default: iti, else the first")]

MarginOption = Annotated[
    float | None, typer.Option(min=0, help="shares that differ by less in mean toxicity are alike to you, such as 0.02")
]
EffectOption = Annotated[
    float | None, typer.Option(min=0, help="the difference of mean toxicity worth finding; default: the margin")
]

AbsoluteOption = Annotated[
    bool,
    typer.Option(
        "--absolute",
        help="count cost as cross-entropy above that of the unsteered model of the lowest share: a level that all keep",
    ),
]
OnOption = Annotated[
    list[str] | None,
    typer.Option("--on", help="the held-out text that cost is counted on, such as clean; several are averaged"),
]

_SAID = (
    "token_budget", "prompts", "method", "cost", "definition", "share", "low", "high", "candidates", "margin", "alike",
    "difference", "runner_up", "undecided", "effect", "more_seeds", "warnings",
)  # fmt: skip


def recommend(
    screen: Screen,
    results: ResultsArgument,
    budget: BudgetOption = None,
    prompts: PromptsOption = None,
    method: MethodOption = None,
    margin: MarginOption = None,
    effect: EffectOption = None,
    absolute: AbsoluteOption = False,
    on: OnOption = None,
) -> None:
    """Name the toxic share to use at a capability budget, or shares that are alike, or say that the data do not decide.

    Reads the tables of a results folder alone. Example: `hormesis study recommend docs/results/forum --budget 0.1`
    """
    from hormesis.cli.decision_tables import recommendation_lines
    from hormesis.statistics.recommendation import differences_table

    found = _recommendations(results, budget, prompts, method, margin, effect, absolute, on)
    for each in found:
        screen.say(*recommendation_lines(each))
    screen.result(
        [
            {"decided": each.decided}
            | {name: getattr(each, name) for name in _SAID}
            | {"shares": differences_table(each)}
            for each in found
        ]
    )


def power(
    screen: Screen,
    results: ResultsArgument,
    budget: BudgetOption = None,
    prompts: PromptsOption = None,
    method: MethodOption = None,
    effect: EffectOption = None,
    absolute: AbsoluteOption = False,
    on: OnOption = None,
) -> None:
    """Show how large a difference between shares so many seeds can find, from the spread between the seeds measured."""
    from hormesis.cli.decision_tables import power_lines
    from hormesis.statistics.recommendation import power_table, seeds_table

    found = _recommendations(results, budget, prompts, method, None, effect, absolute, on)
    for each in found:
        screen.say(*power_lines(each))
    screen.result(
        [
            {"prompts": each.prompts, "detectable": power_table(each), "seeds_needed": seeds_table(each)}
            for each in found
        ]
    )


def _recommendations(
    results: Path,
    cost: float | None,
    domain: str | None,
    method: str | None,
    margin: float | None,
    effect: float | None,
    absolute: bool,
    on: Sequence[str] | None,
) -> list[Recommendation]:
    """One for each token budget and scorer in a results folder.

    :raises HormesisError: no measurements there, or none of the prompts, the method or the cost.
    """
    from hormesis.errors import HormesisError
    from hormesis.measurements import read_measurements
    from hormesis.measurements.frames import read_frame
    from hormesis.statistics import CostDefinition, analyse

    path = results / "measurements.parquet"
    if not path.is_file():
        raise HormesisError(f"{results} holds no {path.name}", "name the results folder of a study that ran")
    rows = read_measurements(path)
    needed = rows["share"].notna() & rows["metric"].isin(["toxicity_mean", "ce", "ce_cost"])
    prompts_file = results / "prompts.parquet"
    prompt_rows = read_frame(prompts_file) if prompts_file.is_file() else None
    analysis = analyse(rows[needed & ~rows["domain"].fillna("").str.contains("/")], prompt_rows=prompt_rows)
    view = analysis.measurements
    known = set(view.pooled.loc[view.pooled["metric"].isin(["ce", "ce_cost"]), "domain"])
    if unknown := sorted(set(on or ()) - known):
        raise HormesisError(
            f"no cross-entropy on {unknown[0]!r} was measured", f"name some of: {', '.join(sorted(known))}"
        )
    definition = CostDefinition(tuple(on) if on else view.cost.domains, absolute)
    return analysis.recommendations(
        cost, prompts=domain, method=method, margin=margin, effect=effect, definition=definition
    )
