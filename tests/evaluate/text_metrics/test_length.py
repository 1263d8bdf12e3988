"""Length, by hand."""

from __future__ import annotations

from tests.evaluate.text_metrics.continuations import measured


def test_tokens_of_a_continuation() -> None:
    assert measured("length") == [4.5, 0.0]
    assert measured("empty") == [0.0, 1.0]
