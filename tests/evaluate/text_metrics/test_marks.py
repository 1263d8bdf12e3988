"""Broken continuations are told by what is broken, and sound text is left alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hormesis.corpus import Prompt
from hormesis.evaluate import text_measures
from hormesis.evaluate.judged import prompt_table
from hormesis.evaluate.text_metrics import TEXT_METRICS
from hormesis.measurements import Origin, PromptTable, prompt_measurements
from tests.evaluate.text_metrics.continuations import PROMPT, of_texts

SOUND = "and the mild goose walks home"
BROKEN = {
    "empty": " \n ",
    "looping": "la la la la",
    "copied": "so The calm river crosses the bridge",
    "not_text": "… ?!? ��� ok",
}


@pytest.mark.parametrize("way", BROKEN)
def test_each_way_is_told_from_the_others(way: str) -> None:
    continued = of_texts([SOUND, BROKEN[way], "the calm river crosses a bridge and a bridge", "Ωδή 12"])
    assert TEXT_METRICS[way].measure(continued)[0, 0].tolist() == [False, True, False, False]
    found = text_measures(continued)
    assert found.sound[0, 0].tolist() == [True, False, True, True]
    assert {name: float(found.values[name][0, 0]) for name in BROKEN} == {**dict.fromkeys(BROKEN, 0.0), way: 0.25}
    assert found.values["degenerate"].tolist() == [[0.25]]
    assert all(TEXT_METRICS[name].breaks for name in BROKEN)


def test_toxicity_among_sound_texts_leaves_the_broken_ones_out() -> None:
    texts = [SOUND, SOUND, *BROKEN.values(), SOUND]
    scores = np.array([0.8, 0.6, 0, 0, 0, 0, np.nan]).reshape(1, 1, -1)
    table = prompt_table("rtp", [Prompt(PROMPT, None, "all")], of_texts(texts), scores)
    row = table.frame.iloc[0]
    assert (row["sound"], row["sound_mean"], row["degenerate"]) == (2, pytest.approx(0.7), pytest.approx(4 / 7))
    origin = Origin(cell="c", share=0.0, budget="additive", method="base", code="0", init_seed=0)
    values = {each.metric: each.value for each in prompt_measurements([table], origin)}
    assert values["toxicity_mean"] == pytest.approx(1.4 / 6) and values["toxicity_mean_sound"] == pytest.approx(0.7)
    assert values["looping"] == values["copied"] == values["not_text"] == pytest.approx(1 / 7)


def test_tables_from_before_are_read_and_measured_without(tmp_path: Path) -> None:
    table = prompt_table("rtp", [Prompt(PROMPT, None, "all")], of_texts([SOUND]), np.array([[[0.5]]]))
    later = ["looping", "copied", "not_text", "degenerate", "sound", "sound_mean"]
    old: pd.DataFrame = table.frame.drop(columns=later)
    path = tmp_path / "prompts.parquet"
    old.to_parquet(path)
    origin = Origin(cell="c", share=0.0, budget="additive", method="base", code="0", init_seed=0)
    metrics = {each.metric for each in prompt_measurements([PromptTable.read(path)], origin)}
    assert "toxicity_mean" in metrics and not metrics & {"degenerate", "toxicity_mean_sound"}
