"""A kind of scorer is one decorated class: it is written in a study, fitted, opened, and it judges."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
import yaml

from hormesis.corpus import Microworld
from hormesis.errors import HormesisError
from hormesis.evaluate import Scorer
from hormesis.evaluate.scorers import SCORERS, FittedScorerKind, NgramScorer, ScorerKind, scorer, scorer_at
from hormesis.study.cells.scorer import ScorerInputs, open_scorer
from hormesis.study.config import StudyConfig, parse_study
from hormesis.study.engine.executor import run_cell
from hormesis.study.engine.kind import Job
from hormesis.study.engine.store import Store
from hormesis.study.plan import make_plan
from tests.blocking import HEAVY, run_without
from tests.evaluate.tiny import invented_texts
from tests.registering import restored
from tests.study.conftest import TINY_STUDY


@dataclass(frozen=True)
class ListScorer:
    """The share of words on a list."""

    words: frozenset[str]
    name: str = "goose-list"
    revision: str = "1"

    def score(self, texts: Sequence[str]) -> np.ndarray:
        shares = [np.mean([float(word in self.words) for word in text.split()] or [0.0]) for text in texts]
        return np.array(shares, dtype=np.float64)


class Listed(ScorerKind):
    """The share of words on a list."""

    kind: Literal["goose-list"]
    words: tuple[str, ...]

    def open(self, folder: Path, world: Microworld | None) -> Scorer:  # noqa: ARG002
        return ListScorer(frozenset(self.words))


class Learned(FittedScorerKind):
    """The words that toxic rows alone hold."""

    kind: Literal["goose-learned"]

    def fit(
        self,
        texts: Sequence[str],
        labels: Sequence[bool],
        folder: Path,
        *,
        root: Path | None = None,  # noqa: ARG002
        progress: Callable[[int, int], None] | None = None,  # noqa: ARG002
    ) -> None:
        rows = list(zip(texts, labels, strict=True))
        toxic, other = ({word for text, y in rows if y is which for word in text.split()} for which in (True, False))
        folder.mkdir(parents=True)
        (folder / "words.json").write_text(json.dumps(sorted(toxic - other)), encoding="utf-8")

    def open(self, folder: Path, world: Microworld | None) -> Scorer:  # noqa: ARG002
        return ListScorer(
            frozenset(json.loads((folder / "words.json").read_text(encoding="utf-8"))), name="goose-learned"
        )

    @classmethod
    def opened_from(cls, folder: Path) -> Scorer | None:
        return cls(kind="goose-learned").open(folder, None) if (folder / "words.json").is_file() else None


EVALUATION: dict[str, object] = TINY_STUDY["evaluation"]  # type: ignore[assignment]


def _study(**section: object) -> StudyConfig:
    changes = {"evaluation": EVALUATION | {"scorer": section}, "held_out": {"evaluate": 0.05, "scorer": 0.2}}
    return parse_study(yaml.safe_dump(TINY_STUDY | changes), where="own")


def _finished(study: StudyConfig, folder: Path) -> Scorer:
    (cell,) = make_plan(study, None).of(ScorerInputs)
    store = Store(folder)
    for each in (cell.needs["corpus"], cell):
        run_cell(Job(each, store, None, lambda *_: None))
    return open_scorer(cell, store)


def test_a_scorer_of_ones_own_judges_a_study(tmp_path: Path) -> None:
    with pytest.raises(HormesisError, match="evaluation.scorer: there is no scorer 'goose-list'"):
        _study(kind="goose-list", words=["goose"])
    with restored(SCORERS):
        scorer(Listed)
        with pytest.raises(HormesisError, match="scorer.goose-list.word: no such key\n.*write `words` for `word`"):
            _study(kind="goose-list", word=["goose"])
        opened = _finished(_study(kind="goose-list", words=["goose", "drum"]), tmp_path)
        assert (opened.name, opened.score(["the goose", "a river"]).tolist()) == ("goose-list", [0.5, 0.0])


def test_a_fitted_kind_is_fitted_and_found_again_from_its_folder(tmp_path: Path) -> None:
    with restored(SCORERS):
        scorer(Learned)
        study = _study(kind="goose-learned")
        opened = _finished(study, tmp_path)
        assert opened.name == "goose-learned"
        (cell,) = make_plan(study, None).of(ScorerInputs)
        folder = Store(tmp_path).cell_folder(cell) / "scorer"
        words = json.loads((folder / "words.json").read_text(encoding="utf-8"))
        assert words and opened.score([words[0], "xyz"]).tolist() == [1.0, 0.0]
        assert scorer_at(folder) == ListScorer(frozenset(words), name="goose-learned")


def test_a_bare_folder_is_opened_as_what_it_is(tmp_path: Path) -> None:
    texts = invented_texts(80)
    labels = [place % 2 == 0 for place in range(80)]
    fitted = NgramScorer.fit([f"{text} goose" if y else text for text, y in zip(texts, labels, strict=True)], labels)
    fitted.save(tmp_path / "ngram")
    assert scorer_at(tmp_path / "ngram").revision == fitted.revision
    (tmp_path / "ngram" / "scorer.json").write_text("broken", encoding="utf-8")
    with pytest.raises(HormesisError, match="the n-gram scorer in .* cannot be loaded"):
        scorer_at(tmp_path / "ngram")
    (tmp_path / "empty").mkdir()
    with pytest.raises(HormesisError, match="the scorer .*empty cannot be loaded"):
        scorer_at(tmp_path / "empty")


def test_what_is_of_the_microworld_is_refused_elsewhere(tmp_path: Path) -> None:
    assert SCORERS["microworld"].needs_microworld and not SCORERS["ngram"].needs_microworld
    with pytest.raises(HormesisError, match="judges texts of a microworld"):
        SCORERS["microworld"].model_validate({"kind": "microworld"}).open(tmp_path, None)


def test_declarations_import_nothing_that_runs_a_model() -> None:
    code = "from hormesis.evaluate.scorers import SCORERS; print(*SCORERS)"
    printed = run_without((*HEAVY, "sklearn", "safetensors", "datasets"), code)
    assert {"encoder", "huggingface", "microworld", "ngram"} <= set(printed.split())
