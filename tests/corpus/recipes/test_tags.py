"""Tags: the documents that are kept for the cooldown."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hormesis.corpus.recipes import (
    is_for_cooldown,
)
from tests.corpus.conftest import invented
from tests.corpus.recipes.labelled import texts


@given(texts, st.floats(0, 0.5), st.floats(0, 0.5))
def test_the_cooldowns_documents_are_nested(text: str, fraction: float, more: float) -> None:
    assert not is_for_cooldown(text, 0.0)
    assert not is_for_cooldown(text, fraction) or is_for_cooldown(text, fraction + more)


def test_the_cooldown_gets_its_fraction_of_the_documents() -> None:
    distinct = {f"{text} {place}" for place, text in enumerate(invented(4000))}
    assert abs(sum(is_for_cooldown(text, 0.1) for text in distinct) / len(distinct) - 0.1) < 0.02
