"""What a check found against what a study tolerates: a violation says what, where, and what to do about it.

- Rows of *training* and *pairs* that methods are tuned on against every evaluation set, and rows of a *scorer or
  labeller* against every set and training: whole texts beyond ``checks.whole`` or n-grams beyond ``checks.overlap`` are
  violations.
- No group of the concept is in two parts of its split. The same text in two groups is recorded.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from hormesis.errors import HormesisError
from hormesis.measurements import read_measurements
from hormesis.measurements.names import MEASUREMENTS_FILE
from hormesis.study.cells.check import CONCEPT_FIT, FINDINGS_FILE, CheckInputs, ChecksSection, checks_of, pair_name
from hormesis.study.engine.cell import Cell
from hormesis.study.engine.store import Store
from hormesis.study.plan import Plan

_SHOWN = 3


@dataclass(frozen=True)
class Finding:
    """What ``rows`` share with the evaluation set ``texts``, as shares of its ``n`` texts."""

    rows: str
    texts: str
    whole: float
    ngram: float
    n: int
    places: tuple[str, ...] = ()
    """The first hits: ``TEXT in ROW``."""

    def is_violation(self, checks: ChecksSection) -> bool:
        """Whether it is more than ``checks`` tolerates."""
        return self.rows != CONCEPT_FIT and (self.whole > checks.whole or self.ngram > checks.overlap)

    @property
    def words(self) -> str:
        """``training toxic hold 3 of 200 texts of prompts rtp whole, and share an n-gram with 5``, and where."""
        whole, ngram = (round(share * self.n) for share in (self.whole, self.ngram))
        where = f" (text in row: {'; '.join(self.places[:_SHOWN])}{' …' * (len(self.places) > _SHOWN)})"
        return (
            f"{self.rows} rows hold {whole:,} of {self.n:,} texts of {self.texts} whole, and share an n-gram with"
            f" {ngram:,}" + (where if self.places else "")
        )


def findings(rows: pd.DataFrame, places: dict[str, tuple[str, ...]] | None = None) -> list[Finding]:
    """From the measurement rows of a check.

    :param places: first hits as ``findings.json`` names them (:func:`~hormesis.study.cells.check.pair_name`).
    """
    overlaps = rows[rows["metric"].isin(["overlap_whole", "overlap_ngram"])]
    found = []
    for (among, domain), group in overlaps.groupby(["among", "domain"], sort=False):
        values = group.set_index("metric")["value"]
        name, texts = str(among), str(domain)
        known = (places or {}).get(pair_name(name, texts), ())
        n = int(group["n"].iloc[0])
        found.append(Finding(name, texts, float(values["overlap_whole"]), float(values["overlap_ngram"]), n, known))
    return found


def check_findings(plan: Plan, store: Store) -> tuple[list[Finding], int]:
    """What the study's finished check found, and the number of groups in two parts of the concept's split."""
    found: list[Finding] = []
    shared = 0
    for cell in plan.of(CheckInputs):
        rows = read_measurements(store.cell_folder(cell) / MEASUREMENTS_FILE)
        found += findings(rows, _places(cell, store))
        shared += int(rows.loc[rows["metric"] == "groups_shared", "value"].sum())
    return found, shared


def _places(cell: Cell[CheckInputs], store: Store) -> dict[str, tuple[str, ...]]:
    saved = json.loads((store.cell_folder(cell) / FINDINGS_FILE).read_text(encoding="utf-8"))
    return {
        domain: tuple(f"{place['text']} in {place['row']}" for place in found["places"])
        for domain, found in saved.items()
    }


def violations(found: Iterable[Finding], checks: ChecksSection) -> list[Finding]:
    """Those beyond what ``checks`` tolerates, the worst first."""
    beyond = [finding for finding in found if finding.is_violation(checks)]
    return sorted(beyond, key=lambda finding: (-finding.whole, -finding.ngram))


def stop_on_violations(plan: Plan, store: Store) -> None:
    """Judge the finished check.

    :raises HormesisError: it found more than the study tolerates, and the study does not say to go on.
    """
    checks = checks_of(plan.config)
    if checks is None or not checks.stop:
        return
    found, shared = check_findings(plan, store)
    beyond = violations(found, checks)
    if not beyond and not shared:
        return
    lines = [finding.words for finding in beyond]
    lines += [f"{shared} groups of the concept are in two parts of its split"] * bool(shared)
    files = ", ".join(str(store.cell_folder(cell) / FINDINGS_FILE) for cell in plan.of(CheckInputs))
    raise HormesisError(
        "what evaluates is also trained on:\n  " + "\n  ".join(lines),
        f"take these rows out of the one or the other ({files} lists them by file and row); or tolerate them on"
        f" purpose: `checks: {{whole: …, overlap: …}}`, now {checks.whole:g} and {checks.overlap:g} of a set's texts,"
        " or `checks: {stop: false}`, and the report warns",
    )
