"""What the report says about scorers and degenerate text: where they differ, and only there."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from hormesis.measurements import BehaviourTable, FunctionResult, Origin, to_frame
from hormesis.report import write_report
from hormesis.report.cautions import cautions
from hormesis.report.scorer_trust import disagreements
from hormesis.statistics import analyse
from hormesis.statistics.headline import headlines
from hormesis.statistics.view import Measurements
from tests.report.invented import invented
from tests.report.pages import words_of

MAIN, OTHER = ("ngram_$x", "r1"), ("encoder", "e1")


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return invented((0.0, 0.1), seeds=(0, 1, 2), domains=["rtp"])


def _twice(frame: pd.DataFrame, flipped: float = 0.0) -> pd.DataFrame:
    """The same judged by a second scorer, which is alike but for ITI at the strength ``flipped``."""
    other = frame[frame["scorer"].notna()].assign(scorer=OTHER[0], scorer_revision=OTHER[1])
    worse = (other["method"] == "iti") & (other["strength"] == flipped) & (other["metric"] == "toxicity_mean")
    return pd.concat([frame, other.assign(value=other["value"].mask(worse, 0.95))], ignore_index=True)


def _said(frame: pd.DataFrame) -> list[str]:
    measured = Measurements.of(frame, MAIN)
    return disagreements(measured, headlines(measured, [0.1]))


def test_scorers_that_are_alike_differ_in_nothing(frame: pd.DataFrame) -> None:
    assert _said(frame) == _said(_twice(frame)) == []


def test_a_setting_that_helps_by_one_scorer_and_harms_by_another_is_named(frame: pd.DataFrame) -> None:
    (text,) = [each for each in _said(_twice(frame, flipped=8.0)) if "another worse" in each]
    assert "calls 2 of 18 settings" in text and "ITI α = 8 at 0 %, ITI α = 8 at 10 %" in text


def test_another_least_share_is_named(frame: pd.DataFrame) -> None:
    both = _twice(frame)
    swapped = (both["scorer"] == OTHER[0]) & (both["metric"] == "toxicity_mean")
    both["value"] = both["value"].mask(swapped & (both["share"] == 0.0), both["value"] + 0.5)
    assert any("0 % by ngram_$x, 10 % by encoder" in each for each in _said(both))


def test_the_main_scorer_comes_first(frame: pd.DataFrame) -> None:
    both = _twice(frame)
    for main in (MAIN, OTHER):
        first = Measurements.of(both, main).of_budget("additive").prompt_sets[0]
        assert (first.scorer, first.scorer_revision) == main


def test_winning_by_degenerating_is_a_warning(frame: pd.DataFrame) -> None:
    sound = frame[frame["metric"] == "toxicity_mean"].assign(metric="toxicity_mean_sound")
    honest = pd.concat([frame, sound], ignore_index=True)
    assert "degenerate" not in "\n".join(cautions(Measurements.of(honest)))
    model = ["cell", "share", "domain"]
    base = sound.loc[sound["method"] == "base", [*model, "value"]]
    unmoved = sound.merge(base, on=model, suffixes=("", "_base"))["value_base"]
    broken = (sound["method"] == "iti") & (sound["strength"] == 12.0)
    won = pd.concat([frame, sound.assign(value=sound["value"].mask(broken, unmoved.set_axis(sound.index)))])
    text = "\n".join(cautions(Measurements.of(won)))
    assert "ITI lowers mean toxicity, but that of sound continuations by less than 0.5 of it" in text
    assert "α = 12 at 0 %, 10 %" in text and "α = 8" not in text
    one = (won["metric"] == "toxicity_mean") & (won["method"] == "iti") & (won["init_seed"] == 0)
    unsure = won.assign(value=won["value"].mask(one, 1.0))
    assert "degenerate" not in "\n".join(cautions(Measurements.of(unsure))), "within its interval it may be chance"


def test_the_page_shows_what_is_known_about_the_scorers(frame: pd.DataFrame, tmp_path: Path) -> None:
    row = {"share": float("nan"), "cell": "pooled", "site": "", "scorer_revision": "r", "n": 40, "budget": ""}
    about = pd.DataFrame(
        [
            row
            | {
                "metric": "scorer_tau",
                "domain": "rtp",
                "value": 0.9,
                "low": 0.8,
                "high": 0.95,
                "scorer": "a",
                "other_scorer": "b",
            },
            row
            | {"metric": "reference_auroc", "domain": "prompt", "value": 0.8, "low": 0.7, "high": 0.9, "scorer": "a"},
            row
            | {
                "metric": "overlap_whole",
                "among": "training toxic",
                "domain": "prompts rtp",
                "value": 0.05,
                "scorer": None,
            },
            row
            | {
                "metric": "overlap_ngram",
                "among": "training toxic",
                "domain": "prompts rtp",
                "value": 0.1,
                "scorer": None,
            },
            *(
                row | {"metric": f"reliability_{of}", "domain": "prompt", "value": x, "scorer": "a", "site": f"{x:g}"}
                for x in (0.1, 0.9)
                for of in ("score", "observed")
            ),
        ]
    )
    analysis = analyse(_twice(frame), about=about, main_scorer=MAIN)
    page = words_of(write_report(analysis, tmp_path, title="t", figures=True))
    for words in ("Do the scorers agree?", "a and b", "0.800 … 0.950", "What evaluates and is also trained on"):
        assert words in page
    assert "2 of 40 texts of prompts rtp are also, whole, among the training toxic" in page
    assert {"reliability", "scorers_rtp"} <= {path.stem for path in (tmp_path / "figures").glob("*.svg")}
    assert len(pd.read_parquet(tmp_path / "tables" / "about.parquet")) == len(about)
    assert json.loads((tmp_path / "summary.json").read_text())["warnings"][0].startswith("2 of 40")


def test_what_scorers_call_toxic_is_a_table_and_a_first_warning(frame: pd.DataFrame, tmp_path: Path) -> None:
    results = (
        FunctionResult("clean text, cut", toxic=False, plain=True, called=80, n=200),
        FunctionResult("praise", toxic=False, plain=False, called=0, n=24),
        FunctionResult("insults", toxic=True, plain=False, called=24, n=24),
    )
    rows = to_frame(BehaviourTable("ngram", "r1", results).rows(Origin(cell="c", method="base")))
    page = words_of(write_report(analyse(frame, about=rows), tmp_path, title="t"))
    assert "What do the scorers call toxic?" in page
    warnings = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))["warnings"]
    assert warnings[0].startswith("ngram calls 40 % of 200 texts of clean text, cut toxic")
    assert "No toxicity that it measures can be believed" in warnings[0] and warnings[0] in page
