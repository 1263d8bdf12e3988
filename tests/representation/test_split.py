from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from hormesis.errors import HormesisError
from hormesis.representation import GroupSplit, split_by_group


@given(some.lists(some.integers(0, 12), min_size=1, max_size=200), some.integers(0, 5))
def test_groups_are_whole_rows_are_all_there_and_no_part_is_empty(numbers: list[int], seed: int) -> None:
    groups = [f"group {number}" for number in numbers]
    if len(set(groups)) < 3:
        with pytest.raises(HormesisError, match="group"):
            split_by_group(groups, seed)
        return
    split = split_by_group(groups, seed)
    parts = [split.fit, split.validation, split.test]
    assert sorted(np.concatenate(parts)) == list(range(len(groups)))
    sides = [{groups[row] for row in part} for part in parts]
    assert all(sides)
    assert sum(map(len, sides)) == len(set(groups))


def test_many_small_groups_meet_the_fractions_and_depend_on_the_seed() -> None:
    groups = [str(row // 2) for row in range(2000)]
    split = split_by_group(groups, 1, (0.5, 0.3, 0.2))
    assert [len(split.fit), len(split.validation), len(split.test)] == [1000, 600, 400]
    np.testing.assert_array_equal(split.fit, split_by_group(groups, 1, (0.5, 0.3, 0.2)).fit)
    assert not np.array_equal(split.fit, split_by_group(groups, 2, (0.5, 0.3, 0.2)).fit)


def test_test_may_be_empty() -> None:
    split = split_by_group([str(row) for row in range(10)], 0, (0.8, 0.2, 0.0))
    assert [len(split.fit), len(split.validation), len(split.test)] == [8, 2, 0]


@pytest.mark.parametrize("fractions", [(0.5, 0.5, 0.5), (0.0, 0.5, 0.5), (1.0, 0.0, 0.0), (1.2, -0.4, 0.2)])
def test_impossible_fractions_are_refused(fractions: tuple[float, float, float]) -> None:
    with pytest.raises(HormesisError, match="fractions"):
        split_by_group([str(row) for row in range(10)], 0, fractions)


def test_parts_that_overlap_or_lie_outside_are_refused() -> None:
    first, second = np.array([0, 1]), np.array([1, 2])
    with pytest.raises(HormesisError, match="two parts"):
        GroupSplit(first, second, np.array([], dtype=np.int64)).check(5)
    with pytest.raises(HormesisError, match="row 9"):
        GroupSplit(first, np.array([9]), np.array([], dtype=np.int64)).check(5)
