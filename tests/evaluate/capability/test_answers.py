"""lm-eval on steered models: its log-likelihoods, its prompts, and what accuracy means."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
import torch
from scipy.stats import binom

from hormesis.detox import Intervention, Prompting, Unsteered
from hormesis.errors import HormesisError
from hormesis.evaluate.capability import evaluate_tasks
from hormesis.evaluate.capability import likelihoods as likelihoods_of
from hormesis.measurements import Origin, answer_measurements
from hormesis.models import LanguageModel
from tests.evaluate.capability.invented import arc_rows, asked, blimp_rows, written
from tests.evaluate.tiny import invented_texts, tiny_iti, tiny_model, tiny_tokenizer

pytest.importorskip("lm_eval")

from lm_eval.api.instance import Instance  # noqa: E402
from lm_eval.models.huggingface import HFLM  # noqa: E402

from hormesis.evaluate.capability.steered_model import SteeredModel  # noqa: E402

ORIGIN = Origin(cell="x", share=0.0, budget="additive", method="base", code="")


def requests() -> list[Instance]:
    """Contexts and continuations of uneven length; some continuations differ in their last token only."""
    pairs = [(context, f" {text}") for context, text in zip(invented_texts(9), invented_texts(9, seed=1), strict=True)]
    pairs += [("", " mila"), ("", " takosu"), *[("kono zula", f" {letter}") for letter in "ABCD"], ("ko ", " mila")]
    return [
        Instance(request_type="loglikelihood", doc={}, arguments=pair, idx=0, metadata=("invented", index, 1))
        for index, pair in enumerate(pairs)
    ]


def likelihoods(intervention: Intervention, strength: float = 0.0) -> list[tuple[float, bool]]:
    with torch.inference_mode():
        return SteeredModel(LanguageModel.of(tiny_model(), tiny_tokenizer()), intervention, strength).loglikelihood(
            requests()
        )


def by_hand(context: str, continuation: str, intervention: Intervention, strength: float) -> float:
    """Σ ln p of the continuation's tokens, one text at a time, steered from the last token of the context on."""
    model, tokenizer = tiny_model(), tiny_tokenizer()
    before, whole = tokenizer(context)["input_ids"], tokenizer(context + continuation)["input_ids"]
    ids = torch.tensor([whole])
    with torch.inference_mode(), intervention.apply(model, strength, prompt_lengths=torch.tensor([len(before)])):
        log_p = torch.log_softmax(model(input_ids=ids).logits[0, :-1], -1)
    return sum(log_p[place - 1, whole[place]].item() for place in range(len(before), len(whole)))


def test_unsteered_it_is_the_model_that_lm_eval_makes_of_it() -> None:
    theirs = HFLM(pretrained=tiny_model(), tokenizer=tiny_tokenizer()).loglikelihood(requests(), disable_tqdm=True)
    ours = likelihoods(Unsteered())
    assert [value for value, _ in ours] == pytest.approx([value for value, _ in theirs], abs=1e-4)
    assert [greedy for _, greedy in ours] == [greedy for _, greedy in theirs]


@pytest.mark.parametrize("strength", [0.0, 8.0])
def test_a_likelihood_is_that_of_generating_the_answer(strength: float) -> None:
    found = likelihoods(tiny_iti(), strength)
    for place in (0, 4, 8, 11):
        context, continuation = requests()[place].args
        assert found[place][0] == pytest.approx(by_hand(context, continuation, tiny_iti(), strength), abs=1e-4)


def test_strength_0_changes_nothing_and_another_does() -> None:
    assert likelihoods(tiny_iti(), 0.0) == likelihoods(Unsteered())
    assert likelihoods(tiny_iti(), 8.0) != likelihoods(Unsteered())


def test_a_prefix_stands_before_the_context() -> None:
    prefix = "zula pino "
    found = likelihoods(Prompting(prefix))
    for place in (0, 5):
        context, continuation = requests()[place].args
        assert found[place][0] == pytest.approx(by_hand(prefix + context, continuation, Unsteered(), 0.0), abs=1e-4)


def test_a_context_of_white_space_is_the_start_token() -> None:
    lm = LanguageModel.of(tiny_model(), tiny_tokenizer())
    pairs = [("\n", "mila"), ("", "\nmila")]
    blank, empty = likelihoods_of(lm, pairs, Unsteered(), (0.0,))[0]
    assert blank == empty


def test_a_long_question_loses_its_left_end_but_not_its_prefix(caplog: pytest.LogCaptureFixture) -> None:
    prefix, long = "zula ", "mi" * 60
    request = Instance(request_type="loglikelihood", doc={}, arguments=(long, " ko"), idx=0, metadata=("x", 0, 1))
    with torch.inference_mode(), caplog.at_level(logging.WARNING):
        model = SteeredModel(LanguageModel.of(tiny_model(context=64), tiny_tokenizer()), Prompting(prefix), 0.0)
        ((found, _),) = model.loglikelihood([request])
        kept = prefix + long[-(64 - len(prefix) - 2) :]  # one token a byte; the last token of the answer is not read
        assert found == pytest.approx(by_hand(kept, " ko", Unsteered(), 0.0), abs=1e-4)
        assert "1 of 1 questions are longer" in caplog.text
        with pytest.raises(HormesisError, match="no room"):
            SteeredModel(
                LanguageModel.of(tiny_model(context=7), tiny_tokenizer()), Prompting(prefix), 0.0
            ).loglikelihood([request])


def test_a_random_model_is_at_chance(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    tasks = asked(written(tmp_path, arc_easy=arc_rows([4] * 120)), "arc_easy")
    told: list[tuple[int, int]] = []
    table = evaluate_tasks(
        LanguageModel.of(tiny_model(context=128), tiny_tokenizer()),
        tasks,
        tiny_iti(),
        (0.0, 4.0),
        progress=lambda *at: told.append(at),
    )
    assert capfd.readouterr() == ("", "")
    assert told[-1] == (960, 960)
    low, high = binom.interval(0.999, 120, 0.25)
    for strength in (0.0, 4.0):
        rows = table.frame[table.frame["strength"] == strength]
        assert low <= rows["right"].sum() <= high
        assert low <= rows["right_normalised"].sum() <= high


def test_a_model_that_knows_the_answers_has_them_all_right(tmp_path: Path) -> None:
    rows = arc_rows([4] * 20)
    for row in rows:
        choices = row["choices"]
        assert isinstance(choices, dict)
        choices["text"] = ["zzzz" if label == row["answerKey"] else "mi ta" for label in choices["label"]]
    model, tokenizer = tiny_model(context=128, sharpness=1.0), tiny_tokenizer()
    lm = LanguageModel.of(model, tokenizer)
    ids = torch.tensor([tokenizer(f"Question: {'ko' * 12}?\nAnswer: zzzz")["input_ids"]])
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(40):
        optimiser.zero_grad()
        model(input_ids=ids, labels=ids).loss.backward()
        optimiser.step()
    table = evaluate_tasks(lm, asked(written(tmp_path, arc_easy=rows), "arc_easy"), Unsteered(), (0.0,))
    assert table.frame["right"].eq(1).all()
    (accuracy,) = [row for row in answer_measurements([table], ORIGIN) if row.metric == "accuracy"]
    assert accuracy.low is not None and 0.8 < accuracy.low < 1.0 and accuracy.high == 1.0


def test_chance_counts_the_choices_of_each_question(tmp_path: Path) -> None:
    folder = written(
        tmp_path,
        arc_easy=arc_rows([3, 4, 5, 4]),
        blimp=blimp_rows({"islands": ("syntax", 2), "agreement": ("morphology", 3)}),
        winogrande=[{"sentence": "mila _ kono", "option1": "ta", "option2": "su", "answer": "2"}],
    )
    tasks = asked(folder, "arc_easy", "blimp", "winogrande")
    table = evaluate_tasks(LanguageModel.of(tiny_model(), tiny_tokenizer()), tasks, Unsteered(), (0.0,))
    rows = {(row.domain, row.metric): row for row in answer_measurements([table], ORIGIN)}
    assert rows["arc_easy", "chance"].value == pytest.approx((1 / 3 + 1 / 4 + 1 / 5 + 1 / 4) / 4)
    assert {rows[name, "chance"].value for name in ("blimp", "blimp/syntax", "winogrande")} == {0.5}
    assert (rows["blimp", "accuracy"].n, rows["blimp/morphology", "accuracy"].n) == (5, 3)
    assert ("blimp", "accuracy_normalised") not in rows


SCHEMAS: dict[str, list[dict[str, object]]] = {
    "copa": [{"premise": "Mila.", "choice1": "Ta ko.", "choice2": "Su.", "question": "cause", "label": 1}],
    "hellaswag": [
        {"activity_label": "Mi", "ctx_a": "ta", "ctx_b": "ko", "endings": ["su", "la", "no", "pi"], "label": "2"}
    ],
    "mmlu": [
        {"question": "Mila?", "subject": subject, "choices": ["ta", "ko", "su", "la"], "answer": 3}
        for subject in ("anatomy", "anatomy", "virology")
    ],
    "openbookqa": [{"question_stem": "Mila", "choices": {"text": ["ta", "ko"], "label": ["A", "B"]}, "answerKey": "B"}],
    "piqa": [{"goal": "Mila", "sol1": "ta", "sol2": "ko", "label": 0}],
    "sciq": [
        {
            "question": "Mila?",
            "support": "",
            "correct_answer": "su",
            "distractor1": "ta",
            "distractor2": "tata",
            "distractor3": "tatata",
        }
    ],
}


def test_every_kind_of_file_is_asked(tmp_path: Path) -> None:
    tasks = asked(written(tmp_path, **SCHEMAS), *SCHEMAS)
    table = evaluate_tasks(LanguageModel.of(tiny_model(context=256), tiny_tokenizer()), tasks, Unsteered(), (0.0,))
    choices = table.frame.groupby("domain")["choices"].first().to_dict()
    assert choices == {"copa": 2, "hellaswag": 4, "mmlu": 4, "openbookqa": 2, "piqa": 2, "sciq": 4}
    mmlu = table.frame[table.frame["domain"] == "mmlu"].sort_values("item")
    assert mmlu["part"].tolist() == ["anatomy", "anatomy", "virology"]
    assert mmlu["item"].tolist() == [0, 1, 2]


def test_an_answer_that_is_no_choice_and_an_unknown_subject_are_named(tmp_path: Path) -> None:
    lm = LanguageModel.of(tiny_model(), tiny_tokenizer())
    rows = [{"goal": "Mila", "sol1": "ta", "sol2": "ko", "label": -1}]
    with pytest.raises(HormesisError, match="question 0 of piqa has 2 choices, and answer -1"):
        evaluate_tasks(lm, asked(written(tmp_path, piqa=rows), "piqa"), Unsteered(), (0.0,))
    unknown = [{**SCHEMAS["mmlu"][0], "subject": "weaving"}]
    with pytest.raises(HormesisError, match="no task mmlu_weaving"):
        evaluate_tasks(lm, asked(written(tmp_path, mmlu=unknown), "mmlu"), Unsteered(), (0.0,))
