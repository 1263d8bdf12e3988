"""The page in a real browser: what it shows first, that it answers what it is asked, and that everyone can use it."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from hormesis.report import Facts, Lens, SampleOfSeed, TrainingCurve, write_report
from hormesis.statistics import Analysis, analyse
from tests.report.invented import invented
from tests.report.pages import data_of

pytest.importorskip("playwright", reason="pip install 'hormesis[dev]'")
from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: apt-get install chromium"),
]
FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
SIZES = {"desk": (1280, 800), "phone": (390, 844)}
HOSTILE = [
    "<script>window.__hit = 1</script>",
    '<img src=x onerror="window.__hit = 2">',
    "</script><script>window.__hit = 3</script>",
    "\"></details><svg onload='window.__hit = 4'>",
    "{{ 7 * 7 }} ${window.__hit = 5} javascript:alert(1)",
    "<!-- ]]> --> \u202e <style>*{display:none}</style>",
]
CALM = "a calm river that nobody has asked for"


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    rows = invented(seeds=(0, 1, 2), domains=["rtp", "toxigen"])
    other = rows[rows["scorer"].notna()].assign(scorer=HOSTILE[1], scorer_revision="r9")
    return analyse(pd.concat([rows, other]))


@pytest.fixture(scope="module")
def page_file(analysis: Analysis, tmp_path_factory: pytest.TempPathFactory) -> Path:
    texts = [*HOSTILE, CALM, ""]
    samples = [
        SampleOfSeed(share, method, strength, f"Prompt {place}", f"{text} {method}" if text else "", 0.1 * place, "0")
        for share in (0.0, 0.1)
        for method, strength in (("base", 0.0), ("iti", 8.0))
        for place, text in enumerate(texts)
    ]
    curves = [TrainingCurve(share, "0", "plain", (1, 2, 3), (6.0, 5.0, 4.5 - share)) for share in (0.0, 0.1)]
    return write_report(
        analysis,
        tmp_path_factory.mktemp("page"),
        title=f"A study {HOSTILE[0]}",
        description=HOSTILE[3],
        samples=samples,
        lenses=[Lens("layer 3", ("<b>x</b>",), ("y",))],
        training=curves,
        facts=Facts(1_000_000, ("hormesis study run RESULTS/study.yaml",)),
    )


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


class Opened:
    """The page, and what went wrong in it."""

    def __init__(
        self, browser: Browser, file: Path, size: str = "desk", scheme: str = "light", state: str = ""
    ) -> None:
        width, height = SIZES[size]
        self.height = height
        self.context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark" if scheme == "dark" else "light"
        )
        self.page: Page = self.context.new_page()
        self.wrong: list[str] = []
        self.page.on("console", lambda said: self.wrong.append(f"{said.type}: {said.text}"))
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("dialog", lambda dialog: self.wrong.append(f"dialog {dialog.message}"))
        self.page.on("request", lambda asked: self.wrong.append(asked.url[:80]) if _is_elsewhere(asked.url) else None)
        self.page.goto(file.as_uri() + state)
        self.page.wait_for_selector("html[data-ready]", timeout=60_000)

    def close(self) -> None:
        assert self.page.evaluate("window.__hit") is None
        self.context.close()
        assert self.wrong == []


def _is_elsewhere(url: str) -> bool:
    return not url.startswith(("file:", "data:", "blob:"))


@pytest.fixture
def opened(browser: Browser, page_file: Path) -> Iterator[Opened]:
    found = Opened(browser, page_file)
    yield found
    found.close()


def _shown_rows(page: Page, figure: str) -> list[list[str]]:
    """The table of a figure, without its head."""
    page.locator(f'[data-figure="{figure}"] details').evaluate("details => { details.open = true }")
    rows = page.locator(f'[data-figure="{figure}"] tbody tr')
    rows.first.wait_for()
    return [row.locator("th, td").all_text_contents() for row in rows.all()]


def _set(page: Page, at: int) -> None:
    page.locator("#at").evaluate("(slider, at) => { slider.value = at; slider.dispatchEvent(new Event('input')) }", at)
    page.wait_for_timeout(300)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_the_first_screen_has_the_answer(browser: Browser, page_file: Path, size: str, scheme: str) -> None:
    opened = Opened(browser, page_file, size, scheme)
    page = opened.page
    for part in ("h1", "#verdict", '[data-figure="tradeoff"] svg', "#at", ".numbers", ".trust"):
        box = page.locator(part).first.bounding_box()
        assert box is not None and box["y"] + box["height"] <= opened.height, part
    assert 3 <= page.locator(".trust li").count() <= 5 and page.locator(".numbers dd").count() == 3
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0]
    for tab in page.locator("[role=tab]").all():
        tab.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0], tab.text_content()
    opened.close()


def test_the_slider_says_what_python_says(opened: Opened, page_file: Path, analysis: Analysis) -> None:
    page, data = opened.page, data_of(page_file)
    start = data["start"]
    name = "|".join(start[part] for part in ("budget", "domain", "scorer", "cost", "method"))
    answer = data["answers"][name]
    for headline_cost in analysis.costs:
        step = answer["costs"].index(headline_cost)
        _set(page, step)
        said = page.locator("#verdict").text_content() or ""
        assert (said + " " + (page.locator("#why").text_content() or "")).strip() == answer["words"][step]
        assert f"≤ {headline_cost:g}" in (page.locator("#at-said").text_content() or "")
        rows = _shown_rows(page, "dose")
        for headline in analysis.headlines:
            if (headline.prompts.domain, headline.prompts.scored_by) != (start["domain"], start["scorer"]):
                continue
            (at,) = (x for x in headline.at_cost if (x.method, x.capability_cost) == (start["method"], headline_cost))
            (row,) = (row for row in rows if row[0] == f"{100 * headline.share:.4g} %")
            if at.toxicity.value is None or at.toxicity.low is None:
                assert row[1] == "–"
                continue
            low = math.nan if row[2] == "–" else float(row[2])
            assert [float(row[1]), low] == pytest.approx([at.toxicity.value, at.toxicity.low], abs=6e-4)
            assert row[4] == "3.000" or row[4] == "3"


def test_every_question_changes_what_is_shown(opened: Opened) -> None:
    page = opened.page
    for name in ("domain", "scorer", "cost"):
        before = page.locator('[data-figure="tradeoff"] .plot').get_attribute("aria-label")
        values = page.locator(f"#{name} option").evaluate_all("all => all.map(each => each.value)")
        here = page.locator(f"#{name}").input_value()
        page.locator(f"#{name}").select_option(next(value for value in values if value != here))
        page.wait_for_timeout(400)
        assert page.locator('[data-figure="tradeoff"] .plot').get_attribute("aria-label") != before or name == "scorer"
    assert page.locator('[data-figure="tradeoff"] svg').count() == 1


def test_an_address_brings_back_what_was_asked(browser: Browser, page_file: Path, opened: Opened) -> None:
    _set(opened.page, 3)
    opened.page.click("#tab-heads")
    opened.page.wait_for_timeout(300)
    state = opened.page.evaluate("location.hash")
    said = opened.page.locator("#verdict").text_content()
    again = Opened(browser, page_file, state=state)
    assert again.page.locator("#verdict").text_content() == said
    assert again.page.locator("#heads").is_visible() and not again.page.locator("#shares").is_visible()
    again.close()
    Opened(browser, page_file, state="#at=NaN&method=<img>&tab=nowhere&share=-4").close()


def test_texts_are_hidden_until_asked_for_and_never_markup(opened: Opened) -> None:
    page = opened.page
    assert CALM not in page.content()
    page.click("#tab-samples")
    assert CALM not in page.content()
    page.click("#reveal")
    assert CALM not in page.content(), "each is folded, besides"
    page.fill("#find", "calm river")
    page.select_option("#of-arm", "iti")
    first = page.locator("#texts details").first
    assert page.locator("#texts details").count() == 2
    first.locator("summary").click()
    assert first.locator("h4").all_text_contents()[1].startswith("without intervention")
    assert first.locator("bdi").all_text_contents()[1:] == [f"{CALM} base", f"{CALM} iti"]
    page.fill("#find", "")
    page.select_option("#sort", "high")
    for details in page.locator("#texts details").all():
        details.locator("summary").click()
    assert page.locator("#texts img, #texts script, #texts style, #texts svg").count() == 0
    scores = [text.rsplit(" ", 1)[1] for text in page.locator("#texts summary").all_text_contents()]
    assert scores == sorted(scores, reverse=True)
    page.emulate_media(media="print")
    assert not page.locator("#samples").is_visible(), "what is hidden stays hidden on paper"


def test_a_click_on_a_dot_asks_for_its_texts(opened: Opened) -> None:
    page = opened.page
    page.wait_for_timeout(300)
    dots = page.locator('[data-figure="tradeoff"] svg path[aria-label], [data-figure="tradeoff"] svg .mark-symbol path')
    for place in range(dots.count() - 1, -1, -1):
        dots.nth(place).dispatch_event("click")
        if page.locator("#samples").is_visible():
            break
    assert page.locator("#samples").is_visible() and CALM not in page.content()


def test_it_is_used_by_keyboard_alone(opened: Opened) -> None:
    page = opened.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    seen = []
    for _ in range(40):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.id || document.activeElement.tagName"))
        if seen[-1] == "at":
            before = page.locator("#at-said").text_content()
            page.keyboard.press("ArrowRight")
            page.wait_for_timeout(300)
            assert page.locator("#at-said").text_content() != before
        if seen[-1].startswith("tab-"):
            break
    assert {"at", "method", "domain", "scorer", "cost"} <= set(seen)
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.getAttribute('aria-selected')") == "true"
    page.keyboard.press("End")
    assert page.locator("#provenance").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(browser: Browser, page_file: Path, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="pip install 'hormesis[dev]'").Axe()
    opened = Opened(browser, page_file, scheme=scheme)
    for tab in opened.page.locator("[role=tab]").all():
        tab.click()
        opened.page.wait_for_timeout(200)
        serious = [
            (each["id"], [node["html"][:120] for node in each["nodes"]])
            for each in axe.run(opened.page).response["violations"]
            if each["impact"] in ("serious", "critical")
        ]
        assert serious == [], tab.text_content()
    opened.close()


def test_every_figure_has_words_numbers_and_files(opened: Opened) -> None:
    page = opened.page
    for tab, figure in (("shares", "tradeoff"), ("shares", "dose"), ("heads", "heads"), ("training", "training")):
        page.click(f"#tab-{tab}")
        page.locator(f'[data-figure="{figure}"] svg').wait_for()
        assert len(page.locator(f'[data-figure="{figure}"] .plot').get_attribute("aria-label") or "") > 40
        assert _shown_rows(page, figure)
        for kind, start in (("svg", b"<svg"), ("png", b"\x89PNG"), ("csv", b'"')):
            with page.expect_download() as saved:
                page.click(f'[data-figure="{figure}"] [data-save="{kind}"]')
            assert saved.value.suggested_filename == f"{figure}.{kind}"
            assert Path(saved.value.path()).read_bytes().startswith(start)


def test_two_settings_stand_side_by_side(opened: Opened) -> None:
    page = opened.page
    page.click("#tab-compare")
    page.select_option("#two", "5")
    rows = [row.locator("th, td").all_text_contents() for row in page.locator("#pair tbody tr").all()]
    numbers = [[float(cell.partition(" ")[0][:5]) for cell in row[2:4]] for row in rows if "–" not in row[2:4]]
    assert len(numbers) > 5
    assert json.loads(page.evaluate("JSON.stringify(document.querySelector('#two').selectedIndex)")) == 5


def test_paper_gets_a_pdf(opened: Opened) -> None:
    pdf: Any = opened.page.pdf()
    assert pdf.startswith(b"%PDF") and len(pdf) > 20_000
