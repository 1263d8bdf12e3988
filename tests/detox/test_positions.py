from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as some

from hormesis.detox.positions import EditedPositions
from hormesis.errors import HormesisError


@some.composite
def batches(draw: some.DrawFn) -> tuple[list[list[int]] | None, list[int] | None, int]:
    """A mask padded on the left, the right or anywhere (or none), prompt lengths (or none), and all columns."""
    rows, width = draw(some.integers(1, 4)), draw(some.integers(0, 6))
    row = some.lists(some.integers(0, 1), min_size=width, max_size=width)
    mask = draw(some.none() | some.lists(row, min_size=rows, max_size=rows))
    lengths = draw(some.none() | some.lists(some.integers(1, 8), min_size=rows, max_size=rows))
    return mask, lengths, draw(some.integers(1, 14))


@given(batches(), some.integers(1, 5))
def test_any_chunking_selects_what_the_rule_says(
    batch: tuple[list[list[int]] | None, list[int] | None, int], chunk: int
) -> None:
    mask, lengths, columns = batch
    rows = len(mask or lengths or [0])
    positions = EditedPositions(
        torch.tensor(lengths) if lengths else None,
        torch.tensor(mask).reshape(rows, -1) if mask is not None else None,
    )
    parts = [
        positions.select(start, min(start + chunk, columns)).expand(rows, -1) for start in range(0, columns, chunk)
    ]
    found = torch.cat(parts, dim=1)
    for row in range(rows):
        seen = 0
        for column in range(columns):
            known = mask is not None and column < len(mask[row])
            token = not known or (mask is not None and mask[row][column] == 1)
            expected = token and seen >= (lengths[row] - 1 if lengths else 0)
            seen += token
            assert bool(found[row, column]) == expected
    assert bool(found[:, positions.all_from :].all())
    if 0 < positions.all_from <= columns:
        assert not bool(found[:, positions.all_from - 1].all())


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(HormesisError, match="2 prompt lengths.*3 rows"):
        EditedPositions(torch.tensor([1, 2]), torch.ones(3, 4))
    with pytest.raises(HormesisError, match="positive"):
        EditedPositions(torch.tensor([0, 2]), None)
    with pytest.raises(HormesisError, match="two-dimensional"):
        EditedPositions(None, torch.ones(2, 1, 4, 4))
