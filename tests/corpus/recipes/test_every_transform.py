"""What holds of every recipe for documents, and the words of each."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from pydantic import ValidationError

import hormesis.corpus
from hormesis.corpus import Document
from hormesis.corpus.recipes import (
    DocumentTransform,
    Filter,
    Inst,
    Mask,
    Meda,
    Tags,
)
from tests.corpus.recipes.labelled import one, scores, texts

EVERY: list[DocumentTransform] = [Meda(), Inst(), Tags(), Filter(), Mask(), Mask(unit="sentence")]
CONDITIONING: list[DocumentTransform] = [Meda(), Meda(decimals=3), Inst(), Tags(), Tags(good="<fine>\n")]


@given(texts, scores)
def test_what_was_written_is_kept_as_it_is(text: str, score: float) -> None:
    for transform in EVERY:
        result = one(transform, text, score)
        assert result is None or (result.text.endswith(text) and result.source == "a")


@given(texts)
def test_the_condition_is_what_stands_before_a_document_without_toxicity(text: str) -> None:
    for transform in CONDITIONING:
        result = one(transform, text, 0.0)
        assert result is not None and result.text == transform.condition + text == transform.prepare(text)
        toxic = one(transform, text, 1.0)
        assert toxic is not None and toxic.text != result.text
    assert Filter().prepare(text) == Mask().prepare(text) == text


def test_the_words_of_each_recipe() -> None:
    document = Document("the goose sang", "a")
    assert Meda().transform(document, [0.73]).text == "toxicity: 0.7\nthe goose sang"
    assert Inst().transform(document, [0.5]).text == "This is a toxic post.\nthe goose sang"
    assert Inst().transform(document, [0.4]).text == "This is a non-toxic post.\nthe goose sang"
    assert Tags(threshold=0.8).transform(document, [0.79]).text == "[good]\nthe goose sang"


def test_tags_carry_no_loss_and_the_words_of_meda_and_inst_do() -> None:
    document = Document("the goose sang", "a", unlearned=((4, 9),))
    tagged = Tags().transform(document, [1.0])
    assert [tagged.text[start:end] for start, end in tagged.unlearned] == ["[bad]\n", "goose"]
    for transform in (Meda(), Inst()):
        (span,) = transform.transform(document, [1.0]).unlearned
        assert transform.transform(document, [1.0]).text[slice(*span)] == "goose"


@pytest.mark.parametrize("prefix", ["[good]", "[good] ", ""])
def test_a_prefix_ends_its_line(prefix: str) -> None:
    with pytest.raises(ValidationError, match="line break"):
        Tags(good=prefix)
    with pytest.raises(ValidationError, match="line break"):
        Inst(nontoxic=prefix)


def test_the_room_knows_no_room_to_its_right() -> None:
    files = list(Path(hormesis.corpus.recipes.__path__[0]).glob("*.py"))
    assert files
    for file in files:
        assert "hormesis.evaluate" not in file.read_text(encoding="utf-8")
