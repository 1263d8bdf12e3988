"""Which file, which columns, which questions."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from hormesis.errors import HormesisError
from hormesis.evaluate.capability import CapabilityConfig
from tests.evaluate.capability.invented import arc_rows, asked, blimp_rows, written

PHENOMENA = {"islands": ("syntax", 60), "agreement": ("morphology", 30), "negation": ("semantics", 10)}


def test_a_limited_draw_is_in_proportion_nested_and_seeded(tmp_path: Path) -> None:
    folder = written(tmp_path, blimp=blimp_rows(PHENOMENA))
    (small,), (large,), (every,) = (asked(folder, "blimp", limit=limit) for limit in (10, 50, None))
    assert Counter(small.strata) == {"islands": 6, "agreement": 3, "negation": 1}
    assert Counter(large.strata) == {"islands": 30, "agreement": 15, "negation": 5}
    assert set(small.items) < set(large.items) < set(every.items)
    assert every.items == tuple(range(100))
    assert asked(folder, "blimp", limit=10)[0].items == small.items
    assert large.rows[0] == every.rows[large.items[0]]
    assert set(large.parts) == {"syntax", "morphology", "semantics"}


def test_columns_of_another_name_are_known(tmp_path: Path) -> None:
    (task,) = asked(written(tmp_path, blimp=blimp_rows({"islands": ("syntax", 3)})), "blimp")
    assert set(task.rows[0]) == {"phenomenon", "field", "sentence_good", "sentence_bad"}


def test_a_file_is_found_at_any_depth_and_must_be_the_only_one(tmp_path: Path) -> None:
    with pytest.raises(HormesisError, match="0 files of the task arc_easy"):
        asked(tmp_path, "arc_easy")
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        written(tmp_path / name, arc_easy=arc_rows([4, 4]))
    assert len(asked(tmp_path / "one", "arc_easy")[0].rows) == 2
    with pytest.raises(HormesisError, match="2 files of the task arc_easy.*one"):
        asked(tmp_path, "arc_easy")


def test_what_a_user_gets_wrong_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no task arc_hard"):
        CapabilityConfig(names=("arc_hard",))
    with pytest.raises(ValueError, match="listed twice"):
        CapabilityConfig(names=("blimp", "blimp"))
    written(tmp_path, piqa=arc_rows([4]))
    with pytest.raises(HormesisError, match="lacks the columns goal, sol1, sol2, label"):
        asked(tmp_path, "piqa")
    (tmp_path / "sciq.parquet").write_bytes(b"no")
    with pytest.raises(HormesisError, match="cannot be read as Parquet"):
        asked(tmp_path, "sciq")
