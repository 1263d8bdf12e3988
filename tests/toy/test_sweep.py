"""The sweep: what it varies, that it goes on where it was stopped, and that it counts its tests."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from hormesis.cli.toy import app
from hormesis.toy import sweep as module
from hormesis.toy.setting import Setting, changed
from hormesis.toy.storage import write_sweep
from hormesis.toy.sweep import RATIOS, Variant, effects, option_variants, run_variants, size_variants
from hormesis.toy.training import TrainingProgress


def quick_base() -> Setting:
    return changed(Setting(seeds=5), "training", steps=3)


def two_variants() -> list[Variant]:
    return option_variants(quick_base())[:2]


def made_up_rows(rare: float, variants: int = 20) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    rows = []
    for variant in range(variants):
        for ratio in RATIOS:
            for seed in range(12):
                lift = rare if variant == 0 and ratio < 1 else 0.0
                shared = rng.normal(0.84, 0.03)
                rows.append(
                    {
                        "option": "base" if variant == 0 else f"model.option{variant}", "value": "", "width": 4,
                        "share": ratio / (2 + ratio), "ratio": ratio, "seed": seed, "definition": "sequence",
                        "estimator": "probe", "contrast": "token", "place": "block 4", "last": True, "features": 12,
                        "rare": shared + lift + rng.normal(0, 0.03), "controls": shared, "learned": True,
                        "excess_rare": 0.0, "excess_controls": 0.0, "learned_rare": True,
                    }
                )  # fmt: skip
    table = pd.DataFrame(rows)
    return table.assign(difference=table["rare"] - table["controls"])


def test_variants_differ_and_name_what_they_change() -> None:
    base = changed(quick_base(), "training", steps=300)
    variants = [*option_variants(base), *size_variants(base)]
    names = [variant.name for variant in variants]
    assert len(set(names)) == len(names)
    hashes = {variant.setting.identity() for variant in variants}
    assert len(hashes) >= len(variants) - 1  # 12 × 4 is the base
    sizes = [(v.setting.world.features, v.setting.model.width) for v in variants if v.option == "features × width"]
    assert max(sizes) == (48, 32) and (12, 4) in sizes
    for option in ("position", "heads", "feed_forward", "optimiser", "steps", "tokens", "cycles"):
        assert any(option in name for name in names)


def test_the_rare_chain_is_as_rare_against_another_chain_in_every_size() -> None:
    for variant in size_variants(quick_base()):
        others = variant.setting.world.chains - 1
        ratios = [share / ((1 - share) / others) for share in variant.setting.shares]
        assert ratios == pytest.approx(RATIOS)


def test_a_stopped_sweep_keeps_what_was_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    variants, measured = two_variants(), []
    measure = module.measure

    def interrupted(variant: Variant, progress: Callable[[TrainingProgress], None] | None = None) -> pd.DataFrame:
        measured.append(variant.name)
        if len(measured) == 2:
            raise KeyboardInterrupt
        return measure(variant, progress)

    monkeypatch.setattr(module, "measure", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_variants(variants, tmp_path)
    assert len(list((tmp_path / "variants").glob("*.parquet"))) == 1
    rows = run_variants(variants, tmp_path)
    assert measured == ["base", "model.position = none", "model.position = none"]
    assert set(rows["value"]) == {"", "none"}
    assert not list(tmp_path.rglob("*.tmp"))
    # 3 definitions × 3 estimators × 2 contrasts × 5 places, for every member
    assert len(rows) == 2 * 90 * len(RATIOS) * 5


def test_a_planted_effect_is_found_and_nothing_else() -> None:
    table = effects(made_up_rows(0.1))
    found = table[table["p_holm"] < 0.05]
    assert list(found["option"]) == ["base"] and found["mean"].iloc[0] == pytest.approx(0.1, abs=0.03)
    assert table.loc[table["ratio"] == 1.0, "p_holm"].isna().all()  # equal shares are a control, not a test
    assert found["change"].iloc[0] == pytest.approx(0.1, abs=0.04)
    assert found["fall"].iloc[0] == pytest.approx(0.1, abs=0.06)
    assert table["chance"].iloc[0] == pytest.approx(0.842, abs=0.004)


def test_no_effect_survives_the_correction_when_there_is_none() -> None:
    assert (effects(made_up_rows(0.0))["p_holm"].dropna() > 0.05).all()


def test_effects_are_written_with_figures(tmp_path: Path) -> None:
    write_sweep(made_up_rows(0.1), tmp_path)
    names = {path.name for path in tmp_path.iterdir()}
    assert {"effects.parquet", "effects.csv", "options.png", "readings.svg", "summary.json"} <= names
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert summary["difference_learned"]["higher_holm"] == 1 and summary["change_learned"]["tests"] == 20


def test_the_command_sweeps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "option_variants", lambda base: [Variant("base", "", option_variants(base)[0].setting)])
    done = CliRunner().invoke(app, ["sweep", "--out", str(tmp_path), "--seeds", "5", "--steps", "2", "--no-sizes"])
    assert done.exit_code == 0, done.output
    assert "90 settings with a rare chain" in done.output
