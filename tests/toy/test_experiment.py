"""One setting from start to end, and what is written of it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import hormesis.toy
from hormesis.cli.toy import app
from hormesis.errors import HormesisError
from hormesis.marks import MARK
from hormesis.toy import Setting, ToyResult, describe, read_result, run, write_result
from hormesis.toy.figures import draw
from hormesis.toy.setting import DEFAULT_SHARES, changed


def small(**fields: object) -> Setting:
    setting = Setting.model_validate({"shares": (0.1, 1 / 3), "seeds": 5, **fields})
    return changed(changed(setting, "training", steps=5), "model", layers=2)


@pytest.fixture(scope="module")
def result() -> ToyResult:
    return run(small())


def made_up(rare: float, learned: bool = True, spread: float = 0.02) -> ToyResult:
    """A result whose rare features have entanglement ``rare`` at the small share and 0.84 at the large one."""
    rng = np.random.default_rng(0)
    setting = small(seeds=10)
    rows = [
        {
            "share": share, "seed": seed, "feature": feature, "chain": feature // 4, "rare": feature >= 8,
            "entanglement": (rare if feature >= 8 and share < 0.2 else 0.84) + rng.normal(0, spread),
            "loss": 0.2 if learned else 2.0, "floor": 0.19, "learned": learned, "spread_chance": 0.86,
        }
        for share in setting.shares for seed in range(10) for feature in range(12)
    ]  # fmt: skip
    curves = pd.DataFrame({"share": [0.1], "seed": [0], "chain": [0], "step": [0], "excess": [1.0]})
    return ToyResult(setting, pd.DataFrame(rows), curves)


def test_a_result_has_every_feature_of_every_member(result: ToyResult) -> None:
    table = result.features
    assert len(table) == 2 * 5 * 12
    assert table["entanglement"].between(0, 1).all()
    assert (table.groupby("rare")["feature"].nunique() == pd.Series({False: 8, True: 4})).all()
    assert (result.curves.groupby(["share", "seed", "chain"])["step"].max() == 5).all()
    # Five steps teach nothing, and that is said.
    assert not result.members()["learned"].any()
    assert any("says nothing about geometry" in line for line in describe(result))


def test_equal_settings_give_equal_results(result: ToyResult) -> None:
    pd.testing.assert_frame_equal(run(small()).features, result.features)


def test_the_reading_decides_what_is_counted() -> None:
    found = run(changed(small(), "reading", definition="chain"))
    assert found.feature_count == 3
    assert found.welch == 0.0
    assert found.baseline().mean == pytest.approx(0.57, abs=0.05)


def test_a_planted_fall_is_found_and_a_flat_line_is_not() -> None:
    falls, flat = made_up(0.95), made_up(0.84)
    assert falls.fall().change.low > 0.08
    assert flat.fall().change.low < 0 < flat.fall().change.high
    assert "falls from a share of 10 % to 33.3 %" in describe(falls)[-2]
    assert "does not measurably change" in describe(flat)[-2]


def test_members_that_did_not_learn_are_left_out() -> None:
    unlearned = made_up(0.95, learned=False)
    assert unlearned.fall().change.n == 0
    assert unlearned.fall(learned_only=False).change.n == 10
    assert unlearned.shares()["learned"].sum() == 0


@pytest.mark.parametrize("learned", [True, False])
def test_the_figure_names_chance_welch_and_what_was_not_learned(learned: bool) -> None:
    axes = draw(made_up(0.95, learned=learned)).axes[0]
    labels = " | ".join(axes.get_legend_handles_labels()[1])
    assert "random directions, mean 0.842" in labels
    assert "Welch bound 0.426" in labels
    assert ("not learned" in labels) is not learned
    hatched = [patch for patch in axes.patches if patch.get_hatch()]
    assert len(hatched) == (0 if learned else 2)


def test_a_notebook_shows_a_figure() -> None:
    assert draw(made_up(0.95))._repr_png_().startswith(b"\x89PNG")


def test_a_result_is_written_whole_and_read_back(result: ToyResult, tmp_path: Path) -> None:
    write_result(result, tmp_path)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {MARK, "features.parquet", "curves.parquet", "entanglement.png", "entanglement.svg", "summary.json"}
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert summary["welch_bound"] == pytest.approx(0.426, abs=1e-3)
    assert Setting.model_validate(summary["setting"]) == result.setting
    again = read_result(tmp_path, result.setting)
    assert again is not None
    pd.testing.assert_frame_equal(again.features, result.features)
    assert read_result(tmp_path, small(seeds=6)) is None


@pytest.mark.parametrize(
    ("shares", "problem"), [((0.0, 0.1), "share is 0.0"), ((0.1, 1.0), "share is 1.0"), ((0.2, 0.1), "do not rise")]
)
def test_bad_shares_are_explained(shares: tuple[float, ...], problem: str) -> None:
    with pytest.raises(HormesisError, match=problem):
        Setting(shares=shares)


def test_the_default_is_the_papers_set_up() -> None:
    setting = Setting()
    assert (setting.world.chains, setting.world.states, setting.world.features) == (3, 4, 12)
    assert (setting.model.layers, setting.model.width) == (4, 4)
    assert len(DEFAULT_SHARES) == 9 and setting.seeds == 20


def test_the_command_runs_once_and_then_only_reads(tmp_path: Path) -> None:
    arguments = ["run", "--out", str(tmp_path), "--share", "0.3", "--share", "0.1", "--seeds", "2", "--steps", "3"]
    arguments += ["--position", "rope", "--definition", "next-token"]
    first = CliRunner().invoke(app, arguments)
    assert first.exit_code == 0, first.output
    assert "Random directions: E = 0.842" in first.output
    stamp = (tmp_path / "features.parquet").stat().st_mtime_ns
    second = CliRunner().invoke(app, arguments)
    assert second.exit_code == 0 and (tmp_path / "features.parquet").stat().st_mtime_ns == stamp
    assert "Random directions: E = 0.842" in second.output
    setting = json.loads((tmp_path / "summary.json").read_text())["setting"]
    assert setting["shares"] == [0.1, 0.3] and setting["model"]["position"] == "rope"


def test_the_command_hands_on_errors_that_carry_their_fix(tmp_path: Path) -> None:
    failed = CliRunner().invoke(app, ["run", "--out", str(tmp_path), "--chains", "7", "--steps", "1"])
    assert isinstance(failed.exception, HormesisError)
    assert "lower chains, or raise states" in failed.exception.fix


@pytest.mark.parametrize(("option", "value"), [("--position", "absolute"), ("--steps", "-1"), ("--clip", "0")])
def test_the_command_names_the_option_that_is_wrong(option: str, value: str, tmp_path: Path) -> None:
    failed = CliRunner().invoke(app, ["run", "--out", str(tmp_path), option, value])
    assert failed.exit_code == 2
    assert option in failed.output


def test_the_help_teaches() -> None:
    text = CliRunner().invoke(app, ["run", "--help"], env={"COLUMNS": "200"}).output
    for word in ("Welch bound", "random directions", "--definition", "--estimator", "--position"):
        assert word in text


def test_every_public_name_is_there() -> None:
    for name in hormesis.toy.__dir__():
        assert getattr(hormesis.toy, name) is not None
    with pytest.raises(AttributeError, match="attribute nothing"):
        hormesis.toy.__getattr__("nothing")
