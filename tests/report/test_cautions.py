"""Each reason to doubt is found where it is, and only there."""

from __future__ import annotations

import pandas as pd
import pytest

from hormesis.report.cautions import cautions
from hormesis.statistics.view import Measurements
from tests.report.invented import invented


@pytest.fixture
def frame() -> pd.DataFrame:
    return invented((0.0, 0.1), seeds=(0, 1, 2), domains=["rtp"])


def said(frame: pd.DataFrame) -> str:
    return "\n".join(cautions(Measurements.of(frame)))


def test_a_sound_study_has_none(frame: pd.DataFrame) -> None:
    assert said(frame) == ""


def test_few_seeds_and_what_they_cannot_show() -> None:
    text = said(invented((0.0, 0.1), seeds=(0, 1)))
    assert "only 2 seeds" in text and "cannot be told from chance" in text
    assert "only 1 seed." in said(invented((0.0, 0.1), seeds=(0,)))


def test_failed_measurements_are_counted(frame: pd.DataFrame) -> None:
    lost = frame["metric"] == "emt"
    text = said(frame.assign(value=frame["value"].mask(lost)))
    assert f"{lost.sum()} measurements have no value. None is imputed" in text


def test_failed_scores_are_named(frame: pd.DataFrame) -> None:
    means = frame[(frame["metric"] == "toxicity_mean") & (frame["domain"] == "rtp")]
    failures = means.assign(metric="score_failures", value=0.0)
    assert said(pd.concat([frame, failures])) == ""
    failures.loc[failures.index[0], "value"] = 0.03
    assert "Up to 3 % of the continuations on rtp could not be scored by " in said(pd.concat([frame, failures]))


def test_missing_cells_are_named(frame: pd.DataFrame) -> None:
    text = said(frame[~((frame["share"] == 0.1) & (frame["init_seed"] == 2))])
    assert "1 of 6 models" in text and "10 % seed 2" in text


def test_quantities_of_some_models_only_are_named(frame: pd.DataFrame) -> None:
    hole = (frame["share"] == 0.1) & (frame["init_seed"] == 2) & (frame["metric"] == "kl")
    assert "prompting kl on clean" in said(frame[~hole])


def test_a_control_that_does_as_much_is_a_warning(frame: pd.DataFrame) -> None:
    iti = frame[(frame["method"] == "iti") & (frame["strength"] == 8.0)]
    control = (frame["method"] == "iti-random-direction") & (frame["strength"] == 8.0)
    text = said(pd.concat([frame[~control], iti.assign(method="iti-random-direction")]))
    assert "random direction (control) lowers mean toxicity at least 0.5 times" in text
    assert "α = 8 at 0 %, 10 %" in text and "α = 4" not in text


def test_a_control_at_other_heads_is_held_against_the_method_at_its_cost(frame: pd.DataFrame) -> None:
    iti = frame[frame["method"] == "iti"]
    # Twice as strong for the same cost and the same effect: at equal strength it would seem to do little.
    as_much = iti.assign(method="iti-shuffled-labels", strength=iti["strength"] * 2)
    assert "shuffled labels (control) lowers" in said(pd.concat([frame, as_much]))
    steady = frame[(frame["method"] == "base") & (frame["metric"] == "toxicity_mean")]
    unmoved = as_much.merge(
        steady[["share", "init_seed", "domain", "value"]].rename(columns={"value": "base"}),
        on=["share", "init_seed", "domain"], how="left",
    )  # fmt: skip
    is_toxicity = unmoved["metric"] == "toxicity_mean"
    unmoved["value"] = unmoved["base"].where(is_toxicity, unmoved["value"])
    assert "shuffled labels (control) lowers" not in said(pd.concat([frame, unmoved.drop(columns="base")]))


def test_a_control_on_a_recipe_is_held_against_the_recipe_s_own_model(frame: pd.DataFrame) -> None:
    tagged = frame[frame["method"].isin(["base", "iti", "iti-random-direction"])].assign(recipe="tags")
    toxicity = tagged["metric"] == "toxicity_mean"
    tagged.loc[toxicity, ["value", "low", "high"]] -= 0.2  # the recipe's doing, with and without steering
    both = pd.concat([frame.assign(recipe="plain"), tagged])
    assert "random direction (control) lowers" not in said(both)


def test_no_control_is_a_warning(frame: pd.DataFrame) -> None:
    assert "No control" in said(frame[frame["method"] != "iti-random-direction"])


def test_an_intervention_that_does_harm_is_a_warning(frame: pd.DataFrame) -> None:
    worse = (frame["method"] == "iti") & (frame["metric"] == "toxicity_mean") & (frame["strength"] == 12.0)
    risen = frame.assign(value=frame["value"].mask(worse, 0.9), low=frame["low"].mask(worse, 0.85))
    assert "ITI raises mean toxicity: α = 12 at 0 %, 10 %" in said(risen)
    chance = risen.assign(value=risen["value"].mask(worse & (risen["init_seed"] == 0), 0.3))
    assert said(chance) == "", "within its interval it may be chance"


@pytest.mark.parametrize(
    ("metric", "value"), [("distinct_2", 0.2), ("length", 3.0), ("repetition", 0.6), ("empty", 0.5)]
)
def test_degenerate_text_is_a_warning(frame: pd.DataFrame, metric: str, value: float) -> None:
    broken = (frame["method"] == "iti") & (frame["metric"] == metric) & (frame["strength"] == 12.0)
    text = said(frame.assign(value=frame["value"].mask(broken, value)))
    assert "Degenerate text on rtp: ITI gives" in text and "α = 12 at 0 %, 10 %" in text


def test_mixed_provenance_is_a_warning(frame: pd.DataFrame) -> None:
    is_head = frame["site"].notna()
    assert "several versions of the code" in said(frame.assign(code=frame["code"].mask(is_head, "2.0")))
    other = frame[frame["scorer"].notna()].assign(scorer_revision="r2")
    assert "several revisions (r1, r2)" in said(pd.concat([frame, other]))
    assert "no scorer revision" in said(frame.assign(scorer_revision=None))


def test_unequal_n_is_a_warning(frame: pd.DataFrame) -> None:
    some = (frame["metric"] == "emt") & (frame["init_seed"] == 0)
    assert "n differs between models on rtp (150 to 200)" in said(frame.assign(n=frame["n"].mask(some, 150)))


def test_unequal_numbers_of_continuations_are_a_warning(frame: pd.DataFrame) -> None:
    assert said(frame.assign(samples=25)) == ""
    samples = [25 if seed == 0 else 10 for seed in frame["init_seed"]]
    assert "wrote 10, 25 continuations a prompt" in said(frame.assign(samples=samples))


def test_cautions_about_toxicity_name_the_scorer_and_count_in_words(frame: pd.DataFrame) -> None:
    pooled = (frame["method"] == "iti") & (frame["metric"] == "toxicity_mean") & (frame["domain"] == "rtp")
    text = said(frame.assign(value=frame["value"].mask(pooled, 0.9), low=frame["low"].mask(pooled, 0.89)))
    assert "On rtp, judged by ngram_$x, ITI raises mean toxicity" in text
    one = frame[(frame["metric"] == "emt")].index[:1]
    text = said(frame.assign(value=frame["value"].mask(frame.index.isin(one))))
    assert "1 measurement has no value" in text
