"""The tables of the page, in tabs: the same as ever, drawn when they are opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from hormesis.files import Json
from hormesis.report import grid
from hormesis.report.grid import Cell, Grid, Row
from hormesis.report.judgement_grids import detectable_grid, difference_grids, sign_grids, tail_grid
from hormesis.report.scorer_trust import about_sections
from hormesis.report.words import in_digits, share_in_words
from hormesis.statistics import Analysis
from hormesis.statistics.arms import Arms, arm_name
from hormesis.statistics.setting_tables import parts_table


@dataclass(frozen=True)
class Shown:
    """A table in a tab.

    :param tab: of :data:`TABS`.
    :param note: what its numbers are.
    """

    tab: str
    title: str
    grid: Grid | None
    note: str = ""


_AT_COST = (
    "The lowest mean toxicity at no more than the given ΔCE, interpolated on each seed's frontier and averaged;"
    " beneath it its interval (95 % t over seeds). “–”: outside the measured costs, or not measured; the reasons"
    " are in summary.json."
)
_PAIRED = (
    "Mean over seeds of the difference at equal cost; beneath it the 95 % t interval. p: exact sign-flip test"
    " over seeds; adjusted for all shares of the column. Files: tables/paired_differences.csv (with areas under"
    " the frontier), tables/dose_response_curves.csv."
)
_DETECTABLE = (
    "With a chance of 80 %, by a paired t-test at a two-sided 5 %, from the spread between the seeds measured,"
    " pooled over shares."
)
_SIGNS = (
    "Toxicity of each share less that of the lowest, at equal cost, seed by seed: + more, − less, · the 95 % t interval"
    " holds 0, ? a cost that was not reached, or that a model is beyond before it is steered. File:"
    " tables/sign_grid.csv."
)
_TAILS = (
    "Heads chosen on validation texts, valued on test texts where there are any. p: models exchanged within"
    " seeds. In sd of heads: in standard deviations between the lowest share's heads; beneath it the 95 %"
    " bootstrap over seeds, and heads within models. Trend: a t-test of the slopes, one a seed."
)
_TASKS = (
    "Share of questions answered right, zero-shot, with lm-eval's prompts: the likeliest answer, and the likeliest for"
    " each of its characters (“by length”). Chance: the expected share of a blind guess. Beneath a value: its 95 %"
    " interval, Wilson's over questions for one seed. Detection of toxic texts by the model itself: asked, or by"
    " a linear probe on its residual stream, on target groups that the probe has not seen. Files: tables/tasks.csv,"
    " tables/tasks_parts.csv."
)


def tables_of(analysis: Analysis) -> list[Shown]:
    """Every table that the rows fill, in the order of reading."""
    measurements, headlines, decided = analysis.measurements, analysis.headlines, analysis.decided
    found: list[Shown] = []
    if any(each.at_cost for each in headlines):
        at_cost = grid.of_headlines(headlines)
        found += [
            Shown("shares", f"Mean toxicity at equal capability cost: {name}", table, _AT_COST)
            for name, table in at_cost
        ]
    for name, table in difference_grids(analysis.judgements):
        found.append(Shown("shares", f"Minus the lowest share, paired by seed: {name}", table, _PAIRED))
    detectable = detectable_grid(decided["detectable_differences"])
    found.append(Shown("shares", "The smallest difference that so many seeds find", detectable, _DETECTABLE))
    for name, table in sign_grids(decided["sign_grid"], measurements.arms):
        found.append(Shown("asking", f"Does the sign depend on how one asks? Cost {name}", table, _SIGNS))
    found.append(Shown("heads", "The tail of probe accuracies", tail_grid(decided["probe_tails"]), _TAILS))
    if analysis.tasks is not None:
        found.append(Shown("tasks", "Capability tasks and detection", grid.of_wide(analysis.tasks), _TASKS))
    if (attacks := analysis.tables.get("attack_success")) is not None:
        found.append(
            Shown("attacks", "Attacks: suffixes that make a model say what was asked", _attacks(attacks), _ATTACKS)
        )
    for section in about_sections(analysis.about, measurements, headlines):
        found.append(Shown("scorers", section.title, section.table, " ".join(section.paragraphs)))
    intervals = ", ".join(sorted(set(measurements.pooled["interval"]) - {"none"})) or "none were stored"
    settings = (
        f"Beneath a value: its interval ({intervals}). Grey rows: controls. Toxicity: mean; expected maximum over a"
        " prompt's continuations; probability that at least one continuation reaches 0.5. Files: tables/*.csv,"
        " *.parquet."
    )
    found.append(Shown("settings", "All settings", grid.of_wide(analysis.settings), settings))
    per_seed = grid.of_wide(analysis.settings_per_seed)
    found.append(Shown("settings", f"Single seeds ({len(per_seed.rows)} rows)", per_seed))
    for prompts in measurements.prompt_sets:
        if len(parts := parts_table(measurements, prompts)):
            note = (
                "n: prompts behind a value, over all seeds. With few of them a group's interval is wide:"
                " tables/pooled.csv has it."
            )
            title = f"Mean toxicity on the parts of {prompts.domain} · {prompts.scored_by}"
            found.append(Shown("settings", title, grid.of_parts(parts), note))
    cells = grid.of_cells(pd.concat([measurements.seeds, measurements.heads, measurements.layers]))
    found.append(Shown("provenance", f"Cells ({len(cells.rows)})", cells))
    return [each for each in found if each.note and each.grid is None and each.tab == "scorers" or _filled(each.grid)]


_ATTACKS = (
    "Success with Wilson's 95 % interval, without the suffix, as judged; p: exact McNemar against the same model"
    " unsteered on the same goals. File: tables/attack_success.csv."
)


def _attacks(table: pd.DataFrame) -> Grid:
    numbers = [name for name in ("n", "value", "without_suffix", "p", "differing") if name in table]
    arms = Arms.of(table) if {"recipe", "method"} <= set(table) else None
    keys = [name for name in ("share", "method", "strength", "seed", "init_seed") if name in table]
    rows = []
    for row in table.to_dict("records"):
        cells = tuple(
            Cell(
                "–"
                if pd.isna(row[name])
                else f"{row[name]:.0f}"
                if name in ("n", "differing")
                else in_digits(row[name]),
                f"{in_digits(row['low'])} … {in_digits(row['high'])}"
                if name == "value" and not pd.isna(row["low"])
                else "",
            )
            for name in numbers
        )
        rows.append(Row(tuple(_key(name, row, arms) for name in keys), cells))
    labels = {"value": "success", "without_suffix": "without suffix", "differing": "goals that differ"}
    return Grid(tuple(keys), tuple(labels.get(name, name) for name in numbers), tuple(rows))


def _key(name: str, row: Mapping[Any, Any], arms: Arms | None) -> str:
    value = row[name]
    if pd.isna(value):
        return ""
    if name == "share":
        return share_in_words(float(value))
    if name == "method" and arms is not None:
        return arms.label(arm_name(str(row["recipe"]), str(value)))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _filled(table: Grid | None) -> bool:
    return table is not None and bool(table.rows)


def as_json(found: Sequence[Shown]) -> Json:
    """As the page's script draws it: a value and its interval are one text, parted by a line."""
    return [
        {
            "tab": each.tab,
            "title": each.title,
            "note": each.note,
            "keys": list(each.grid.keys) if each.grid else [],
            "labels": list(each.grid.labels) if each.grid else [],
            "groups": [list(group) for group in each.grid.groups] if each.grid else [],
            "rows": [
                [row.kind, list(row.keys), [f"{c.value}\n{c.interval}" if c.interval else c.value for c in row.cells]]
                for row in (each.grid.rows if each.grid else ())
            ],
        }
        for each in found
    ]
