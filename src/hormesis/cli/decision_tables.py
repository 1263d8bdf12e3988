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
from hormesis.statistics.recommendation import Recommendation, differences_table, power_table, seeds_table


def recommendation_lines(found: Recommendation) -> Iterator[RenderableType]:
    """The verdict, what it rests on, and a table of shares."""
    yield _heading(found)
    low, high = percent(found.low), percent(found.high)
    interval = f"95 % interval {low} to {high}" if found.low < found.high else f"95 % interval {low} alone"
    if found.decided and len(found.candidates) > 1:
        shares = ", ".join(map(percent, found.candidates))
        yield Text.assemble(
            (f"Shares of {shares} are alike", "bold"),
            f": every two differ by less than {found.margin:g} (p = {_p(found.alike)}), and all others are worse."
            if len(found.candidates) < len(found.response.panel.shares)
            else f": every two differ by less than {found.margin:g} (p = {_p(found.alike)}).",
        )
    elif found.decided:
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
    if found.effect is None:
        yield "How many seeds are enough depends on the difference that matters to you: name it by --effect."
    elif found.more_seeds is None:
        yield f"How many seeds would find a difference of {found.effect:g} is unknown, or more than 10,000."
    else:
        yield f"To find a difference of {found.effect:g} with a chance of 80 %: {found.more_seeds} more seeds a share."
    response = found.response
    if not math.isnan(response.dip):
        supported = "is" if response.supported else "is not"
        yield f"A dip between the ends {supported} supported (p = {_p(response.dip)})."
    yield f"That some share lies below the lowest one: p = {_p(response.fall)}."
    for warning in found.warnings:
        yield Text(warning, "yellow")
    table = Table("share", "toxicity", "minus lowest share", "may be best", "chance among resamples")
    differences = differences_table(found).set_index("share")
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
    # As if one pair of shares were all there is: spreads may differ by share, and seeds are correlated over shares.
    low, high = spread_interval(root * panel.spread, len(panel.seeds) - 1)
    yield (
        f"Standard deviation of a paired difference, over all pairs of shares: {root * panel.spread:.4f} (95 %"
        f" {low:.4f} to {high:.4f}). Numbers of seeds below scale with its square."
    )
    smallest = Table("seeds a share", "smallest difference found", "of the lowest share's toxicity")
    for row in power_table(found).to_dict("records"):
        relative = "" if math.isnan(row["of_lowest_share"]) else f"{100 * row['of_lowest_share']:.0f} %"
        smallest.add_row(f"{row['seeds']:.0f}", f"{row['detectable']:.4f}", relative)
    yield smallest
    needed = Table("difference", "seeds a share that find it")
    for row in seeds_table(found).to_dict("records"):
        needed.add_row(f"{row['effect']:g}", "more than 10,000" if math.isnan(row["seeds"]) else f"{row['seeds']:.0f}")
    yield needed
    yield "Found: with a chance of 80 %, by a paired t-test at a two-sided 5 % (noncentral t).\n"


def _heading(found: Recommendation) -> Text:
    count = len(found.response.panel.seeds)
    return Text.assemble(
        (f"{found.method} on {found.prompts.domain}", "bold"),
        f", scored by {found.prompts.scored_by}; {found.token_budget} token budget; {found.definition.label}"
        f" at most {found.cost:g} nats a token; {count} seed{'s' * (count != 1)}",
    )


def _signed(interval: Interval) -> str:
    if math.isnan(interval.low):
        return f"{interval.value:+.4f}, no interval"
    return f"{interval.value:+.4f} (95 % t interval {interval.low:+.4f} to {interval.high:+.4f})"


def _p(value: float) -> str:
    return "unknown" if math.isnan(value) else f"{value:.3g}"
