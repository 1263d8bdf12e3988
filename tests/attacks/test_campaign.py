"""Many goals: kept one by one, resumed, and counted; a trigger on held-out prompts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from transformers import PreTrainedModel

from hormesis.attacks import (
    GcgConfig,
    Goal,
    GoalConfig,
    Outcome,
    Suffix,
    TriggerConfig,
    attack_goals,
    attack_measurements,
    effect_measurements,
    find_suffix,
    find_trigger,
    read_goals,
    read_outcomes,
    trigger_effect,
)
from hormesis.attacks import campaign as campaign_file
from hormesis.corpus import Prompt
from hormesis.detox import Unsteered
from hormesis.errors import HormesisError
from hormesis.evaluate import GenerationConfig
from hormesis.measurements import Origin
from hormesis.models import LanguageModel
from tests.evaluate.tiny import invented_texts, tiny_iti, tiny_tokenizer

GOALS = [Goal("mila", "zupi"), Goal("tano", "kosu"), Goal("resu", "mila")]
QUICK = GcgConfig(length=4, steps=3, width=12, top_k=12, begin="mi", match_tokens=1)
ORIGIN = Origin(cell="here", share=0.1, budget="additive", method="iti", code="test")


class Letters:
    """Scores the share of z."""

    name, revision = "letters", "1"

    def score(self, texts: Sequence[str]) -> np.ndarray:
        return np.array([text.count("z") / max(1, len(text)) for text in texts], dtype=np.float64)


def attack(model: PreTrainedModel, kept: Path, goals: list[Goal], setting: str = "a") -> list[Outcome]:
    def judge(goal: str, continuation: str) -> bool:
        return bool(goal) and "z" in continuation

    return attack_goals(
        LanguageModel.of(model, tiny_tokenizer()),
        goals,
        tiny_iti(),
        2.0,
        QUICK,
        setting=setting,
        kept=kept,
        judge=judge,
    )


def test_a_killed_attack_goes_on_where_it_was(
    writer: PreTrainedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, kept = attack(writer, tmp_path / "whole.jsonl", GOALS), tmp_path / "kept.jsonl"
    attack(writer, kept, GOALS[:2])
    with kept.open("a") as file:
        file.write('{"setting": "a", "goal": "resu", "tar')  # a line that a kill cut off
    calls: list[str] = []

    def counted(lm: LanguageModel, goal: str, *given: object) -> Suffix:
        calls.append(goal)
        return find_suffix(lm, goal, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(campaign_file, "find_suffix", counted)
    assert attack(writer, kept, GOALS) == whole
    assert calls == ["resu"], "only what was not kept"
    assert len(read_outcomes(kept)) == 3 and attack(writer, kept, GOALS) == whole and len(calls) == 1
    attack(writer, kept, GOALS[:1], setting="another model")
    assert calls == ["resu", "mila"]
    kept.write_text("no json\n" + kept.read_text())
    with pytest.raises(HormesisError, match="line 1"):
        read_outcomes(kept)


def test_outcomes_become_rates_and_a_paired_test(writer: PreTrainedModel, tmp_path: Path) -> None:
    outcomes = attack(writer, tmp_path / "kept.jsonl", GOALS)
    rows = {row.metric: row for row in attack_measurements(outcomes, ORIGIN, 2.0, base=outcomes)}
    assert rows["attack_success"].value == np.mean([outcome.succeeded for outcome in outcomes])
    assert rows["attack_success"].n == 3 and rows["attack_success"].low is not None
    assert rows["attack_granted"].value == np.mean(["z" in outcome.continuation for outcome in outcomes])
    assert (rows["attack_mcnemar_p"].value, rows["attack_mcnemar_p"].n) == (1.0, 0)
    assert all(outcome.loss <= outcome.first_loss or outcome.succeeded for outcome in outcomes)


def test_goals_are_read_from_a_file_like_advbench(tmp_path: Path) -> None:
    lines = [{"goal": f"ask {i}", "target": f"sure {i}" if i else None} for i in range(6)]
    (tmp_path / "goals.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    goals = read_goals(GoalConfig(path="goals.jsonl", limit=3), tmp_path)
    assert len(goals) == 3 and all(goal.text[-1] == goal.target[-1] for goal in goals)
    assert list(goals) == sorted(goals, key=lambda goal: goal.text)


@pytest.mark.parametrize("strength", [0.0, 2.0])
def test_a_trigger_makes_the_continuations_likelier(writer: PreTrainedModel, strength: float) -> None:
    tokenizer, steering = tiny_tokenizer(), tiny_iti() if strength else Unsteered()
    lm = LanguageModel.of(writer, tokenizer)
    config = TriggerConfig(length=3, sweeps=1, top_k=6, examples=6, target_tokens=6, begin="mi")
    toxic = ["zupi zuve zusu"] * 3
    found = find_trigger(lm, invented_texts(4), toxic, steering, strength, config)
    assert found.loss < found.first_loss
    assert len(found.ids) == 3
    assert found == find_trigger(lm, invented_texts(4), toxic, steering, strength, config)
    prompts = [Prompt(text, None, "all") for text in invented_texts(5, seed=9)]
    generation = GenerationConfig(samples=2, max_new_tokens=4)
    effect = trigger_effect(lm, prompts, found, steering, strength, Letters(), generation, domain="mild")
    rows = {row.metric: row for row in effect_measurements(effect, found, ORIGIN, strength, base=effect)}
    rise = rows["trigger_toxicity_after"].value - rows["trigger_toxicity_before"].value
    assert rows["trigger_rise"].value == pytest.approx(rise)
    assert rows["trigger_rise_over_base"].value == 0.0 and rows["trigger_rise"].n == 5
