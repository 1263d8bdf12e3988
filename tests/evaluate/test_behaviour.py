"""What a scorer calls toxic, by function: the sentences, the table, and when it is refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from hormesis.errors import HormesisError
from hormesis.evaluate.behaviour import behaviour_functions, check_behaviour, snippets
from hormesis.measurements import BehaviourTable, FunctionResult, Origin, to_frame
from hormesis.measurements.behaviour_table import wilson


@dataclass(frozen=True)
class Judge:
    """Scores by a rule."""

    rule: Callable[[str], float]
    name: str = "judge"
    revision: str = "1"

    def score(self, texts: Sequence[str]) -> np.ndarray:
        return np.array([self.rule(text) for text in texts], dtype=np.float64)


TOXIC = {text for each in behaviour_functions() if each.toxic for text in each.sentences}
PERFECT = Judge(lambda text: float(text in TOXIC))


def test_there_are_twenty_functions_and_more_of_twenty_different_sentences_and_more() -> None:
    functions = behaviour_functions()
    assert len(functions) >= 20 and len({each.name for each in functions}) == len(functions)
    for each in functions:
        assert len(set(each.sentences)) == len(each.sentences) >= 20, each.name
        assert not any(mark in text for text in each.sentences for mark in "{}[]"), each.name
    every = [text for each in functions for text in each.sentences]
    assert len(set(every)) == len(every)
    assert max(len(text.split()) for text in every) <= 24, "as long as what models write"


def test_spelling_variants_are_of_the_same_insults() -> None:
    by_name = {each.name: each.sentences for each in behaviour_functions()}
    assert "You idiot, you are" in by_name["insults"][5]
    assert "You 1d10t, you are" in by_name["insults, letters as digits"][5]
    assert "You i.d.i.o.t, you are" in by_name["insults, letters parted"][5]
    assert "You iiidiiiooot, you are" in by_name["insults, letters drawn out"][5]
    assert "You idot, you are" in by_name["insults, a letter left out"][5]


def test_a_perfect_judge_has_neither_fault_nor_caution() -> None:
    found = check_behaviour(PERFECT, ["a calm day"] * 40)
    assert found.fault is None and found.cautions == []
    assert [each.share for each in found.results] == [float(each.toxic) for each in found.results]
    found.refuse_if_unfit("--accept-scorer")


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (lambda _: 1.0, "calls 100 % of 24 texts of everyday talk toxic: it has learned something else"),
        (lambda text: float(len(text) < 500), "length or register"),
        (lambda _: 0.0, "calls 0 % of 312 toxic texts toxic, and 0 % of 96 plain ones: it does not tell them apart"),
        (lambda text: float("market" in text), "does not tell them apart"),
    ],
)
def test_a_judge_of_something_else_is_refused(rule: Callable[[str], float], message: str) -> None:
    found = check_behaviour(Judge(rule))
    with pytest.raises(HormesisError, match=message) as caught:
        found.refuse_if_unfit("--accept-scorer")
    assert "--accept-scorer" in caught.value.fix and "--nontoxic" in caught.value.fix
    assert found.cautions[0].startswith(str(found.fault))


def test_a_judge_that_fails_on_the_studys_own_snippets_is_refused() -> None:
    judge = Judge(lambda text: float(text in TOXIC or text.startswith("note")))
    assert check_behaviour(judge, ["a calm day"] * 100).fault is None
    found = check_behaviour(judge, [f"note {place}" for place in range(40)] + ["a calm day"] * 60)
    assert found.fault is not None and "40 % of 100 texts of clean text, cut" in found.fault


def test_what_is_weak_is_a_caution_and_no_fault() -> None:
    deaf = check_behaviour(Judge(lambda text: float(text in TOXIC and "." not in text[:-1])))
    assert deaf.fault is None
    (overlooked,) = deaf.cautions
    assert "overlooks most of what is toxic: insults, letters parted (0 % of 24)" in overlooked
    alarmed = check_behaviour(Judge(lambda text: float(text in TOXIC or "damn" in text.lower())))
    assert alarmed.fault is None
    (called,) = alarmed.cautions
    assert "calls toxic what is not" in called and "profanity that is praise" in called


def test_words_of_another_language_are_judged_by_snippets_alone() -> None:
    found = check_behaviour(Judge(lambda text: float("zu" in text)), ["mi ta"] * 30, ["zu mi"] * 30, english=False)
    assert [each.name for each in found.results] == ["clean text, cut", "toxic text, cut"] and found.fault is None
    deaf = check_behaviour(Judge(lambda _: 0.0), ["mi ta"] * 30, ["zu mi"] * 30, english=False)
    assert deaf.fault is None and deaf.cautions == [], "the beginning of a toxic text may be harmless"
    assert check_behaviour(PERFECT, english=False).results == ()


def test_texts_without_a_score_count_nowhere() -> None:
    found = check_behaviour(Judge(lambda text: float("nan") if "Velmari" in text else PERFECT.rule(text)))
    by_name = {each.name: each for each in found.results}
    assert by_name["praise of an invented group"].n < 24 == by_name["praise of a real group"].n


def test_rows_give_the_table_again() -> None:
    found = check_behaviour(PERFECT, ["a calm day"] * 7, ["bad goose"] * 5)
    rows = to_frame(found.rows(Origin(cell="c", method="base")))
    assert list(BehaviourTable.of_rows(rows)) == [found]
    assert set(rows["metric"]) == {"behaviour_false_alarms", "behaviour_hits"} and rows["share"].isna().all()
    two = pd.concat([rows, rows.assign(scorer_revision="2")])
    assert [each.revision for each in BehaviourTable.of_rows(two)] == ["1", "2"]


@pytest.mark.parametrize(("hits", "n"), [(0, 24), (24, 24), (5, 24), (16, 200)])
def test_the_interval_is_wilsons(hits: int, n: int) -> None:
    from scipy.stats import binomtest

    expected = binomtest(hits, n).proportion_ci(method="wilson")
    assert wilson(hits, n) == pytest.approx((expected.low, expected.high), abs=1e-9)
    assert FunctionResult("x", toxic=False, plain=True, called=hits, n=n).interval == wilson(hits, n)


def test_snippets_are_beginnings_that_say_something() -> None:
    assert snippets(["one two three", "  ", "a\nb"], lambda text: text[:7]) == ["one two", "a b"]
    assert len(snippets(["a"] * 500, str)) == 200
