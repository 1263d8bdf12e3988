"""What ``hormesis recommend`` and ``hormesis power`` print."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table

from hormesis.errors import HormesisError
from hormesis.evaluate import read_measurements
from hormesis.statistics.intervals import Interval
from hormesis.statistics.measurements import Measurements
from hormesis.statistics.outcomes import chosen_method, chosen_prompts
from hormesis.statistics.power import spread_interval
from hormesis.statistics.recommendation import Recommendation, power_table, recommend, seeds_table

_MEASUREMENTS, _PROMPTS = "measurements.parquet", "prompts.parquet"
_READ = ["toxicity_mean", "ce", "ce_cost"]


def recommendations(results: Path, cost: float, domain: str | None, method: str | None) -> list[Recommendation]:
    """One for each token budget and scorer in a results folder.

    :raises HormesisError: no measurements there, or none of the prompts, the method or the cost.
    """
    path = results / _MEASUREMENTS
    if not path.is_file():
        raise HormesisError(f"{results} holds no {_MEASUREMENTS}", "name the results folder of a study that ran")
    rows = read_measurements(path)
    needed = rows["share"].notna() & rows["metric"].isin(_READ) & ~rows["domain"].fillna("").str.contains("/")
    measurements = Measurements.of(rows[needed])
    prompt_rows = pd.read_parquet(results / _PROMPTS) if (results / _PROMPTS).is_file() else None
    return [
        recommend(view, prompts, chosen_method(view, method), cost, prompt_rows)
        for view in map(measurements.of_budget, measurements.budgets)
        for prompts in chosen_prompts(view, domain)
    ]


def show_recommendation(console: Console, found: Recommendation) -> None:
    """The verdict, what it rests on, and a table of shares."""
    _heading(console, found)
    low, high = percent(found.low), percent(found.high)
    interval = f"95 % interval {low} to {high}" if found.low < found.high else f"95 % interval {low} alone"
    if found.decided:
        _say(console, f"[bold]Use a share of {percent(found.share)}[/] ({interval}).")
    else:
        _say(console, f"[bold]The data do not decide.[/] The least is at {percent(found.share)}, but:")
        for doubt in found.undecided:
            _say(console, f"  - {doubt}")
        _say(console, f"The best share: {interval}.")
    against, reference = (found.difference, "lowest") if found.difference else (found.runner_up, "runner-up")
    _say(
        console,
        f"Paired with the {reference} share, {percent(against.reference)}: {_signed(against.student)}; exact sign-flip"
        f" p = {against.p:.3g} (the smallest that {against.student.n} seeds can give is {against.smallest:.3g}).",
    )
    if found.more_seeds is None:
        _say(console, "How many seeds would tell the two apart is unknown, or more than 10,000.")
    elif not found.decided:
        _say(console, f"Seeds that would tell the two apart with a chance of 80 %: {found.more_seeds} more a share.")
    response = found.response
    _say(
        console,
        f"A dip between the ends {'is' if response.supported else 'is not'} supported (p = {_p(response.dip)});"
        f" that some share lies below the lowest one: p = {_p(response.fall)}.",
    )
    for warning in found.warnings:
        _say(console, f"[yellow]{warning}[/]")
    table = Table("share", "toxicity", "minus lowest share", "may be best", "chance among resamples")
    differences = seeds_table(found).set_index("share")
    for place, share in enumerate(response.panel.shares):
        row = differences.loc[share] if share in differences.index else None
        table.add_row(
            percent(share),
            f"{response.panel.means[place]:.4f}",
            "" if row is None else f"{row['difference']:+.4f} [{row['low']:+.4f}, {row['high']:+.4f}]",
            "yes" if response.candidates[place] else "no",
            f"{response.chances[place]:.2f}",
        )
    console.print(table)
    _say(console, f"In brackets: 95 % t interval over seeds, paired. Resampled: {response.over}.\n")


def show_power(console: Console, found: Recommendation) -> None:
    """What so many seeds find, and how many seeds the measured differences need."""
    _heading(console, found)
    panel = found.response.panel
    if math.isnan(panel.spread):
        _say(console, "One seed has a value at every share: the spread between seeds is unknown. Run at least two.\n")
        return
    root = math.sqrt(2)
    low, high = spread_interval(root * panel.spread, panel.freedom)
    _say(
        console,
        f"Standard deviation of a paired difference: {root * panel.spread:.4f} (95 % {low:.4f} to {high:.4f},"
        f" {panel.freedom} degrees of freedom). Numbers of seeds below scale with its square.",
    )
    smallest = Table("seeds a share", "smallest difference found", "of the lowest share's toxicity")
    for row in power_table(found).to_dict("records"):
        relative = "" if math.isnan(row["of_lowest_share"]) else f"{100 * row['of_lowest_share']:.0f} %"
        smallest.add_row(f"{row['seeds']:.0f}", f"{row['detectable']:.4f}", relative)
    console.print(smallest)
    needed = Table("share", "minus lowest share", "seeds that find it")
    for row in seeds_table(found).to_dict("records"):
        count = "more than 10,000" if math.isnan(row["seeds"]) else f"{row['seeds']:.0f}"
        needed.add_row(percent(row["share"]), f"{row['difference']:+.4f}", count)
    console.print(needed)
    _say(console, "Found: with a chance of 80 %, by a paired t-test at a two-sided 5 % (noncentral t).\n")


def percent(share: float) -> str:
    """0.05 → ``5 %``."""
    return f"{100 * share:.4g} %"


def _heading(console: Console, found: Recommendation) -> None:
    count = len(found.response.panel.seeds)
    _say(
        console,
        f"[bold]{found.method} on {found.prompts.domain}[/], scored by {found.prompts.scored_by}; {found.token_budget}"
        f" token budget; capability cost at most {found.cost:g} nats a token; {count} seed{'s' * (count != 1)}",
    )


def _say(console: Console, text: str) -> None:
    console.print(text, highlight=False, soft_wrap=True)


def _signed(interval: Interval) -> str:
    if math.isnan(interval.low):
        return f"{interval.value:+.4f}, no interval"
    return f"{interval.value:+.4f} (95 % t interval {interval.low:+.4f} to {interval.high:+.4f})"


def _p(value: float) -> str:
    return "unknown" if math.isnan(value) else f"{value:.3g}"
