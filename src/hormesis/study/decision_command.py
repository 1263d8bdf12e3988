"""``hormesis recommend`` and ``hormesis power``: what a user types.

The libraries are imported when a command runs, not before: help and errors of usage are instant.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

ResultsArgument = Annotated[Path, typer.Argument(metavar="RESULTS", help="a results folder")]
BudgetOption = Annotated[
    float, typer.Option("--budget", min=0, help="the capability budget: ΔCE in nats a token that you would pay")
]
PromptsOption = Annotated[str | None, typer.Option(help="the prompts to judge on, such as rtp; default: the first")]
MethodOption = Annotated[str | None, typer.Option(help="the intervention; default: iti, else the first")]


def recommend(
    results: ResultsArgument,
    budget: BudgetOption = 0.1,
    prompts: PromptsOption = None,
    method: MethodOption = None,
) -> None:
    """Name the toxic share to use at a capability budget, or say that the data do not decide and what would.

    Reads the tables of a results folder alone. Example: `hormesis recommend docs/results/forum --budget 0.1`
    """
    from hormesis.statistics import showing

    console = Console()
    for each in showing.recommendations(results, budget, prompts, method):
        showing.show_recommendation(console, each)


def power(
    results: ResultsArgument,
    budget: BudgetOption = 0.1,
    prompts: PromptsOption = None,
    method: MethodOption = None,
) -> None:
    """Show how large a difference between shares so many seeds can find, from the spread between the seeds measured."""
    from hormesis.statistics import showing

    console = Console()
    for each in showing.recommendations(results, budget, prompts, method):
        showing.show_power(console, each)
