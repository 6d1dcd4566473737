"""A scene in motion, a painting of it, and that painting with one defect each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.helpers.paintings import Images, make_paintings, paint
from tests.helpers.runs import drained
from tests.helpers.synthetic import Disc, Texture, make_scene
from tests.helpers.weights import weights_once
from vidstyle.measure.measure import measure
from vidstyle.measure.results import Study
from vidstyle.media.images.stills import write_image
from vidstyle.settings import Settings, StyleImage

__all__ = ["weights_once"]

FRAMES, SIZE, CUT = 16, (96, 128), 4


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def clip_images() -> Images:
    """Two shots: a turning background, and a pan with a disc in front."""
    first = make_scene(CUT, SIZE, degrees=0.7, seed=7)
    disc = Disc(centre=(40.0, 48.0), radius=20.0, shift=(3.0, 0.5))
    return [*first.images, *make_scene(FRAMES - CUT, SIZE, shift=(-2.3, 0.4), disc=disc, seed=3).images]


@pytest.fixture(scope="session")
def paintings(clip_images: Images) -> Mapping[str, Images]:
    """A steady painting by name "good", and its defects."""
    return make_paintings(clip_images)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory, clip_images: Images, paintings: Mapping[str, Images]) -> Path:
    """All of them as numbered pictures, and a style picture."""
    folder = tmp_path_factory.mktemp("measured")
    for name, images in {"clip": clip_images, **paintings}.items():
        (folder / name).mkdir()
        for number, image in enumerate(images, 1):
            write_image(folder / name / f"{number:03d}.png", image, 16)
    points = np.stack(np.meshgrid(np.arange(120), np.arange(90)), -1).astype(np.float64)
    write_image(folder / "style.png", paint(Texture(11)(points).astype(np.float32)))
    (folder / "cuts.txt").write_text(f"{CUT + 1}\n")
    return folder


@pytest.fixture(scope="session")
def measured() -> Callable[..., Study]:
    """Measure a painting in the folder, and go through to the end."""
    return run_measure


@pytest.fixture(scope="session")
def study(folder: Path) -> Callable[..., Study]:
    """Measure what has a name against the clip; the same question is answered once."""
    known: dict[str, Study] = {}

    def ask(name: str) -> Study:
        if name not in known:
            known[name] = run_measure(folder, name)
        return known[name]

    return ask


def run_measure(folder: Path, name: str, **more: object) -> Study:
    """Go through a measurement to its end."""
    settings = Settings().replace(threads=1, cuts=str(folder / "cuts.txt"), device="cpu", first_frame_steps=4)
    styles = [StyleImage(folder / "style.png")]
    run = measure(folder / name, folder / "clip", styles, settings, every=8, **more)  # type: ignore[arg-type]
    return drained(run)[1]
