"""A study before and while it runs, as tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.table import Table

from hormesis.cli.durations import in_words

if TYPE_CHECKING:
    from hormesis.study.engine.failures import FailedCell
    from hormesis.study.engine.store import FilesCheck
    from hormesis.study.opened import Contamination, PlanEstimate, PlannedCell
    from hormesis.study.scale import OnGpus
    from hormesis.study.status import StudyStatus


def plan_lines(found: PlanEstimate, *, each: bool = False) -> Iterator[RenderableType]:
    """What is to run of each kind of cell, the tokens of the corpus, and the sum.

    :param each: every cell, too, before all that.
    """
    title = f"{found.study}: {len(found.cells)} cells, {len(found.to_run)} to run"
    if each:
        table = _table(title, "cell", "what", numbers=("tokens", "FLOPs", "time"))
        table.add_column("state")
        for cell in found.cells:
            table.add_row(cell.cell, cell.what, *_costs([cell]), cell.state.value)
        yield table
    kinds = _table(title, "kind", numbers=("cells", "to run", "tokens", "FLOPs", "time"))
    to_run = set(found.to_run)
    for kind in dict.fromkeys(_kind(cell) for cell in found.cells):
        cells = [cell for cell in found.cells if _kind(cell) == kind]
        left = [cell for cell in cells if cell.cell in to_run]
        kinds.add_row(kind, f"{len(cells)}", f"{len(left)}", *_costs(left))
    yield kinds
    for one in found.supply:
        if one.wanted:
            there = "enough, or not known" if one.there is None else f"about {one.there:,}"
            short = ": that seems too few; `hormesis study mix` counts exactly" if one.is_short else ""
            yield f"{one.part} tokens: {one.wanted:,} are mixed at most, there are {there}{short}"
    yield (
        f"model: {found.preset}, {found.parameters:,} parameters\n"
        f"to run: {found.tokens:,} tokens, {found.flops:.2g} FLOPs\n"
        f"estimate for this machine: {in_words(found.seconds)} on {found.machine.workers} processes ×"
        f" {found.machine.threads} threads ({found.flops_per_second / 1e9:.0f} GFLOP/s each in matrix products),"
        f" {found.memory_bytes / 1e9:.1f} GB of memory"
    )
    if found.on_gpus is not None:
        yield from _gpu_lines(found.on_gpus)


def _gpu_lines(found: OnGpus) -> Iterator[RenderableType]:
    """GPU-hours, days, disk and money."""
    from hormesis.study.scale import UTILISATION, evaluation_share

    table = _table(f"on {found.gpus} × {found.gpu}", "kind", numbers=("GPU-hours",))
    for kind, hours in found.hours.items():
        table.add_row(kind, f"{hours:,.1f}")
    table.add_row("all", f"{found.total:,.1f}")
    yield table
    whose = "published for OLMo-core's 1 B model" if found.is_published else "a guess: as published for the H100"
    yield (
        f"training: {found.tokens_per_second:,.0f} tokens/s a GPU ({UTILISATION:.0%} of the peak, {whose});"
        f" evaluation: {evaluation_share():.0%} of it, a guess"
    )
    kept, beside = found.disk_bytes
    yield (
        f"{found.elapsed:,.0f} hours ({found.elapsed / 24:,.1f} days), a cell on one GPU; disk: {kept / 1e9:,.0f} GB,"
        f" and {beside / 1e9:,.0f} GB beside it in training"
    )
    if found.cost is not None:
        yield f"{found.cost:,.0f} at {found.price:g} a GPU-hour"


def _kind(cell: PlannedCell) -> str:
    return cell.cell.rpartition("-")[0]


def _costs(cells: Sequence[PlannedCell]) -> tuple[str, str, str]:
    """Tokens, FLOPs and time; empty where there are none."""
    tokens, flops = sum(cell.tokens for cell in cells), sum(cell.flops for cell in cells)
    return (
        f"{tokens:,}" if tokens else "",
        f"{flops:.2g}" if flops else "",
        in_words(sum(cell.seconds for cell in cells)) if cells else "",
    )


def check_lines(study: str, found: Contamination) -> Iterator[RenderableType]:
    """Counts, and what is beyond what the study tolerates."""
    title = f"{study}: n-grams of {found.checks.ngram} words, {len(found.found)} pairs compared"
    table = _table(title, "rows of", "evaluation set", numbers=("texts", "whole rows", "share an n-gram"))
    table.add_column("", no_wrap=True, min_width=len("beyond"))
    for each in found.found:
        if each.whole or each.ngram:
            counts = (f"{round(share * each.n):,} ({share:.2%})" for share in (each.whole, each.ngram))
            table.add_row(each.rows, each.texts, f"{each.n:,}", *counts, "beyond" if each in found.beyond else "")
    yield table
    yield (
        f"{sum(not (each.whole or each.ngram) for each in found.found)} pairs share nothing; {found.shared_groups}"
        " groups of the concept are in two parts of its split"
    )


def files_lines(found: FilesCheck) -> Iterator[RenderableType]:
    """Which cells are whole, and what is wrong with the others."""
    for cell, faults in found.faulty.items():
        if faults.damaged:
            yield f"{cell} is damaged: {', '.join(faults.damaged)}"
        if faults.absent:
            yield f"{cell} lacks {', '.join(faults.absent)}"
    yield f"{found.whole} cells are whole, {len(found.faulty)} are not"
    if found.unknown:
        yield f"{len(found.unknown)} cells are from before files were hashed: nothing is known of them"
    if found.faulty:
        yield "`hormesis study run` computes damaged cells anew, and others where a cell needs what they lack"


def status_lines(found: StudyStatus) -> Iterator[RenderableType]:
    """The state of every cell, and how many are done."""
    table = _table(f"{found.study} in {found.results}", "cell", "what", "state")
    for cell in found.cells:
        under_way = f" at {cell.fraction:.0%}" if cell.fraction else ""
        under_way += f": {cell.note}" if cell.note else ""
        table.add_row(cell.cell, cell.what, f"{cell.state.value}{under_way}")
    yield table
    writing = "; a run is writing now" if found.writing else ""
    outside = f"; {found.outside} measured cells are not of this study as it is now" if found.outside else ""
    yield from failure_lines(found.failed)
    yield f"{found.done} of {len(found.cells)} cells done{writing}{outside}"


def failure_lines(failed: Sequence[FailedCell]) -> Iterator[RenderableType]:
    """Which cells failed and why, and where their logs are; nothing where none did."""
    if not failed:
        return
    table = _table("failed cells", "cell", "what", numbers=("attempts", "skipped for it"))
    for one in failed:
        table.add_row(one.cell, one.what, f"{one.attempts}", f"{len(one.skipped)}")
    yield table
    for one in failed:
        yield f"{one.what}: {one.problem}\n  Fix: {one.fix}\n  Log: {one.log}"
    yield "`hormesis study run` takes up just these, and what was skipped for them"


def _table(title: str, *columns: str, numbers: tuple[str, ...] = ()) -> Table:
    table = Table(*columns, title=title, title_justify="left")
    for column in numbers:
        table.add_column(column, justify="right")
    return table
