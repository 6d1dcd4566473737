"""The studio's own folder: nothing of anybody else's is touched, whatever a name is."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidstyle.errors import InputError, OutputError, StoppedAtCheckpoint, UsageError
from vidstyle.jobs.folder.files import names
from vidstyle.studio.folder import NAME, Choice, ChosenStyle, Kept, StudioFolder, safe_name

OWN = {NAME, "lease.json", "attempts"}
"""What is there besides what is kept."""


@given(st.text(st.characters(exclude_categories=()), max_size=300))
def test_any_name_becomes_one_of_a_file(title: str) -> None:
    name = safe_name(title, "painting")
    assert 0 < len(os.fsencode(name)) <= 120
    assert not set(name) & set("/\\@,=:%#*?[]$'\" \n\0")
    assert name[0] not in ".-"
    assert Path(name).suffix != ".toml"


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("../../etc/passwd", "passwd.clip"),
        ("C:\\films\\a.MOV", "a.mov"),
        ("-rf.mp4", "rf.mp4"),
        ("vidstyle.toml", "vidstyle.toml.clip"),
        (".mp4", "clip.mp4"),
        ("日本.mp4", "日本.mp4"),
        ("clip.%04d.png", "clip._04d.png"),
    ],
)
def test_names_stay_as_they_are_where_they_can(title: str, name: str) -> None:
    assert safe_name(title, "clip") == name


def test_what_is_dropped_has_a_name_of_its_own(tmp_path: Path) -> None:
    folder = StudioFolder(tmp_path / "kept")
    for content in (b"1", b"2"):
        with folder.receiving() as (part, file):
            file.write(content)
            file.flush()
            folder.keep(part, "../wave.jpg", "painting")
    assert names(folder.path) == {*OWN, "wave-2.jpg", "wave.jpg"}
    folder.close()
    with StudioFolder(folder.path) as again:
        assert [kept.title for kept in again.kept("painting")] == ["../wave.jpg"] * 2
    with folder.receiving() as (part, file):
        file.write(b"of no use")
    assert not part.exists()


def test_a_folder_of_somebody_elses_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_bytes(b"mine")
    with pytest.raises(OutputError, match="has other files in it"):
        StudioFolder(tmp_path)
    with pytest.raises(OutputError, match="is a file"):
        StudioFolder(tmp_path / "holiday.jpg")
    with pytest.raises(OutputError, match="there is no folder"):
        StudioFolder(tmp_path / "a" / "b")
    with pytest.raises(UsageError, match="'@'"):
        StudioFolder(tmp_path / "a@b")
    assert [path.name for path in tmp_path.iterdir()] == ["holiday.jpg"]


def test_only_what_is_still_the_same_is_deleted(tmp_path: Path) -> None:
    folder = StudioFolder(tmp_path / "kept")
    same, changed, linked, used = (folder.write(b"white", f"{name}.png", "mask") for name in "abcd")
    (folder.path / changed.name).write_bytes(b"drawn over")
    (tmp_path / "mine.png").write_bytes(b"white")
    (folder.path / linked.name).unlink()
    (folder.path / linked.name).symlink_to(tmp_path / "mine.png")
    choice = Choice(Path("clip.mp4"), (ChosenStyle(Path("wave.jpg"), 1.0, ((41, folder.path / used.name),)),))
    folder.begin(folder.path / "clip.wave.mp4", choice)
    for kept in (
        same,
        changed,
        linked,
        used,
        Kept("studio.json", "", "mask", 0, 0),
        Kept("../mine.png", "", "mask", 5, 0),
    ):
        folder.remove(kept)
    assert {path.name for path in folder.path.iterdir()} == {*OWN, "b.png", "c.png", "d.png"}
    assert (tmp_path / "mine.png").exists()


def test_a_film_has_the_name_that_it_was_begun_under_until_it_is_done(tmp_path: Path) -> None:
    folder = StudioFolder(tmp_path / "kept")
    one, other = (Choice(Path("clip.mp4"), (ChosenStyle(Path(f"{name}.jpg")),)) for name in "ab")
    output = folder.output_for(one, "clip.a.mp4")
    folder.begin(output, one)
    (folder.path / "clip.a.mp4.vidstyle").mkdir()
    folder.close()
    again = StudioFolder(folder.path)
    assert again.output_for(one, "clip.a.mp4") == output
    assert again.output_for(other, "clip.a.mp4") == folder.path / "clip.a-2.mp4"
    output.write_bytes(b"done")
    assert again.output_for(one, "clip.a.mp4") == folder.path / "clip.a-2.mp4"


@pytest.mark.parametrize("name", ["../mine.png", "/etc/passwd", ".hidden", "a/b", "a\n", ""])
def test_a_file_that_vouches_for_others_is_refused(tmp_path: Path, name: str) -> None:
    kept = {"name": name, "title": "", "kind": "painting", "size": 4, "changed": 0}
    (tmp_path / NAME).write_text(json.dumps({"vidstyle_studio": 1, "files": [kept]}))
    with pytest.raises(InputError, match="is damaged, or not vidstyle's"):
        StudioFolder(tmp_path)
    assert names(tmp_path) == {NAME}


def test_one_studio_has_a_folder(tmp_path: Path) -> None:
    path = tmp_path / "kept"
    with StudioFolder(path, "http://127.0.0.1:8123") as folder:
        known = (path / NAME).read_bytes()
        with pytest.raises(StoppedAtCheckpoint, match=rf"process {os.getpid()} .*, http://127.0.0.1:8123\)") as refused:
            StudioFolder(path, "http://127.0.0.1:9000")
        assert refused.value.exit_code == 75
        assert (path / NAME).read_bytes() == known
        folder.write(b"white", "a.png", "mask")
    with StudioFolder(path) as again:
        assert [kept.title for kept in again.kept("mask")] == ["a.png"]


def test_a_studio_that_was_killed_is_in_nobodys_way(tmp_path: Path) -> None:
    killed = StudioFolder(tmp_path / "kept")
    lease = tmp_path / "kept" / "lease.json"
    said = json.loads(lease.read_text())
    said["process"]["started"] -= 100  # its number is another process's by now
    lease.write_text(json.dumps(said))
    (tmp_path / "kept" / NAME).unlink()  # as where it came no further
    with StudioFolder(tmp_path / "kept", tell=pytest.fail) as folder:
        folder.write(b"white", "a.png", "mask")
        with pytest.raises(StoppedAtCheckpoint, match="taken over"):  # should it go on all the same
            killed.write(b"black", "b.png", "mask")
    killed.close()
