"""The data behind the page: that its numbers and verdicts are those of the statistics, and that it stays small."""

from __future__ import annotations

import math
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hormesis.files import Json
from hormesis.report import Sample, TrainingCurve, write_report
from hormesis.report.explore import samples as sampled
from hormesis.report.explore.answers import key
from hormesis.report.explore.library import library
from hormesis.report.explore.paper import paper_figures
from hormesis.report.explore.specs import DARK, LIGHT, SHAPES, specs, themed
from hormesis.report.explore.views import training_of
from hormesis.statistics import Analysis, analyse, recommend
from hormesis.statistics.answers import Answer, answers
from hormesis.statistics.frontier import Frontier
from tests.report.invented import invented
from tests.report.pages import data_of


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    return analyse(invented(seeds=(0, 1, 2), domains=["rtp"]))


@pytest.fixture(scope="module")
def found(analysis: Analysis) -> list[Answer]:
    return list(answers(analysis.measurements, analysis.costs))


@pytest.fixture(scope="module")
def data(analysis: Analysis, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return data_of(write_report(analysis, tmp_path_factory.mktemp("page"), title="Asked"))


def test_a_frontier_on_a_grid_is_the_frontier_at_each_place() -> None:
    random = np.random.default_rng(0)
    for _ in range(50):
        curves = [Frontier.through(random.normal(size=5), random.normal(size=5), np.arange(5.0)) for _ in range(2)]
        frontier = Frontier.union(curves)
        grid = np.sort(random.normal(size=20))
        assert np.array_equal(
            frontier.on(grid), [[at.cost, at.toxicity, at.strength] for at in map(frontier.at, grid)], equal_nan=True
        )
        lines = [np.interp(np.linspace(0, 4, 40_001), range(5), curve) for curve in _corners(curves)]
        for budget, (_, toxicity, _) in zip(grid, frontier.on(grid), strict=True):
            fine = min(
                (t[c <= budget].min() for c, t in zip(lines[::2], lines[1::2], strict=True) if (c <= budget).any()),
                default=math.nan,
            )
            assert toxicity == pytest.approx(fine, abs=2e-3, nan_ok=True) or not np.isfinite(toxicity)


def _corners(curves: list[Frontier]) -> list[Any]:
    """Costs and toxicities of each curve's points."""
    return [[*curve.segments[:, 0, place], curve.segments[-1, 1, place]] for curve in curves for place in (0, 1)]


def test_answers_are_the_headlines(analysis: Analysis, found: list[Answer]) -> None:
    compared = 0
    for answer in found:
        if answer.definition != analysis.measurements.of_budget(answer.budget).cost:
            continue
        for headline in analysis.headlines:
            for at in headline.at_cost:
                if at.method == answer.method:
                    step = int(np.flatnonzero(answer.costs == at.capability_cost)[0])
                    place = answer.shares.index(headline.share)
                    value, half = answer.means[step, place], answer.halves[step, place]
                    assert value == pytest.approx(
                        math.nan if at.toxicity.value is None else at.toxicity.value, nan_ok=True
                    )
                    if at.toxicity.low is not None:
                        assert value - half == pytest.approx(at.toxicity.low)
                        compared += 1
    assert compared > 20


def test_choices_are_what_recommend_says(analysis: Analysis, found: list[Answer]) -> None:
    answer = next(each for each in found if each.method == "iti")
    view = analysis.measurements.of_budget(answer.budget)
    for step in range(0, len(answer.costs), 7):
        choice, cost = answer.choices[step], float(answer.costs[step])
        if choice is None or cost == 0:
            continue
        said = recommend(view, answer.prompts, "iti", cost, definition=answer.definition)
        assert (said.share, said.undecided, said.decided) == (choice.share, choice.undecided, choice.decided)
        assert said.candidates == tuple(choice.panel.shares[choice.candidates])
        assert said.detectable == choice.detectable


def test_the_page_has_every_answer_in_five_digits(data: Any, found: list[Answer]) -> None:
    assert len(data["answers"]) == len(found)
    for answer in found:
        of = (answer.budget, answer.prompts.domain, answer.prompts.scored_by, answer.definition.label, answer.method)
        packed = data["answers"][key(*of)]
        assert packed["costs"] == pytest.approx(answer.costs.tolist())
        for name, values in (("mean", answer.means), ("half", answer.halves), ("seeds", answer.toxicity)):
            there = np.array(packed[name], dtype=np.float64)
            assert np.allclose(there, values, rtol=1e-4, atol=1e-9, equal_nan=True)
        assert ("words" in packed) == (answer.method == "iti"), "a control is compared, and not recommended"


def test_a_verdict_has_at_most_two_sentences(data: Any) -> None:
    said = {text for answer in data["answers"].values() for text in answer.get("words", ())}
    assert len(said) > 10
    for text in said:
        assert text.count(". ") <= 1 and text.startswith(
            ("Use a share of", "The data do not decide", "The data cannot")
        )


def test_a_page_opens_with_what_recommend_would_say(data: Any, analysis: Analysis) -> None:
    said = analysis.judgements[0].recommendation
    assert said is not None
    start = data["start"]
    answer = data["answers"][key(*(start[name] for name in ("budget", "domain", "scorer", "cost", "method")))]
    assert answer["costs"][start["step"]] == said.cost and start["method"] == said.method
    assert data["shares"][answer["least"][start["step"]]] == f"{100 * said.share:.4g} %"


def test_fifty_cells_of_five_hundred_texts_are_below_three_megabytes(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    syllables = ["".join(random.choice(list("abcdefghijklmnopqrstuvwxyz"), 3)) for _ in range(800)]
    texts = [
        Sample(0.05 * (cell % 5), "iti" if cell % 2 else "base", 8.0 if cell % 2 else 0.0, f"prompt {number // 5}",
               " ".join(random.choice(syllables, 18)), float(random.random()))
        for cell in range(50)
        for number in range(500)
    ]  # fmt: skip
    page = write_report(analyse(invented(domains=["rtp"])), tmp_path, title="Large", samples=texts)
    assert page.stat().st_size <= 3_000_000
    assert data_of(page)["samples"]["all"] == 25_000


def test_too_many_texts_are_thinned_by_whole_prompts(monkeypatch: pytest.MonkeyPatch, analysis: Analysis) -> None:
    monkeypatch.setattr(sampled, "MOST_LETTERS", 100)
    texts = [Sample(0.1, method, 1.0, f"p{n}", "a" * 20, 0.5) for n in range(20) for method in ("base", "iti")]
    kept: Any = sampled.samples_of(texts, analysis.measurements.arms)
    assert kept["all"] == 40 and 0 < kept["shown"] < 10
    assert kept["method"].count("base") == kept["method"].count("iti")


def test_a_long_training_is_thinned_and_keeps_its_ends() -> None:
    rows = training_of([TrainingCurve(0.1, "0", "plain", tuple(range(1, 1001)), (2.0,) * 1000)])
    assert len(rows) == 200 and rows[0]["step"] == 1 and rows[-1]["step"] == 1000


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("count", [1, 2, 6, 8])
def test_shares_are_told_apart_in_grey_and_from_the_ground(theme: Any, count: int) -> None:
    light = [_luminance(each) for each in theme.shares(count)]
    assert light == sorted(light) and len(set(SHAPES[:count])) == count
    assert all(b - a > 0.004 for a, b in zip(light[:-1], light[1:], strict=True))
    for each in light:
        assert _contrast(each, _luminance(theme.page)) >= 3, "WCAG 1.4.11"
    assert _contrast(_luminance(theme.soft), _luminance(theme.page)) >= 4.5


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def test_the_library_and_the_figures_are_those_of_vl_convert() -> None:
    vl_convert = pytest.importorskip("vl_convert", reason="pip install 'hormesis[dev]'")
    from tests.report.vega_library import made

    assert made() == library(), "python -m tests.report.vega_library"
    for name, spec in specs(["0 %", "5 %"]).items():
        frame: dict[str, Json] = {"@span": [0, 1], "@range": [0, 1], "@across": [0, 1], "@costtitle": "cost"}
        whole = themed(spec, LIGHT, 2, frame)
        whole["datasets"] = {layer["data"]["name"]: [] for layer in whole["layer"]}
        assert vl_convert.vegalite_to_vega(whole | {"width": 300, "height": 200})["marks"], name


def test_the_pages_own_script_stays_short() -> None:
    script = resources.files("hormesis.report").joinpath("templates", "explore.js").read_text(encoding="utf-8")
    assert script.count("\n") < 400
    assert not any(word in script for word in ("innerHTML", "insertAdjacentHTML", "eval(", "document.write", "fetch("))


def test_paper_gets_the_pages_figures_at_two_widths(analysis: Analysis) -> None:
    pytest.importorskip("vl_convert", reason="pip install 'hormesis[figures]'")
    found = dict(paper_figures(analysis))
    assert set(found) == {
        f"paper_{figure}_rtp-ngram-x_{width}.svg" for figure in ("trade-off", "dose") for width in ("column", "page")
    }
    for name, svg in found.items():
        text = svg.decode()
        assert f'width="{244 if "column" in name else 508}"' in text
        assert text.count("<path") > 20 and (">10 %<" in text or "dose" in name)
