"""A mask written out over a clip."""

from pathlib import Path

import numpy as np
import pytest

from vidstyle.errors import OutputError
from vidstyle.media.images.stills import read_image, write_image
from vidstyle.media.probe.probe import probe
from vidstyle.media.reader import read_frames
from vidstyle.render.direction.mask_film import preview_path, write_mask_film
from vidstyle.settings import Mask, Settings


@pytest.fixture
def mask(tmp_path: Path) -> Mask:
    """A square drawn on the third frame."""
    image = np.zeros((32, 48, 3), np.float32)
    image[8:24, 12:36] = 1
    write_image(tmp_path / "m.png", image)
    return Mask(drawn=((3, tmp_path / "m.png"),))


def test_a_mask_is_written_for_each_frame_of_the_shot_and_is_black_in_others(
    clip: Path, mask: Mask, tmp_path: Path
) -> None:
    """The clip is cut after its seventh frame."""
    output = tmp_path / "mask.mkv"
    news = list(write_mask_film(clip, mask, output, Settings()))
    film = probe(output)
    assert (film.codec, len(film.pts), film.size, film.streams) == ("ffv1", 12, (48, 32), ())
    levels = [float(frame.image.mean()) for frame in read_frames(film)]
    assert levels[2] == pytest.approx(0.25, abs=0.01) and min(levels[:7]) > 0.1 and max(levels[7:]) < 0.01
    assert news[-1].output == output and news[-1].frames_done == 12
    assert read_image(tmp_path / "mask.preview.jpg").shape == (3 * 213, 4 * 320, 3)
    with pytest.raises(OutputError):
        list(write_mask_film(clip, mask, output, Settings()))


def test_a_preview_is_named_after_its_film() -> None:
    names = {"out/a.mov": "a", "m.%04d.png": "m", "%d.png": "mask"}
    assert {name: preview_path(Path(name)).name for name in names} == {
        name: f"{stem}.preview.jpg" for name, stem in names.items()
    }
