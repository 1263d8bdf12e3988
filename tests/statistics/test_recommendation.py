"""A planted best share is recommended, noise is not, and the commands run on a folder of rows."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from hormesis.cli import app
from hormesis.errors import HormesisError
from hormesis.measurements import write_measurements
from hormesis.statistics import (
    Measurements,
    Recommendation,
    analyse,
    differences_table,
    power_table,
    recommend,
    seeds_table,
)
from tests.report.invented import invented

SHARES = (0.0, 0.05, 0.10, 0.20, 0.25)
UNUSED = {"samples": None, "recipe": "plain", "tampering": None, "tampering_steps": None, "training_tokens": None}


def frame(seeds: int, noise: float) -> pd.DataFrame:
    rows = invented(SHARES, tuple(range(seeds)), domains=("rtp",), pooled=False, noise=noise)
    return rows[rows["site"].isna() & rows["metric"].isin(["toxicity_mean", "ce", "ce_cost"])]


def recommended(seeds: int, noise: float, cost: float = 0.1) -> Recommendation:
    measurements = Measurements.of(frame(seeds, noise))
    return recommend(measurements, measurements.prompt_sets[0], "iti", cost)


def test_a_planted_smile_is_found() -> None:
    found = recommended(3, 0.001, cost=0.4)
    assert found.decided
    assert found.share == 0.10
    assert found.candidates == (0.10,)
    assert found.difference is not None
    assert found.difference.student.high < 0
    assert found.response.supported


def test_a_share_that_was_left_out_but_is_less_toxic_forbids_a_recommendation() -> None:
    rows = frame(3, 0.001)
    clean = rows["share"] == 0.0
    rows.loc[clean & (rows["metric"] == "toxicity_mean"), "value"] /= 100
    cheapest = rows.loc[rows["strength"] > 0, "strength"].min()
    rows = rows[~clean | ~(rows["strength"] > cheapest)]
    measurements = Measurements.of(rows)
    found = recommend(measurements, measurements.prompt_sets[0], "iti", 0.4)
    assert found.share == 0.10
    assert not found.decided
    assert "share of 0, left out" in found.undecided[-1]


def test_noise_decides_nothing_and_says_how_many_seeds_would() -> None:
    found = recommended(2, 0.3)
    assert not found.decided
    assert "all 5 shares may be the best" in found.undecided[0]
    assert found.more_seeds is None and found.effect is None
    assert any("2 seeds" in warning for warning in found.warnings)
    table = power_table(found)
    assert table["detectable"].is_monotonic_decreasing
    assert seeds_table(found)["seeds"].dropna().is_monotonic_decreasing
    assert list(differences_table(found)["share"]) == list(SHARES[1:])


def test_one_seed_cannot_decide() -> None:
    found = recommended(1, 0.0)
    assert "one seed" in found.undecided[0]
    assert found.more_seeds is None


def test_without_costs_there_is_nothing_to_recommend() -> None:
    rows = frame(2, 0.0)
    measurements = Measurements.of(rows[rows["metric"] == "toxicity_mean"])
    with pytest.raises(HormesisError, match="cross-entropy"):
        recommend(measurements, measurements.prompt_sets[0], "iti", 0.1)


def test_a_cost_out_of_reach_is_answered_with_those_in_reach() -> None:
    with pytest.raises(HormesisError, match="between 0 and 0.43"):
        recommended(2, 0.0, cost=5.0)


def test_the_commands_read_nothing_but_the_rows(tmp_path: Path) -> None:
    rows = frame(3, 0.001).assign(**UNUSED)
    attacked = rows.assign(tampering="benign", tampering_steps=10, value=0.9)
    early = rows.assign(training_tokens=1000, value=0.9)
    write_measurements(tmp_path / "measurements.parquet", pd.concat([rows, attacked, early], ignore_index=True))
    result = CliRunner().invoke(app, ["recommend", str(tmp_path), "--budget", "0.4"])
    assert result.exit_code == 0, result.output
    assert "Use a share of 10 %" in result.output
    result = CliRunner().invoke(app, ["power", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert "seeds a share that find it" in result.output
    with pytest.raises(HormesisError, match="holds no measurements"):
        CliRunner().invoke(app, ["recommend", str(tmp_path / "none")], catch_exceptions=False)


def test_without_a_budget_it_is_the_largest_that_all_models_reached(tmp_path: Path) -> None:
    rows = frame(3, 0.001)
    costs = rows["metric"] == "ce_cost"
    cheap = rows.assign(value=rows["value"].where(~costs, rows["value"] / 20))
    (found,) = analyse(cheap).recommendations()
    assert 0 < found.cost < 0.1 and len(found.response.panel.shares) == len(SHARES)
    with pytest.raises(HormesisError, match="reached a capability cost of 0.1"):
        analyse(cheap).recommendations(0.1)
    (usual,) = analyse(rows).recommendations()
    assert usual.cost == 0.1
    write_measurements(tmp_path / "measurements.parquet", cheap.assign(**UNUSED))
    said = CliRunner().invoke(app, ["study", "recommend", str(tmp_path)], env={"COLUMNS": "200"}).output
    assert f"ΔCE on clean at most {found.cost:g} nats" in said
    (tmp_path / "prompts.parquet").write_bytes(b"")
    with pytest.raises(HormesisError, match=r"prompts\.parquet is damaged"):
        CliRunner().invoke(app, ["study", "recommend", str(tmp_path)], catch_exceptions=False)
