"""Files that are whole or absent."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from vidstyle.errors import InputError, OutputError, StorageError
from vidstyle.jobs.folder.files import (
    append_line,
    file_sizes,
    make_folder,
    names,
    publishing,
    read_json,
    remove_file,
    remove_tree,
    status,
    write_json,
)

ANY = dict[str, object]


def test_a_file_appears_whole_and_replaces_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, {"a": 1})
    with publishing(path) as file:
        file.write(b'{"a": 2}')
        assert read_json(path, ANY) == {"a": 1}
    assert read_json(path, ANY) == {"a": 2}
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_fails_keeps_the_old_file_and_leaves_no_other(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, {"a": 1})
    with pytest.raises(StorageError, match="disk is full"), publishing(path) as file:
        file.write(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with pytest.raises(KeyboardInterrupt), publishing(path) as file:
        file.write(b"half")
        raise KeyboardInterrupt
    assert read_json(path, ANY) == {"a": 1}
    assert list(tmp_path.iterdir()) == [path]


def test_two_writers_do_not_share_a_temporary_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with publishing(path) as one, publishing(path) as other:
        one.write(b"one")
        other.write(b"other")
    assert path.read_text() == "one"


@pytest.mark.parametrize("text", ["", '{"a": 1', "[1]", "\x00\x00", '{"a": "\\ud8'])
def test_damaged_json_reads_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text)
    assert read_json(tmp_path / "a.json", ANY) is None
    assert read_json(tmp_path / "b.json", ANY) is None


def test_names_that_are_no_utf_8_come_back_as_they_were(tmp_path: Path) -> None:
    value = {"path": os.fsdecode(b"caf\xe9/\xff.mp4"), "other": "ä"}
    write_json(tmp_path / "a.json", value)
    assert read_json(tmp_path / "a.json", ANY) == value
    append_line(tmp_path / "log.txt", value["path"])
    assert "caf\\udce9" in (tmp_path / "log.txt").read_text(encoding="utf-8")


def test_a_log_that_is_a_link_is_not_written_to(tmp_path: Path) -> None:
    (tmp_path / "profile").write_text("mine\n")
    (tmp_path / "log.txt").symlink_to(tmp_path / "profile")
    (tmp_path / "new.txt").symlink_to(tmp_path / "nothing")
    append_line(tmp_path / "log.txt", "touch x")
    append_line(tmp_path / "new.txt", "touch x")
    assert (tmp_path / "profile").read_text() == "mine\n"
    assert not (tmp_path / "nothing").exists()


@pytest.mark.parametrize("kind", ["pipe", "device", "link", "folder link", "folder", "too large", "nested too deep"])
def test_what_is_no_file_of_the_folder_is_not_read_and_not_written(tmp_path: Path, kind: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.json").write_text('{"a": 1}')
    folder = tmp_path / "job"
    path = folder / "a.json"
    if kind == "folder link":
        folder.symlink_to("elsewhere")
    else:
        folder.mkdir()
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "device":
            path.symlink_to("/dev/zero")
        case "link":
            path.symlink_to("../elsewhere/a.json")
        case "folder":
            path.mkdir()
        case "too large":
            path.touch()
            os.truncate(path, 1 << 40)
        case "nested too deep":
            path.write_text("[" * 100_000)
    assert read_json(path, ANY) is None
    if kind != "too large":
        append_line(path, "more")
    if kind == "folder link":
        for write in (lambda: write_json(path, {}), lambda: make_folder(folder / "new")):
            with pytest.raises(InputError, match="is a link"):
                write()
        with pytest.raises(OSError):
            remove_file(path)
        assert file_sizes(folder) == {} and names(folder) == set() and status(path) is None
    remove_tree(folder)
    assert {file.name for file in (tmp_path / "elsewhere").iterdir()} == {"a.json"}
    assert (tmp_path / "elsewhere" / "a.json").read_text() == '{"a": 1}'


def test_a_file_that_must_be_new_replaces_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    for path in (tmp_path / "a.json", tmp_path / "b.json"):
        write_json(path, {"a": 1}, replace=False)
        with pytest.raises(FileExistsError):
            write_json(path, {"a": 2}, replace=False)
        assert read_json(path, ANY) == {"a": 1}
        monkeypatch.setattr(os, "link", no_links)
    assert {file.name for file in tmp_path.iterdir()} == {"a.json", "b.json"}


def test_a_folder_in_place_of_a_file_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises((OutputError, StorageError), match="file"):
        make_folder(tmp_path / "file" / "folder")
