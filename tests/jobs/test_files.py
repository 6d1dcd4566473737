"""Files that are whole or absent."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from vidstyle.errors import OutputError, StorageError
from vidstyle.jobs.files import append_line, make_folder, publishing, read_json, write_json


def test_a_file_appears_whole_and_replaces_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, {"a": 1})
    with publishing(path) as temporary:
        temporary.write_text('{"a": 2}')
        assert read_json(path) == {"a": 1}
        assert temporary.suffix == ".json"
    assert read_json(path) == {"a": 2}
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_fails_keeps_the_old_file_and_leaves_no_other(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, {"a": 1})
    with pytest.raises(StorageError, match="disk is full"), publishing(path) as temporary:
        temporary.write_text("half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with pytest.raises(KeyboardInterrupt), publishing(path) as temporary:
        temporary.write_text("half")
        raise KeyboardInterrupt
    assert read_json(path) == {"a": 1}
    assert list(tmp_path.iterdir()) == [path]


def test_two_writers_do_not_share_a_temporary_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with publishing(path) as one, publishing(path) as other:
        one.write_text("one")
        other.write_text("other")
    assert path.read_text() == "one"


@pytest.mark.parametrize("text", ["", '{"a": 1', "[1]", "\x00\x00", '{"a": "\\ud8'])
def test_damaged_json_reads_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text)
    assert read_json(tmp_path / "a.json") is None
    assert read_json(tmp_path / "b.json") is None


def test_names_that_are_no_utf_8_come_back_as_they_were(tmp_path: Path) -> None:
    value = {"path": os.fsdecode(b"caf\xe9/\xff.mp4"), "other": "ä"}
    write_json(tmp_path / "a.json", value)
    assert read_json(tmp_path / "a.json") == value
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


def test_a_folder_in_place_of_a_file_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises((OutputError, StorageError), match="file"):
        make_folder(tmp_path / "file" / "folder")
