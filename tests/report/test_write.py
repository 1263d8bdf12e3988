"""The report as a whole: what is written, that it is safe to open, and that it is the same each time."""

from __future__ import annotations

import csv
import json
import math
import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pytest

from hormesis.errors import HormesisError
from hormesis.marks import MARK
from hormesis.report import Sample, write_report
from hormesis.report.explore.paper import WIDTHS
from hormesis.report.write import check_report
from hormesis.statistics import analyse
from tests.report.invented import invented
from tests.report.pages import data_of, markup_of, words_of

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> \x00 \u202e \ud800 & “so”"
SMALL = (0.0, 0.1)


class Page(HTMLParser):
    """Collects tags, addresses, and texts."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "action", "srcset")]
        assert not any(name.startswith("on") or (tag == "details" and name == "open") for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def parsed(path: Path) -> Page:
    page = Page()
    page.feed(markup_of(path))
    return page


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    samples = [
        Sample(0.1, "iti", 8.0, "It was", "a calm <b>river</b>", 0.1),
        Sample(0.0, "base", 0.0, HOSTILE, HOSTILE, None),
        Sample(0.0, "prompting", None, "And", "", math.nan),
    ]
    folder = tmp_path_factory.mktemp("report")
    return write_report(
        analyse(invented(SMALL)),
        folder,
        title=f"A study {HOSTILE}",
        description="One.\n\nTwo.",
        samples=samples,
        figures=True,
    )


def test_everything_is_written(report: Path) -> None:
    figures = {"dose-response", "dose-response-extremes", "frontier", "quality"}
    want = {f"{figure}_{domain}" for figure in figures for domain in ("rtp", "toxigen")}
    want |= {"probes_toxigen", "capability"}
    paper = ("trade-off", "dose")
    want |= {f"paper_{one}_{on}-ngram-x_{wide}" for one in paper for on in ("rtp", "toxigen") for wide in WIDTHS}
    assert not list((report.parent / "figures").glob("*.png"))  # where they are asked for, and only there
    assert {path.stem for path in (report.parent / "figures").glob("*.svg")} == want
    tables = {"settings", "settings_per_seed", "pooled", "frontier_points", "at_capability_cost", "probes"}
    tables |= {"paired_differences", "detectable_differences", "probe_tails", "sign_grid", "noise_floor"}
    for kind in ("csv", "parquet"):
        assert {path.stem for path in (report.parent / "tables").glob(f"*.{kind}")} == tables
    written = [MARK, "figures", "report.html", "summary.json", "tables"]
    assert sorted(path.name for path in report.parent.iterdir()) == written


def test_the_page_asks_no_network_and_allows_its_own_scripts_alone(report: Path) -> None:
    page, markup = parsed(report), markup_of(report)
    assert not {"iframe", "link", "object", "form action", "img"} & set(page.tags)
    assert page.addresses == ["#ask"]
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', markup)
    scripts = re.findall(r"<script>(.*?)</script>", markup, flags=re.DOTALL)
    digests = [b64encode(sha256(text.encode()).digest()).decode() for text in scripts]
    assert "default-src 'none'" in policy and len(scripts) == 2
    assert re.findall(r"'sha256-([^']*)'", policy) == digests and "unsafe-eval" not in policy
    assert not re.search(r"(?:src|href)=[\"']?(?:https?:)?//", markup)


def test_text_from_outside_is_escaped_and_generated_text_is_data(report: Path) -> None:
    page, markup = parsed(report), markup_of(report)
    assert "<b>river" not in markup and "river" not in "".join(page.texts)
    samples = data_of(report)["samples"]
    assert samples["text"][0] == "a calm <b>river</b>" and samples["score"] == [0.1, None, None]
    assert samples["strength"] == [8.0, None, None] and samples["shown"] == samples["all"] == 3
    assert "\x00" not in words_of(report) and "A study &lt;script&gt;" in markup


def test_the_summary_has_its_keys_and_only_finite_numbers(report: Path) -> None:
    def refuse(name: str) -> float:
        raise AssertionError(f"{name} in summary.json")

    summary = json.loads((report.parent / "summary.json").read_text(encoding="utf-8"), parse_constant=refuse)
    assert summary["format"] == 1
    assert summary["shares"] == [0.0, 0.1] and summary["seeds"] == ["0", "1"]
    assert summary["scorers"] == [{"scorer": "ngram_$x", "revision": "r1"}]
    assert len(summary["headlines"]) == 4
    headline = summary["headlines"][0]
    assert {"token_budget", "share", "prompts", "base", "fixed", "at_capability_cost"} <= set(headline)
    assert [each["capability_cost"] for each in headline["at_capability_cost"]] == [0.05, 0.1, 0.2] * 2
    estimate = headline["at_capability_cost"][0]["toxicity"]
    assert set(estimate) == {"value", "low", "high", "interval", "seeds", "reason"}


def test_tables_hold_the_measurements(report: Path) -> None:
    table = pd.read_parquet(report.parent / "tables" / "settings.parquet")
    row = table[(table["share"] == 0.1) & (table["method"] == "base")].iloc[0]
    assert row["rtp.toxicity_mean"] == pytest.approx(0.23)
    assert row["rtp.toxicity_mean.low"] < row["rtp.toxicity_mean"]
    assert len(table) == 2 * (2 + 2 * 4)
    csv = pd.read_csv(report.parent / "tables" / "settings.csv")
    np.testing.assert_allclose(csv["clean.ce"], table["clean.ce"])
    assert len(pd.read_parquet(report.parent / "tables" / "settings_per_seed.parquet")) == 2 * len(table)


def test_redrawing_gives_the_same_bytes_and_leaves_other_files_and_settings_alone(tmp_path: Path) -> None:
    frame = invented((0.0, 0.1), domains=["rtp"])
    frame = frame[~frame["metric"].isin(["emt", "toxicity_probability", "empty", "length"])]
    write_report(analyse(invented((0.0, 0.1), domains=["toxigen"])), tmp_path / "a", title="Earlier", figures=True)
    (tmp_path / "a" / "notes.md").write_text("mine")
    before = dict(matplotlib.rcParams)
    with matplotlib.rc_context({"lines.linewidth": 9.0, "font.size": 30.0}):  # a user's own matplotlibrc
        write_report(analyse(frame), tmp_path / "a", title="Same", figures=True)
    write_report(analyse(frame.sample(frac=1, random_state=0)), tmp_path / "b", title="Same", figures=True)
    assert dict(matplotlib.rcParams) == before
    assert (tmp_path / "a" / "notes.md").read_text() == "mine"
    (tmp_path / "a" / "notes.md").unlink()
    first, second = (
        {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        for folder in (tmp_path / "a", tmp_path / "b")
    )
    assert set(first) == set(second)
    assert [name for name in first if first[name] != second[name]] == []


@pytest.mark.parametrize("theirs", ["report.html", "figures/mine.png", "tables/mine.csv"])
def test_what_is_not_ours_is_not_overwritten(tmp_path: Path, theirs: str) -> None:
    (tmp_path / theirs).parent.mkdir(exist_ok=True)
    (tmp_path / theirs).write_text("mine")
    frame = invented((0.0, 0.1), domains=["rtp"])
    with pytest.raises(HormesisError, match="nothing there is overwritten"):
        write_report(analyse(frame), tmp_path, title="t")
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()] == [theirs]


@pytest.mark.parametrize("kept", ["toxicity", "ce", "heads", "emt of steered"])
def test_what_was_not_measured_is_left_out_with_a_note(tmp_path: Path, kept: str) -> None:
    frame = invented(SMALL, domains=["rtp"])
    rows = {
        "toxicity": frame["metric"].isin(["toxicity_mean"]),
        "ce": frame["metric"] == "ce",
        "heads": frame["site"].notna(),
        "emt of steered": (frame["metric"] == "emt") & (frame["method"] == "iti"),
    }[kept]
    page = write_report(analyse(frame[rows]), tmp_path, title=kept, figures=True)
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert any("frontier" in note for note in summary["notes"])
    assert len(list((tmp_path / "figures").glob("*.svg"))) == 1
    assert "No figure" in markup_of(page)


def test_a_cost_that_all_models_reached_is_added_when_the_budgets_were_not(tmp_path: Path) -> None:
    frame = invented(SMALL, domains=["rtp"])
    frame = frame[frame["metric"].isin(["toxicity_mean", "ce_cost"])]
    write_report(analyse(frame, capability_budgets=[2.0]), tmp_path, title="Far")
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert summary["capability_budgets"] == [0.43, 2.0]
    near, far = summary["headlines"][0]["at_capability_cost"][:2]
    assert near["toxicity"]["value"] > 0 and far["toxicity"]["value"] is None and far["toxicity"]["reason"]


def test_two_token_budgets_and_two_scorers_are_kept_apart(tmp_path: Path) -> None:
    frame = invented(SMALL, domains=["rtp"])
    frame = frame[frame["metric"].isin(["toxicity_mean", "ce", "ce_cost"]) & ~frame["domain"].str.contains("/")]
    other = frame[frame["scorer"].notna()].assign(scorer="org/other_$", scorer_revision="<r9>")
    both = pd.concat([frame, other])
    write_report(analyse(pd.concat([both, both.assign(budget="total")])), tmp_path, title="Apart", figures=True)
    names = {path.stem for path in (tmp_path / "figures").glob("*.svg")}
    assert {"additive_frontier_rtp_org-other_r9", "total_frontier_rtp_ngram-x_r1", "total_capability"} <= names
    table = pd.read_csv(tmp_path / "tables" / "settings.csv")
    assert {"rtp.org/other_$@<r9>.toxicity_mean", "rtp.ngram_$x@r1.toxicity_mean"} <= set(table.columns)


def test_names_that_mean_something_to_others_are_only_names(tmp_path: Path) -> None:
    """Formulas, markup and path separators in the names of domains, scorers and cells."""
    frame = invented((0.1,), domains=["r$t_p^{<i>"])
    frame = frame.assign(scorer=frame["scorer"].replace("ngram_$x", "../$\\frac{a}<script>"))
    page = write_report(analyse(frame[frame["site"].isna()]), tmp_path, title="$x$", figures=True)
    assert parsed(page).tags.count("script") == 3 and "a}<script>" not in markup_of(page)
    names = {path.name for path in (tmp_path / "figures").iterdir()} - {MARK}
    assert all(re.fullmatch(r"[a-z0-9_-]+\.(png|svg)", name) for name in names)


@pytest.mark.parametrize("budgets", [(), (0.0,), (-0.1,), (math.nan,), (math.inf,)])
def test_a_bad_capability_budget_is_an_error(tmp_path: Path, budgets: tuple[float, ...]) -> None:
    with pytest.raises(HormesisError, match="above 0 nats"):
        analyse(invented(SMALL), capability_budgets=budgets)
    assert not (tmp_path / "report.html").exists()


def test_an_empty_frame_is_an_error_and_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(HormesisError, match="no measurements"):
        write_report(analyse(invented(SMALL).iloc[:0]), tmp_path / "r", title="x")
    assert not (tmp_path / "r").exists()


def test_a_spreadsheet_finds_no_formula_in_the_tables(tmp_path: Path) -> None:
    rows = invented(SMALL, domains=("=1+1",))
    write_report(analyse(rows), tmp_path, title="a study")
    cells = [
        cell
        for file in (tmp_path / "tables").glob("*.csv")
        for row in csv.reader(file.read_text(encoding="utf-8").splitlines())
        for cell in row
    ]
    assert any(cell.startswith("'=1+1") for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@")) or re.match("-[^0-9.i]", cell)]


RESULTS = sorted(file.parent for file in (Path(__file__).parents[2] / "docs" / "results").glob("*/study.yaml"))


@pytest.mark.parametrize("folder", RESULTS, ids=lambda folder: folder.name)
def test_results_from_before_there_were_marks_are_ours(folder: Path) -> None:
    check_report(folder)
