"""Loss masking: which units carry no loss."""

from __future__ import annotations

from hypothesis import given

from hormesis.corpus import Document
from hormesis.corpus.recipes import (
    Mask,
    transformed,
)
from hormesis.corpus.recipes.mask import sentence_spans
from tests.corpus.recipes.labelled import geese, texts


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
