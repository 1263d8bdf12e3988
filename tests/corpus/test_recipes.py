"""Recipes for documents: what each does to a text, and that a stream of them is scored, counted and bounded."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
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
    is_for_cooldown,
    transformed,
)
from hormesis.corpus.recipes.mask import sentence_spans
from hormesis.errors import HormesisError
from tests.corpus.conftest import documents, invented

EVERY: list[DocumentTransform] = [Meda(), Inst(), Tags(), Filter(), Mask(), Mask(unit="sentence")]
CONDITIONING: list[DocumentTransform] = [Meda(), Meda(decimals=3), Inst(), Tags(), Tags(good="<fine>\n")]

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
scores = st.floats(0, 1)


def geese(batch: Sequence[str]) -> npt.NDArray[np.float64]:
    """A labeller that minds geese."""
    return np.array([min(1.0, 0.5 * text.count("goose")) for text in batch])


def one(transform: DocumentTransform, text: str, score: float) -> Document | None:
    return transform.transform(Document(text, "a"), [score] * len(transform.spans(text)))


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


@given(scores, scores, scores)
def test_a_filter_is_monotone_in_its_threshold(score: float, low: float, high: float) -> None:
    low, high = sorted((low, high))
    assert one(Filter(threshold=low), "goose", score) is None or one(Filter(threshold=high), "goose", score)
    inverse = one(Filter(threshold=low, keep="above"), "goose", score)
    assert (inverse is None) != (one(Filter(threshold=low), "goose", score) is None), "each document is on one side"


@given(texts)
def test_sentences_are_the_text_without_the_space_between_them(text: str) -> None:
    spans = sentence_spans(text)
    assert all(start < end and text[start:end] == text[start:end].strip() for start, end in spans)
    assert all(left[1] <= right[0] for left, right in zip(spans, spans[1:], strict=False))
    assert "".join("".join(text[start:end] for start, end in spans).split()) == "".join(text.split())


def test_only_toxic_units_are_masked() -> None:
    text = "The river is calm. The goose hissed at the goose! A drum.\nA goose "
    found = [text[start:end] for start, end in sentence_spans(text)]
    assert found == ["The river is calm.", "The goose hissed at the goose!", "A drum.", "A goose"]
    masked = list(transformed([Document(text, "a")], Mask(threshold=0.8, unit="sentence"), geese))
    assert [masked[0].text[start:end] for start, end in masked[0].unlearned] == ["The goose hissed at the goose!"]
    whole = list(transformed([Document(text, "a")], Mask(threshold=0.8), geese))
    assert whole[0].unlearned == ((0, len(text)),)


def test_a_stream_is_scored_in_order_and_counted() -> None:
    stream = transformed(documents(3000), Filter(), geese)
    kept = list(stream)
    assert kept == [document for document in documents(3000) if "goose" not in document.text]
    everything = sum(len(text.encode()) for text in invented(3000))
    assert (stream.read_bytes, stream.kept_bytes) == (everything, sum(len(d.text.encode()) for d in kept))
    assert stream.kept == stream.kept_bytes / everything
    assert transformed([], Filter(), geese).kept == 1


def test_memory_does_not_grow_with_the_stream() -> None:
    def stream(number: int) -> Iterator[Document]:
        return (Document(f"the goose {i} crossed the river " * 20, "a") for i in range(number))

    def peak(number: int) -> int:
        tracemalloc.start()
        for _ in transformed(stream(number), Mask(unit="sentence"), geese):
            pass
        result = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return result

    assert peak(6000) < 1.3 * peak(1500)


def test_a_score_that_failed_is_not_made_up() -> None:
    def failing(batch: Sequence[str]) -> npt.NDArray[np.float64]:
        return np.full(len(batch), np.nan)

    with pytest.raises(HormesisError, match="no score to 3 of 3 texts of the source 'invented'"):
        list(transformed(documents(3), Filter(), failing))
    with pytest.raises(ValueError, match="outside"):
        list(transformed(documents(3), Filter(), lambda batch: np.full(len(batch), 2.0)))
    with pytest.raises(ValueError, match="shape"):
        list(transformed(documents(3), Filter(), lambda batch: np.zeros(len(batch) + 1)))


@given(texts, st.floats(0, 0.5), st.floats(0, 0.5))
def test_the_cooldowns_documents_are_nested(text: str, fraction: float, more: float) -> None:
    assert not is_for_cooldown(text, 0.0)
    assert not is_for_cooldown(text, fraction) or is_for_cooldown(text, fraction + more)


def test_the_cooldown_gets_its_fraction_of_the_documents() -> None:
    distinct = {f"{text} {place}" for place, text in enumerate(invented(4000))}
    assert abs(sum(is_for_cooldown(text, 0.1) for text in distinct) / len(distinct) - 0.1) < 0.02


def test_the_room_knows_no_room_to_its_right() -> None:
    files = list(Path(hormesis.corpus.recipes.__path__[0]).glob("*.py"))
    assert files
    for file in files:
        assert "hormesis.evaluate" not in file.read_text(encoding="utf-8")
