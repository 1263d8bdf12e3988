"""A recipe is one decorated class: it is listed, it is written in a study, and it makes the study's documents."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import pytest
import yaml

from hormesis.corpus import Document, SourceConfig
from hormesis.corpus.recipes import RECIPES, DocumentTransform, Filter, Recipe, recipe, transformed
from hormesis.errors import HormesisError
from hormesis.study.cells.pretrain import PretrainInputs
from hormesis.study.cells.recipe import RecipeInputs
from hormesis.study.config import parse_study
from hormesis.study.engine.executor import run_cell
from hormesis.study.engine.kind import Job
from hormesis.study.engine.store import Store
from hormesis.study.plan import make_plan
from tests.corpus.conftest import documents
from tests.registering import restored
from tests.study.conftest import TINY_STUDY


class Loud(DocumentTransform):
    """Documents in capitals, and a mark after them."""

    recipe: Literal["loud"] = "loud"
    mark: str = "!"
    label, summary, needs, citation = "loud", "documents in capitals", "nothing", "tests"

    def transform(self, document: Document, scores: Sequence[float]) -> Document:  # noqa: ARG002
        return Document(document.text.upper() + self.mark, document.source)


def _text(**fields: object) -> str:
    return yaml.safe_dump(TINY_STUDY | {"recipes": [{"recipe": "loud", "shares": [0.25], **fields}]})


def test_every_recipe_says_what_it_is() -> None:
    assert {"meda", "inst", "tags", "filter", "mask", "early", "late", "control", "count"} <= set(RECIPES)
    for name, kind in RECIPES.items():
        assert issubclass(kind, Recipe) and kind.label and kind.summary and kind.citation
        assert kind.needs != "a labeller" or issubclass(kind, DocumentTransform), name
        assert RECIPES.version(name) is None


def test_a_recipe_of_ones_own_writes_the_documents_of_a_study(tmp_path: Path) -> None:
    with pytest.raises(HormesisError, match="there is no recipe 'loud'.*meda"):
        parse_study(_text(), where="loud")
    with restored(RECIPES):
        recipe(Loud)
        with pytest.raises(HormesisError, match="write `mark` for `marc`"):
            parse_study(_text(marc="?"), where="loud")
        plan = make_plan(parse_study(_text(mark="?"), where="loud"), None)
        (cell,) = plan.of(RecipeInputs)
        assert isinstance(cell.inputs, RecipeInputs) and cell.inputs.transform == Loud(mark="?")
        assert set(cell.needs) == {"corpus"}, "it needs no labeller"
        arms = {each.inputs.arm.recipe for each in plan.of(PretrainInputs) if isinstance(each.inputs, PretrainInputs)}
        assert arms == {"plain", "loud"}
        other = make_plan(parse_study(_text(mark="."), where="loud"), None)
        assert other.of(RecipeInputs)[0].name != cell.name
        store = Store(tmp_path / "results")
        for each in (cell.needs["corpus"], cell):
            run_cell(Job(each, store, None, lambda *_: None))
        plain, loud = (
            (store.cell_folder(each) / "shards" / "toxic" / "manifest.json").read_text(encoding="utf-8")
            for each in (cell.needs["corpus"], cell)
        )
        assert plain != loud


def test_a_recipe_that_asks_for_no_scores_needs_no_labeller() -> None:
    assert [document.text for document in transformed(documents(2), Loud(), None)] == [
        document.text.upper() + "!" for document in documents(2)
    ]
    with pytest.raises(ValueError, match="no labeller"):
        list(transformed(documents(2), Filter(), None))


def test_what_a_recipe_mixes_in() -> None:
    source = SourceConfig(path="other.jsonl")
    control = RECIPES["control"].model_validate({"source": source})
    assert control.replacement == source and control.control
    assert RECIPES["late"].model_validate({}).replacement is None
