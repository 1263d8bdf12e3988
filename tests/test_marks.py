"""Nothing that we did not write is ever replaced: by a folder, in a folder, or by a file."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hormesis.errors import HormesisError
from hormesis.files import write_file, write_folder
from hormesis.marks import MARK, FolderKind, check_claimable, claim, holds, holds_only

TOOL = FolderKind("a tool", holds_only("tool.json", "parts-*.bin", sign="tool.json"))
GROWING = FolderKind("a growing folder", holds(("rows.txt", "plot.png")))


def write(folder: Path, *names: str, kind: FolderKind = TOOL) -> None:
    with write_folder(folder, kind) as temporary:
        for name in names:
            (temporary / name).write_text("ours")


def contents(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_ours_is_replaced_and_what_is_empty_is_filled(tmp_path: Path) -> None:
    folder = tmp_path / "tool"
    folder.mkdir()
    write(folder, "tool.json")
    write(folder, "other.json")
    assert set(contents(folder)) == {MARK, "other.json"}


@pytest.mark.parametrize("theirs", ["notes.txt", "deep/notes.txt", ".hidden"])
def test_a_folder_of_others_is_refused_and_left_as_it_is(tmp_path: Path, theirs: str) -> None:
    folder = tmp_path / "project"
    (folder / theirs).parent.mkdir(parents=True)
    (folder / theirs).write_text("theirs")
    before = contents(tmp_path)
    with pytest.raises(HormesisError, match="nothing there is overwritten"):
        write(folder, "tool.json")
    assert contents(tmp_path) == before


def test_a_file_of_others_in_a_folder_of_ours_is_not_lost(tmp_path: Path) -> None:
    folder = tmp_path / "tool"
    write(folder, "tool.json")
    (folder / "notes.txt").write_text("theirs")
    with pytest.raises(HormesisError, match=r"holds notes\.txt beside what hormesis wrote"):
        write(folder, "tool.json")
    (folder / "notes.txt").unlink()
    (folder / ".DS_Store").touch()
    (folder / ".tool.json.12-0123abcd.tmp").touch()  # of a kill
    write(folder, "tool.json")


def test_a_folder_that_changed_while_ours_was_filled_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "tool"
    with pytest.raises(HormesisError), write_folder(folder, TOOL):
        folder.mkdir()
        (folder / "notes.txt").write_text("theirs")
    assert contents(folder) == {"notes.txt": "theirs"}
    assert [path.name for path in tmp_path.iterdir()] == ["tool"]


def test_another_kind_of_ours_and_a_file_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "tool", "tool.json")
    with pytest.raises(HormesisError, match="holds a tool, not a judge"):
        write(tmp_path / "tool", "judge.json", kind=FolderKind("a judge"))
    (tmp_path / "file").write_text("theirs")
    with pytest.raises(HormesisError, match="is a file"):
        write(tmp_path / "file", "tool.json")


def test_a_folder_from_before_there_were_marks_is_known_by_its_contents(tmp_path: Path) -> None:
    folder = tmp_path / "tool"
    folder.mkdir()
    for name in ("tool.json", "parts-0.bin"):
        (folder / name).touch()
    (folder / "notes.txt").touch()
    with pytest.raises(HormesisError, match="did not write"):
        write(folder, "tool.json")
    (folder / "notes.txt").unlink()
    write(folder, "tool.json")


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    write(tmp_path / "link", "tool.json")
    write(tmp_path / "link", "tool.json")
    assert (tmp_path / "link").is_symlink()
    assert set(contents(tmp_path / "elsewhere")) == {MARK, "tool.json"}


def test_files_are_written_into_folders_that_are_empty_or_ours(tmp_path: Path) -> None:
    claim(tmp_path / "new", GROWING)
    claim(tmp_path / "new", GROWING)
    claim(tmp_path / "new" / "inside", TOOL)
    assert not (tmp_path / "new" / "inside" / MARK).exists(), "what is inside of ours needs no mark"
    old = tmp_path / "old"
    old.mkdir()
    (old / "rows.txt").touch()
    with pytest.raises(HormesisError, match=r"holds rows\.txt, and is no folder of hormesis"):
        check_claimable(old, GROWING)
    (old / "plot.png").touch()
    claim(old, GROWING)
    with pytest.raises(HormesisError, match="holds a growing folder, not a tool"):
        claim(old, TOOL)


def test_a_file_is_replaced_in_folders_of_ours_alone(tmp_path: Path) -> None:
    path = tmp_path / "rows.txt"
    with write_file(path) as temporary:
        temporary.write_text("first")
    with pytest.raises(HormesisError, match="would be overwritten"), write_file(path):
        pass
    with write_file(path, ours=True) as temporary:
        temporary.write_text("second")
    assert path.read_text() == "second"
    shutil.rmtree(tmp_path)
    claim(tmp_path, GROWING)
    for text in ("third", "fourth"):
        with write_file(path) as temporary:
            temporary.write_text(text)
    assert path.read_text() == "fourth"
    with pytest.raises(HormesisError, match="is a folder"), write_file(tmp_path):
        pass
