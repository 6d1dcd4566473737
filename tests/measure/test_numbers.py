"""Frames of numbered pictures go by their pictures' numbers, wherever people read or name them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.runs import drained
from tests.helpers.synthetic import Texture
from vidstyle.errors import UsageError
from vidstyle.jobs.progress import Progress
from vidstyle.measure.footage import match
from vidstyle.measure.measure import measure
from vidstyle.measure.page import report
from vidstyle.measure.results import Study, plain_values
from vidstyle.measure.verdicts import verdicts
from vidstyle.media.images.stills import write_image
from vidstyle.settings import MediaSettings, Settings

NUMBERS = (1001, 1003, 1005, 1007, 1009)
"""Every second frame: a number is neither a place nor a place and a constant."""


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pan whose second shot begins at 1005, and a painting of it that stands still once, at 1009."""
    folder = tmp_path_factory.mktemp("numbered")
    points = np.stack(np.meshgrid(np.arange(64), np.arange(48)), -1).astype(np.float64)
    textures = Texture(3), Texture(4)
    clip = [textures[i >= 2](points + np.array((4, 0)) * i).astype(np.float32) for i in range(len(NUMBERS))]
    _write(folder / "clip", clip)
    _write(folder / "painted", [1 - clip[min(i, 3)] for i in range(len(NUMBERS))])
    (folder / "cuts.txt").write_text("1005\n")
    return folder


def _write(folder: Path, images: Sequence[np.ndarray]) -> None:
    folder.mkdir()
    for number, image in zip(NUMBERS, images, strict=True):
        write_image(folder / f"{number}.png", image, 8)


@pytest.fixture(scope="module")
def run(pictures: Path) -> tuple[list[Progress], Study]:
    settings = Settings().replace(flow="none", cuts=str(pictures / "cuts.txt"), device="cpu", threads=1)
    report = pictures / "report.html"
    return drained(measure(pictures / "painted", pictures / "clip", settings=settings, every=9, report=report))


def test_progress_and_results_have_the_numbers(run: tuple[list[Progress], Study]) -> None:
    told, study = run
    assert [news.frame for news in told if news.kind == "frame"] == list(NUMBERS)
    [found] = study.outputs
    assert [plain_values(frame)["frame"] for frame in found.frames] == list(NUMBERS)
    assert [(shot.first, shot.last) for shot in found.shots] == [(1001, 1003), (1005, 1009)]
    assert (found.whole.first, found.whole.last) == (1001, 1009)
    assert found.whole.repeated == (1009,)
    assert "frame 1009 repeats" in verdicts(found.whole)[0].sentence


def test_the_page_has_the_numbers(run: tuple[list[Progress], Study], pictures: Path) -> None:
    _, study = run
    [text] = re.findall(r'(?s)id="data">(.*?)</script>', (pictures / "report.html").read_text())
    data = json.loads(text)
    assert data["numbers"] == list(NUMBERS)
    assert data["shots"] == [[0, 2], [2, 5]]
    assert {pair["place"] for pair in data["worst"][0]} <= {1, 3, 4}
    assert [row[:2] for row in data["shotTables"][0]["rows"]] == [["1", "1001–1003"], ["2", "1005–1009"]]
    part = match([pictures / "painted"], pictures / "clip", first=None, media=_frames("1003-1007"), work_dir=None)
    assert report._facts(Study(part, (part.frames,), (), Settings(), 1, study.outputs))[0] == "frames 1003–1007"
    one = match([pictures / "painted"], pictures / "clip", first=None, media=_frames("1003"), work_dir=None)
    assert report._facts(Study(one, (one.frames,), (), Settings(), 1, study.outputs))[0] == "frame 1003"


def test_options_take_the_numbers(pictures: Path, tmp_path: Path) -> None:
    clip = pictures / "clip"
    assert match([clip], clip, first=None, media=_frames("1002-1007"), work_dir=None).frames == range(1, 4)
    part = tmp_path / "part.png"
    write_image(part, np.zeros((48, 64, 3), np.float32), 8)
    footage = match([part], clip, first=1005, media=MediaSettings(), work_dir=None)
    assert footage.frames == range(2, 3)
    for first in (1, 1004):
        with pytest.raises(UsageError, match=f"--first {first}: '.*' has frames 1001 to 1009"):
            match([part], clip, first=first, media=MediaSettings(), work_dir=None)


def test_warnings_have_the_numbers(pictures: Path, tmp_path: Path) -> None:
    clip, part = pictures / "clip", tmp_path / "part"
    _write(part, [np.zeros((48, 64, 3), np.float32)] * len(NUMBERS))
    [warning] = match([part], clip, first=1005, media=MediaSettings(), work_dir=None).warnings
    assert "from frame 1005 on: the last 2 are left out" in warning
    for number in NUMBERS[3:]:
        (part / f"{number}.png").unlink()
    [warning] = match([part], clip, first=None, media=MediaSettings(), work_dir=None).warnings
    assert "taken for frames 1001-1005" in warning


def _frames(frames: str) -> MediaSettings:
    return MediaSettings(frames=frames)
