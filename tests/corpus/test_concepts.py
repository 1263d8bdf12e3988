"""Concepts: labels by threshold or by value, groups, and a seeded draw."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hormesis.corpus import ConceptConfig, concept_of_records, read_concept
from hormesis.corpus.held_out import normalised
from hormesis.errors import HormesisError
from hormesis.representation import split_by_group
from tests.corpus.conftest import invented


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    table = {
        "text": [*invented(40), "", "goose"],
        "score": [*(1 + i % 5 for i in range(40)), 3.0, None],
        "kind": [*("rude" if i % 5 >= 2 else "kind" for i in range(40)), "kind", None],
        "target": [f"group {i % 4}" for i in range(42)],
    }
    pq.write_table(pa.table(table), tmp_path / "concept.parquet")
    return tmp_path


def test_labels_by_threshold_and_by_value(folder: Path) -> None:
    by_score = ConceptConfig(path="concept.parquet", label="score", threshold=2.5, group="target")
    concept = read_concept(by_score, folder)
    assert concept.texts == tuple(invented(40))  # neither the empty text nor the one without a label
    assert concept.labels.tolist() == [1 + i % 5 >= 2.5 for i in range(40)]
    assert concept.groups == tuple(f"group {i % 4}" for i in range(40))
    by_kind = read_concept(ConceptConfig(path="concept.parquet", label="kind", toxic_values=("rude",)), folder)
    assert by_kind.labels.tolist() == concept.labels.tolist()
    assert len(set(by_kind.groups)) == 40  # without a group every row is its own


def test_a_limit_is_a_seeded_draw(folder: Path) -> None:
    config = ConceptConfig(path="concept.parquet", label="score", threshold=3, limit=10)
    one, two = read_concept(config, folder), read_concept(config, folder)
    other = read_concept(config.model_copy(update={"seed": 1}), folder)
    assert one.texts == two.texts != other.texts
    assert len(one) == 10 and set(one.texts) < set(invented(40))


def test_bad_labels_are_named(folder: Path) -> None:
    with pytest.raises(HormesisError, match="of one class"):
        read_concept(ConceptConfig(path="concept.parquet", label="score", threshold=9), folder)
    with pytest.raises(HormesisError, match="'kind' holds str, no number"):
        read_concept(ConceptConfig(path="concept.parquet", label="kind"), folder)
    with pytest.raises(HormesisError, match="no column 'absent'"):
        read_concept(ConceptConfig(path="concept.parquet", label="absent"), folder)


def test_toxigen_in_the_layout_of_the_hub(tmp_path: Path) -> None:
    table = {
        "text": invented(20),
        "toxicity_human": [1.0, 2.5, 4.0, 2.0] * 5,
        "target_group": ["a", "b"] * 10,
    }
    (tmp_path / "annotated").mkdir()
    pq.write_table(pa.table(table), tmp_path / "annotated" / "train-00000-of-00001.parquet")
    (tmp_path / "README.md").write_text(
        "---\nconfigs:\n- config_name: annotated\n  data_files:\n  - split: train\n    path: annotated/train-*\n---\n"
    )
    config = ConceptConfig.model_validate({"dataset": "toxigen", "path": str(tmp_path)})
    concept = read_concept(config)
    assert concept.labels.tolist() == [False, True, True, False] * 5  # at or above the paper's 2.5
    assert concept.groups == ("a", "b") * 10


def _copied() -> list[str]:
    """Each of 40 texts three times, spelled in other cases and spaces."""
    return [each for text in invented(40) for each in (text, text.upper(), f"  {text.replace(' ', '  ')}")]


def test_copies_of_a_text_are_of_one_group_and_so_on_one_side_of_a_split() -> None:
    texts = _copied()
    records = [{"text": text, "label": place // 3 % 2} for place, text in enumerate(texts)]
    concept = concept_of_records(records, ConceptConfig(path="x", label="label"))
    assert concept.groups == tuple(str(3 * (place // 3)) for place in range(len(texts)))
    split = split_by_group(concept.groups, 0)
    sides = [{normalised(texts[row]) for row in split.part(part)} for part in ("fit", "validation", "test")]
    assert sum(map(len, sides)) == len(set.union(*sides)) == 40


def test_groups_that_share_a_text_become_one() -> None:
    texts = invented(40)
    records = [{"text": text, "label": place % 2, "who": str(place // 4)} for place, text in enumerate(texts)]
    records += [{"text": texts[4 * group], "label": 0, "who": str(group + 1)} for group in (0, 2, 4)]
    groups = concept_of_records(records, ConceptConfig(path="x", label="label", group="who")).groups
    joined = {"1": "0", "3": "2", "5": "4"}
    assert groups == tuple(joined.get(str(each["who"]), str(each["who"])) for each in records)


def test_groups_that_part_copies_of_all_are_refused() -> None:
    records = [{"text": text, "label": place // 3 % 2, "who": str(place % 3)} for place, text in enumerate(_copied())]
    config = ConceptConfig(path="x", label="label", group="who")
    with pytest.raises(HormesisError, match="80 of 120 texts of x are copies of one in another who"):
        concept_of_records(records, config)
    few = [{"text": text, "label": place % 2, "who": str(place % 4)} for place, text in enumerate(invented(200))]
    few.append({"text": few[0]["text"], "label": 0, "who": "1"})
    assert concept_of_records(few, config).groups == tuple(str(each["who"]) for each in few), "a few are tolerated"
