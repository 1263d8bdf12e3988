"""A result as files: figures, Parquet tables and ``summary.json``."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import cast

import pandas as pd

from hormesis.files import Json, write_file, write_json
from hormesis.marks import claim
from hormesis.toy.experiment import ToyResult
from hormesis.toy.figures import draw
from hormesis.toy.setting import Setting
from hormesis.toy.style import save_figure
from hormesis.toy.sweep import TOY, effects, sweep_summary
from hormesis.toy.sweep_figures import draw_options, draw_readings, draw_sizes
from hormesis.toy.verdict import describe, share_rows

RESULT_FILES = ("features.parquet", "curves.parquet", "entanglement.png", "entanglement.svg")


def write_table(table: pd.DataFrame, path: Path) -> None:
    """``table`` as Parquet at ``path``, whole or absent."""
    with write_file(path) as temporary:
        table.to_parquet(temporary, index=False)


def write_result(result: ToyResult, folder: Path) -> Path:
    """Write a result: ``entanglement.png`` and ``.svg``, ``features.parquet``, ``curves.parquet`` and, last,
    ``summary.json``. Returns the path of the summary.

    :raises HormesisError: ``folder`` holds something else than results of the toy.
    """
    claim(folder, TOY)
    write_table(result.features, folder / "features.parquet")
    write_table(result.curves, folder / "curves.parquet")
    save_figure(draw(result), folder / "entanglement")
    falls = {"learned": result.fall(), "all": result.fall(learned_only=False)}
    summary: dict[str, Json] = {
        "identity": result.setting.identity(),
        "setting": result.setting.as_json(),
        "verdict": describe(result),
        "welch_bound": result.welch,
        "random_baseline": _plain(asdict(result.baseline())),
        "random_baseline_rare": _plain(asdict(result.baseline(rare_only=True))),
        "fall": {
            name: _plain({"smallest": fall.smallest, "largest": fall.largest, **asdict(fall.change)})
            for name, fall in falls.items()
        },
        "shares_learned": share_rows(result.shares()),
        "shares_all": share_rows(result.shares(learned_only=False)),
    }
    write_json(folder / "summary.json", summary)
    return folder / "summary.json"


def read_result(folder: Path, setting: Setting) -> ToyResult | None:
    """The result of exactly this setting, if ``folder`` holds it whole; else None."""
    summary = folder / "summary.json"
    if not summary.exists() or not all((folder / name).exists() for name in RESULT_FILES):
        return None
    if json.loads(summary.read_text(encoding="utf-8")).get("identity") != setting.identity():
        return None
    return ToyResult(
        setting=setting,
        features=pd.read_parquet(folder / "features.parquet"),
        curves=pd.read_parquet(folder / "curves.parquet"),
    )


def write_sweep(rows: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """Write a sweep: ``effects.parquet`` and ``.csv``, figures ``options``, ``readings``, ``sizes`` (each where the
    rows allow it) and, last, ``summary.json``. Returns the effects.

    :raises HormesisError: ``folder`` holds something else than results of the toy.
    """
    claim(folder, TOY)
    table = effects(rows)
    write_table(table, folder / "effects.parquet")
    with write_file(folder / "effects.csv") as temporary:
        table.to_csv(temporary, index=False, float_format="%.4g")
    options = set(table["option"])
    if "base" in options:
        save_figure(draw_options(table), folder / "options")
        save_figure(draw_readings(table), folder / "readings")
    if "features × width" in options:
        save_figure(draw_sizes(table), folder / "sizes")
    write_json(folder / "summary.json", sweep_summary(table))
    return table


def _plain(values: dict[str, float]) -> Json:
    return cast(Json, share_rows(pd.DataFrame([values]))[0])
