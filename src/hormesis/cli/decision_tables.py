"""What ``hormesis study recommend`` and ``power`` say, as lines and tables."""

from __future__ import annotations

import math
from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from hormesis.report.words import share_in_words as percent
from hormesis.statistics.intervals import Interval
from hormesis.statistics.power import spread_interval
from hormesis.statistics.recommendation import Recommendation, power_table, seeds_table


def recommendation_lines(found: Recommendation) -> Iterator[RenderableType]:
    """The verdict, what it rests on, and a table of shares."""
    yield _heading(found)
    low, high = percent(found.low), percent(found.high)
    interval = f"95 % interval {low} to {high}" if found.low < found.high else f"95 % interval {low} alone"
    if found.decided:
        yield Text.assemble((f"Use a share of {percent(found.share)}", "bold"), f" ({interval}).")
    else:
        yield Text.assemble(("The data do not decide.", "bold"), f" The least is at {percent(found.share)}, but:")
        for doubt in found.undecided:
            yield f"  - {doubt}"
        yield f"The best share: {interval}."
    against, reference = (found.difference, "lowest") if found.difference else (found.runner_up, "runner-up")
    yield (
        f"Paired with the {reference} share, {percent(against.reference)}: {_signed(against.student)}; exact sign-flip"
        f" p = {against.p:.3g} (the smallest that {against.student.n} seeds can give is {against.smallest:.3g})."
    )
    if found.more_seeds is None:
        yield "How many seeds would tell the two apart is unknown, or more than 10,000."
    elif not found.decided:
        yield f"Seeds that would tell the two apart with a chance of 80 %: {found.more_seeds} more a share."
    response = found.response
    yield (
        f"A dip between the ends {'is' if response.supported else 'is not'} supported (p = {_p(response.dip)});"
        f" that some share lies below the lowest one: p = {_p(response.fall)}."
    )
    for warning in found.warnings:
        yield Text(warning, "yellow")
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
    yield table
    yield f"In brackets: 95 % t interval over seeds, paired. Resampled: {response.over}.\n"


def power_lines(found: Recommendation) -> Iterator[RenderableType]:
    """What so many seeds find, and how many seeds the measured differences need."""
    yield _heading(found)
    panel = found.response.panel
    if math.isnan(panel.spread):
        yield "One seed has a value at every share: the spread between seeds is unknown. Run at least two.\n"
        return
    root = math.sqrt(2)
    low, high = spread_interval(root * panel.spread, panel.freedom)
    yield (
        f"Standard deviation of a paired difference: {root * panel.spread:.4f} (95 % {low:.4f} to {high:.4f},"
        f" {panel.freedom} degrees of freedom). Numbers of seeds below scale with its square."
    )
    smallest = Table("seeds a share", "smallest difference found", "of the lowest share's toxicity")
    for row in power_table(found).to_dict("records"):
        relative = "" if math.isnan(row["of_lowest_share"]) else f"{100 * row['of_lowest_share']:.0f} %"
        smallest.add_row(f"{row['seeds']:.0f}", f"{row['detectable']:.4f}", relative)
    yield smallest
    needed = Table("share", "minus lowest share", "seeds that find it")
    for row in seeds_table(found).to_dict("records"):
        count = "more than 10,000" if math.isnan(row["seeds"]) else f"{row['seeds']:.0f}"
        needed.add_row(percent(row["share"]), f"{row['difference']:+.4f}", count)
    yield needed
    yield "Found: with a chance of 80 %, by a paired t-test at a two-sided 5 % (noncentral t).\n"


def _heading(found: Recommendation) -> Text:
    count = len(found.response.panel.seeds)
    return Text.assemble(
        (f"{found.method} on {found.prompts.domain}", "bold"),
        f", scored by {found.prompts.scored_by}; {found.token_budget} token budget; capability cost at most"
        f" {found.cost:g} nats a token; {count} seed{'s' * (count != 1)}",
    )


def _signed(interval: Interval) -> str:
    if math.isnan(interval.low):
        return f"{interval.value:+.4f}, no interval"
    return f"{interval.value:+.4f} (95 % t interval {interval.low:+.4f} to {interval.high:+.4f})"


def _p(value: float) -> str:
    return "unknown" if math.isnan(value) else f"{value:.3g}"
