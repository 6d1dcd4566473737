from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.footage import MakeClip, picture
from tests.helpers.outputs import check_output
from vidstyle.errors import DependencyError, OutputError, UsageError
from vidstyle.media.encode.ffmpeg import find_ffmpeg
from vidstyle.media.images.stills import write_image
from vidstyle.media.probe.probe import probe
from vidstyle.media.source import Source


@pytest.fixture
def source(plain: Path) -> Source:
    return probe(plain)


def test_checking_leaves_the_folder_as_it_was(source: Source, tmp_path: Path) -> None:
    for name in ("a.mp4", "a.mkv", "a.mov", "a # 'b.MP4", "f%04d.png"):
        assert check_output(source, tmp_path / name, False) == ()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_what_a_format_changes_is_a_warning(source: Source, film: Path, make_clip: MakeClip, tmp_path: Path) -> None:
    clear = ["-vf", "format=yuva444p10le", "-c:v", "prores_ks"]
    alpha = probe(make_clip("see-through.mov", *picture(frames=4), *clear))
    assert any("transparency" in sentence for sentence in check_output(alpha, tmp_path / "a.mp4", False))
    assert check_output(alpha, tmp_path / "a.mov", False) == ()
    [odd] = check_output(source, tmp_path / "a.mp4", False, size=(33, 24))
    assert "33×24" in odd
    assert len(check_output(probe(film), tmp_path / "a.webm", False)) == 4
    assert check_output(probe(film), tmp_path / "a.mkv", False) == ()


def test_a_name_must_fit_the_clip(source: Source, tmp_path: Path) -> None:
    write_image(tmp_path / "still.png", np.zeros((8, 8, 3), np.float32))
    still = probe(tmp_path / "still.png")
    for clip, name in [(source, "a.txt"), (source, "a"), (source, "a.png"), (source, "a%d.mp4"), (still, "a.mp4")]:
        with pytest.raises(UsageError, match="end"):
            check_output(clip, tmp_path / name, False)
    assert check_output(still, tmp_path / "a.webp", False) == ()


def test_the_clip_is_never_overwritten(source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(source.path.read_bytes())
    source = dataclasses.replace(source, path=clip)
    os.link(clip, tmp_path / "hard.mp4")
    (tmp_path / "soft.mp4").symlink_to(clip)
    (tmp_path / "folder").symlink_to(tmp_path)
    monkeypatch.chdir(tmp_path)
    for path in (clip, Path("clip.mp4"), Path("hard.mp4"), Path("soft.mp4"), Path("folder/clip.mp4")):
        with pytest.raises(OutputError, match="the clip itself"):
            check_output(source, path, True)
    write_image(tmp_path / "f1.png", np.zeros((8, 8, 3), np.float32))
    with pytest.raises(OutputError, match="the clip itself"):
        check_output(probe(tmp_path / "f%d.png"), tmp_path / "f%d.png", True)


def linked(path: Path, other: Path, how: str) -> Path:
    """The same file by another name: the name itself, or a link of either kind."""
    if how == "hard":
        os.link(path, other)
    elif how == "soft":
        other.symlink_to(path)
    return path if how == "name" else other


@pytest.mark.parametrize("how", ["name", "hard", "soft"])
def test_other_inputs_are_never_overwritten(source: Source, tmp_path: Path, how: str) -> None:
    picture = tmp_path / "f002.png"
    write_image(picture, np.zeros((8, 8, 3), np.float32))
    other = linked(picture, tmp_path / "other.png", how)
    still = dataclasses.replace(probe(picture), path=tmp_path / "x.png", files=())
    for output, read in ((other, picture), (picture, other)):
        with pytest.raises(OutputError, match="one of the inputs"):
            check_output(still, output, True, inputs=[read])
    with pytest.raises(OutputError, match=r"f002.png' is one of the inputs"):
        check_output(source, tmp_path / "f%03d.png", True, inputs=[other])


def test_pictures_of_the_clip_are_never_overwritten(tmp_path: Path) -> None:
    for name in ("in", "out"):
        (tmp_path / name).mkdir()
    for number in (1, 2, 3):
        write_image(tmp_path / "in" / f"{number}.png", np.zeros((8, 8, 3), np.float32))
    os.link(tmp_path / "in" / "3.png", tmp_path / "out" / "3.png")
    for output in ("out/%d.png", "in/%d.png"):
        with pytest.raises(OutputError, match="the clip itself"):
            check_output(probe(tmp_path / "in"), tmp_path / output, True)


def test_names_of_unfinished_files_never_overwrite_inputs(source: Source, tmp_path: Path) -> None:
    """Until it is whole, a result has a hidden name, under which it replaces whatever an interrupted run left."""
    clip = tmp_path / ".a.part.mp4"
    clip.write_bytes(source.path.read_bytes())
    (tmp_path / "linked.mp4").symlink_to(clip)
    for path in (clip, tmp_path / "linked.mp4"):
        with pytest.raises(OutputError, match="the clip itself"):
            check_output(dataclasses.replace(source, path=path), tmp_path / "a.mp4", False)
    with pytest.raises(OutputError, match="one of the inputs"):
        check_output(source, tmp_path / "%d.png", False, inputs=[tmp_path / ".part-1.png"])


def test_an_existing_file_is_overwritten_only_if_asked(source: Source, tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"dear")
    (tmp_path / "f0007.png").write_bytes(b"dear")
    for name in ("a.mp4", "f%04d.png"):
        with pytest.raises(OutputError, match="exists already"):
            check_output(source, tmp_path / name, False)
        check_output(source, tmp_path / name, True)
    assert (tmp_path / "a.mp4").read_bytes() == b"dear"


def test_places_that_can_t_be_written(source: Source, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder.mp4").mkdir()
    places = {
        tmp_path / "nowhere" / "a.mp4": "no folder",
        tmp_path / "file" / "a.mp4": "a file, not a folder",
        tmp_path / "folder.mp4": "is a folder",
        tmp_path / f"{'long' * 70}.mp4": "too long",
    }
    if Path("/proc/self").exists():  # as read-only as it gets for root
        places[Path("/proc/a.mp4")] = "can't be written"
    for place, words in places.items():
        with pytest.raises(OutputError, match=words) as caught:
            check_output(source, place, False)
        assert caught.value.exit_code == 73


def test_no_link_beside_the_result_is_written_through(source: Source, tmp_path: Path) -> None:
    (tmp_path / "dear").write_text("dear")
    (tmp_path / ".a.part.png").symlink_to(tmp_path / "dear")
    (tmp_path / ".b.part.mp4").symlink_to(tmp_path / "new")
    write_image(tmp_path / "a.png", np.zeros((8, 8, 3), np.float32))
    check_output(source, tmp_path / "b.mp4", False)
    assert (tmp_path / "dear").read_text() == "dear"
    assert not (tmp_path / "new").exists()


def test_ffmpeg_is_looked_for_before_the_work(source: Source, tmp_path: Path) -> None:
    with pytest.raises(DependencyError, match="no program"):
        check_output(source, tmp_path / "a.mp4", False, ffmpeg="no-such-ffmpeg")
    program = tmp_path / "ffmpeg"
    program.write_text(
        f'#!/bin/sh\ncase "$*" in *-encoders*) echo libvpx-vp9;; *) exec "{find_ffmpeg()}" "$@";; esac\n'
    )
    program.chmod(0o755)
    with pytest.raises(DependencyError, match="libx264"):
        check_output(source, tmp_path / "a.mp4", False, ffmpeg=str(program))
    check_output(source, tmp_path / "a.webm", False, ffmpeg=str(program))
    program.write_text("#!/bin/sh\necho libx264\necho 'ffmpeg version 4.4.2-0ubuntu0 Copyright' >&2\n")
    with pytest.raises(DependencyError, match=r"4\.4.*5\.1"):
        check_output(source, tmp_path / "a.mp4", False, ffmpeg=str(program))
    program.write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(DependencyError, match="does not run"):
        check_output(source, tmp_path / "a.mp4", False, ffmpeg=str(program))
