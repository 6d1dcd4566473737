"""What lies on the desk, and the command that it comes to."""

from __future__ import annotations

import shlex
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import cast

import cv2
import numpy as np
import pytest

from vidstyle.cli.commands.studio import _line
from vidstyle.errors import InputError, UsageError
from vidstyle.jobs.folder.files import names
from vidstyle.looks.board import Look, Subject
from vidstyle.media.probe.probe import probe
from vidstyle.media.source import Source
from vidstyle.studio import desk as desks
from vidstyle.studio.desk import Desk
from vidstyle.studio.folder import NAME, Kind, StudioFolder

SAMPLES = Path(__file__).resolve().parents[2] / "sample_media"
OWN = {NAME, "lease.json", "attempts"}
HOSTILE = "$(touch pwned);'\"\n\x1b[2J<b>.jpg"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path


@pytest.fixture
def desk(here: Path) -> Desk:
    """A desk with the sample clip and a painting with a hostile name, both a user's."""
    shutil.copy(SAMPLES / "wave.jpg", here / HOSTILE)
    return Desk(StudioFolder(Path("kept")), _line(None), SAMPLES / "clip.mp4", [Path(HOSTILE)])


def stroke(desk: Desk, level: int = 255) -> bytes:
    width, height = desk.drawn_size()
    grey = np.zeros((height, width), np.uint8)
    grey[: height // 2] = level
    return cv2.imencode(".png", grey)[1].tobytes()


def drop(desk: Desk, title: str, content: bytes, kind: Kind = "painting") -> None:
    with desk.folder.receiving() as (part, file):
        file.write(content)
        file.flush()
        desk.receive(part, title, kind)


def test_the_command_says_all_that_is_chosen(desk: Desk) -> None:
    desk.use_preset("draft")
    desk.set("style_weight", "5")
    desk.set("size", "96")
    desk.draw(desk.paintings[0], 25, stroke(desk))
    drop(desk, "other.png", cv2.imencode(".png", np.zeros((8, 8, 3), np.uint8))[1].tobytes())
    desk.paintings[1].share = 2
    words, output = desk.command(desk.choice())
    assert output.parent == Path("kept") and output.suffix == ".mp4"
    [mask] = desk.paintings[0].masks.values()
    assert words == [
        *("vidstyle", str(SAMPLES / "clip.mp4"), "--style", f"{HOSTILE}@25=kept/{mask.name}"),
        *("--style", "kept/other.png:2", "--preset", "draft", "--style-weight", "5", "--size", "96"),
        *("-o", str(output)),
    ]
    desk.set("style_weight", "")
    assert "--style-weight" not in desk.command(desk.choice())[0]


def test_what_makes_no_sense_changes_nothing(desk: Desk) -> None:
    with pytest.raises(UsageError, match="--style-weight"):
        desk.set("style_weight", "much")
    with pytest.raises(UsageError):
        desk.set("ffmpeg", "/tmp/evil")
    assert desk.settings == {}
    desk.paintings[0].is_used = False
    with pytest.raises(UsageError, match="no painting"):
        desk.paint()


def test_what_is_no_picture_is_not_kept(desk: Desk) -> None:
    for content in (b"", b"#EXTM3U\n/etc/passwd\n", b"style_weight = 5\n", b"\x89PNG\r\n\x1a\n"):
        with pytest.raises(InputError, match="of no use"):
            drop(desk, "of no use.png", content)
    assert names(Path("kept")) == OWN
    assert len(desk.paintings) == 1


def test_what_is_dropped_is_read_once_and_the_latest_clip_is_opened_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    probed = []
    monkeypatch.setattr(desks, "probe", lambda path, asked: probed.append(path.name) or probe(path, asked))
    for title in ("../a.mp4", "b.mp4"):
        drop(desk, title, (SAMPLES / "clip.mp4").read_bytes(), "clip")
    desk.folder.close()
    again = Desk(StudioFolder(Path("kept")), _line(None))
    assert again.clip is not None and again.clip.title == "b.mp4"
    assert probed == ["a.mp4", "b.mp4", "b.mp4"]


def test_a_mask_is_drawn_and_erased(desk: Desk) -> None:
    [painting] = desk.paintings
    desk.index = 24
    desk.draw(painting, 25, stroke(desk))
    [kept] = painting.masks.values()
    drawn = (Path("kept") / painting.masks[desk.number].name).read_bytes()
    seen = cv2.imdecode(np.frombuffer(drawn, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert (seen[0, 0], seen[-1, 0]) == (255, 0)
    desk.draw(painting, 25, stroke(desk, 128))
    assert not (Path("kept") / kept.name).exists()
    desk.draw(painting, 25, stroke(desk, 0))
    assert painting.masks == {}
    assert names(Path("kept")) == OWN
    for number, picture in ((25, b"no picture"), (25, b""), (49, stroke(desk)), (0, stroke(desk))):
        with pytest.raises(InputError):
            desk.draw(painting, number, picture)


def test_a_preview_is_of_a_frame_that_is_drawn_on(desk: Desk) -> None:
    desk.draw(desk.paintings[0], 25, stroke(desk))
    desk.index = 3
    with pytest.raises(UsageError, match="drawn on frame 25"):
        desk.preview()


def test_moments_are_told_in_frames_seconds_and_timecode(desk: Desk) -> None:
    assert desk.moment(36) == "frame 37 · 1.50 s · 00:00:01:12"


def test_a_studio_opened_again_has_all_that_was_there(desk: Desk, here: Path) -> None:
    drop(desk, "../../other.png", cv2.imencode(".png", np.zeros((8, 8, 3), np.uint8))[1].tobytes())
    desk.draw(desk.paintings[1], 25, stroke(desk))
    desk.paintings[0].is_used = False
    desk.set("style_scale", "2")
    words, output = desk.command(desk.choice())
    desk.folder.begin(output, desk.choice())
    desk.folder.close()
    again = Desk(StudioFolder(Path("kept")), _line(None), SAMPLES / "clip.mp4")
    assert again.command(again.choice()) == (words, output)
    assert shlex.split(" ".join(map(shlex.quote, words))) == words
    again.choose(replace(again.choice(), settings={"ffmpeg": "/tmp/evil", "style_scale": "3"}))
    assert again.settings == {"style_scale": "3"}
    again.put_away(again.paintings[0])  # its film is not done: what it is made from stays
    assert (Path("kept") / "other.png").exists()
    assert sorted(path.name for path in here.iterdir()) == sorted([HOSTILE, "kept"])


def test_another_preview_takes_the_place_of_one_that_is_not_done(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it is worth, tests/looks says; here nothing is solved."""
    begun, go_on = threading.Event(), threading.Event()

    def paint(source: Source, looks: list[Look], subjects: list[Subject]) -> Iterator[SimpleNamespace]:
        begun.set()
        go_on.wait()
        for share in (0.5, 1.0):
            yield SimpleNamespace(share=share, image=np.full_like(subjects[0].image, share))

    monkeypatch.setitem(sys.modules, "vidstyle.looks.paint", cast(ModuleType, SimpleNamespace(paint=paint)))
    first = desk.preview()
    begun.wait()
    desk.set("style_scale", "2")
    second = desk.preview()
    go_on.set()
    while second.state in ("waiting", "painting"):
        time.sleep(0.01)
    assert (first.state, second.state, second.message) == ("dropped", "done", "")
    assert list(desk.previews.shown) == [second]
    assert second.look.settings.objective.style_scale == 2
    clip, painted = (cv2.imdecode(np.frombuffer(jpeg, np.uint8), 1) for jpeg in (second.clip, second.picture))
    assert painted.shape == clip.shape == (180, 320, 3)
    assert painted.min() > 250
    desk.previews.end()
