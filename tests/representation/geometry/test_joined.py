"""Two lists of texts as one labelled set."""

from __future__ import annotations

import pytest

from hormesis.errors import HormesisError
from hormesis.representation.geometry import joined

RUDE = [f"the rude lamp number {number}" for number in range(40)]
CIVIL = [f"the civil lamp number {number}" for number in range(30)]


def test_a_text_of_both_lists_is_in_neither() -> None:
    found = joined([*RUDE, CIVIL[0], RUDE[0]], CIVIL)
    assert len(found) == len(set(found.texts)) == 69 and CIVIL[0] not in found.texts
    assert [text in RUDE for text in found.texts] == list(found.labels)


def test_a_limit_draws_the_same_texts_whatever_their_order() -> None:
    one, other = joined(RUDE, CIVIL, limit=12), joined(RUDE[::-1], CIVIL[::-1], limit=12)
    assert one.texts == other.texts and len(one) == 24 and one.labels.sum() == 12
    assert set(one.texts) < set(joined(RUDE, CIVIL, limit=20).texts), "nested"
    assert set(one.texts) != {*RUDE[:12], *CIVIL[:12]}, "not the first of a file, which may be sorted"


def test_too_few_texts_are_refused() -> None:
    with pytest.raises(HormesisError, match="40 toxic and 9 other"):
        joined(RUDE, CIVIL[:9])
