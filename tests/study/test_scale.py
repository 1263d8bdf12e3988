"""What the paper's study takes on GPUs that are not here."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from hormesis.cli import app
from hormesis.errors import HormesisError
from hormesis.study.engine.executor import required
from hormesis.study.opened import OpenStudy
from hormesis.study.scale import GPUS, OnGpus, on_gpus

_PAPER = Path(__file__).parents[2] / "studies" / "paper.yaml"
_BY_HAND = 1735.0
"""H100-hours of its twelve trainings at 44,000 tokens/s; the paper's own pace was 2,304."""


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> OpenStudy:
    return OpenStudy(str(_PAPER), None, tmp_path_factory.mktemp("paper") / "results")


def _on(paper: OpenStudy, gpu: str, **more: float) -> OnGpus:
    cells = required(paper.plan.cells, paper.plan.measured, paper.store)
    return on_gpus(paper.plan, cells, gpu, gpus=int(more.pop("gpus", 1)), **more)


def test_the_papers_trainings_take_what_the_published_pace_says(paper: OpenStudy) -> None:
    found = _on(paper, "h100", price=2.5)
    assert found.tokens_per_second == pytest.approx(44_000, rel=0.02)
    assert found.hours["pretrain"] == pytest.approx(_BY_HAND, rel=0.05)
    assert found.is_published and found.cost == pytest.approx(2.5 * found.total)
    assert 12 * 1.48e9 * 4 < found.disk_bytes[0] < 400e9, "twelve models and the corpus"


def test_more_gpus_help_until_the_longest_chain_of_cells(paper: OpenStudy) -> None:
    alone, twelve, many = (_on(paper, "h100", gpus=count) for count in (1, 12, 1000))
    assert alone.total == twelve.total == many.total
    assert alone.elapsed == pytest.approx(alone.total)
    assert many.elapsed == pytest.approx(max(25.125e9 / 44_000 / 3600, 0), rel=0.05), "one model on one GPU"
    assert many.elapsed <= twelve.elapsed < alone.elapsed / 10


def test_other_gpus_are_guesses_and_unknown_ones_are_refused(paper: OpenStudy) -> None:
    found = _on(paper, "a100")
    assert not found.is_published
    assert found.hours["pretrain"] / _on(paper, "h100").hours["pretrain"] == pytest.approx(
        GPUS["h100"].peak / GPUS["a100"].peak, rel=0.01
    )
    with pytest.raises(HormesisError, match="choose one of a100"):
        _on(paper, "abacus")


def test_the_plan_says_it(tmp_path: Path) -> None:
    arguments = ["--results", str(tmp_path), "--gpu", "h100", "--gpus", "12", "--price", "2"]
    done = CliRunner().invoke(app, ["study", "plan", str(_PAPER), *arguments])
    assert done.exit_code == 0, done.output
    for words in ("on 12 × h100", "GPU-hours", "published", "days", "GB beside it in training", "at 2 a GPU-hour"):
        assert words in done.output
