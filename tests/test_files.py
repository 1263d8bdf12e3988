"""Files are whole or absent, hashes are stable, errors carry their fix."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from hormesis.errors import HormesisError
from hormesis.evaluate import NgramScorer
from hormesis.files import (
    canonical_json,
    content_hash,
    expanded,
    file_hash,
    read_object,
    write_file,
    write_folder,
    write_json,
)
from hormesis.marks import MARK, FolderKind, claim

FULL_DISK = Path("/dev/full")


def test_equal_values_have_equal_hashes() -> None:
    assert canonical_json({"b": 1, "a": [True, None]}) == '{"a":[true,null],"b":1}'
    assert content_hash({"a": 1, "b": 2}) == content_hash({"b": 2, "a": 1})
    assert content_hash({"a": 1}) != content_hash({"a": 1.5})


def test_a_failed_write_leaves_what_was_there(tmp_path: Path) -> None:
    claim(tmp_path, FolderKind("test"))
    path = tmp_path / "file"
    path.write_text("before")

    def fail() -> None:
        with write_file(path) as temporary:
            temporary.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert path.read_text() == "before"
    assert {entry.name for entry in tmp_path.iterdir()} == {MARK, "file"}, "no temporary file stays"


def test_a_folder_is_replaced_as_a_whole(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    for name in ("first", "second"):
        with write_folder(folder, FolderKind("test")) as temporary:
            (temporary / name).touch()
    assert sorted(entry.name for entry in folder.iterdir()) == [MARK, "second"]


@pytest.mark.skipif(not FULL_DISK.exists(), reason="needs a device that is always full")
def test_a_full_disk_is_explained(tmp_path: Path) -> None:
    claim(tmp_path, FolderKind("test"))
    path = tmp_path / "file"
    path.write_text("before")
    with (
        pytest.raises(HormesisError, match="disk is full") as caught,
        write_file(path),
        FULL_DISK.open("w", buffering=1) as full,
    ):
        full.write("a line\n")
    assert "free some space" in caught.value.fix
    assert path.read_text() == "before"


def test_json_and_hash(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"x": 1})
    assert file_hash(tmp_path / "a.json") == file_hash(tmp_path / "a.json")
    assert (tmp_path / "a.json").read_text().endswith("}\n")


def test_an_error_survives_the_way_back_from_a_worker() -> None:
    error = pickle.loads(pickle.dumps(HormesisError("no such column 'txt'", "write `text`")))
    assert (error.problem, error.fix) == ("no such column 'txt'", "write `text`")
    assert "Fix: write `text`" in str(error)


def test_the_home_of_nobody_is_refused() -> None:
    assert expanded("~/a") == Path.home() / "a"
    with pytest.raises(HormesisError, match="home of nobody"):
        expanded("~nobody-of-that-name/a")


@pytest.mark.parametrize("text", ["[1]", "3", "null", '"a"', "{", ""])
def test_what_is_no_json_object_is_damage(tmp_path: Path, text: str) -> None:
    (tmp_path / "scorer.json").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError):  # noqa: PT011 (json's own messages vary)
        read_object(tmp_path / "scorer.json")
    with pytest.raises(HormesisError, match="scorer"):
        NgramScorer.load(tmp_path)


def test_nobody_expands_a_home_by_hand() -> None:
    """``Path.expanduser`` ends in a RuntimeError for a user who does not exist; ``files.expanded`` explains it."""
    source = Path(__file__).parents[1] / "src" / "hormesis"
    by_hand = [file.name for file in source.rglob("*.py") if ".expanduser()" in file.read_text(encoding="utf-8")]
    assert by_hand == ["files.py"]
