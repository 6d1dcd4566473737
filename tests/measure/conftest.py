"""A scene in motion, a painting of it, and that painting with one defect each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
import torch
from synthetic import Disc, Texture, make_scene

from vidstyle.measure.measure import measure
from vidstyle.measure.results import Study
from vidstyle.media.numbered import write_numbered
from vidstyle.media.stills import write_image
from vidstyle.settings import Settings, StyleImage

Images = Sequence[npt.NDArray[np.float32]]
FRAMES, SIZE, CUT = 16, (96, 128), 4
REPEATED = 10
"""The frame, counted from 1, that stands still in the painting with that defect."""


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
        for _ in write_numbered(images, folder / name / "%03d.png", 16):
            pass
    points = np.stack(np.meshgrid(np.arange(120), np.arange(90)), -1).astype(np.float64)
    write_image(folder / "style.png", paint(Texture(11)(points).astype(np.float32)))
    (folder / "cuts.txt").write_text(f"{CUT + 1}\n")
    return folder


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
    settings = Settings().replace(threads=1, cuts=str(folder / "cuts.txt"), device="cpu")
    run = measure(folder / name, folder / "clip", [StyleImage(folder / "style.png")], settings, **more)  # type: ignore[arg-type]
    while True:
        try:
            next(run)
        except StopIteration as end:
            found: Study = end.value
            return found


def paint(image: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Other colours and hard bands, point by point: as steady as the clip, and sharper."""
    bands = image + 0.06 * np.sin(60 * image.mean(-1, keepdims=True))
    mixed = bands @ np.array([[0.2, 0.5, 0.5], [0.6, 0.3, 0.0], [0.1, 0.1, 0.5]], np.float32)
    return np.clip(mixed, 0, 1).astype(np.float32)


def make_paintings(clip: Images) -> dict[str, Images]:
    """The painting, and what can be wrong with one."""
    good = [paint(image) for image in clip]
    rng = np.random.default_rng(0)
    jitter = [np.roll(image, rng.permutation([1, 0]) * rng.choice([-1, 1]), (0, 1)) for image in good]
    repeated = list(good)
    repeated[REPEATED - 1] = repeated[REPEATED - 2]
    # As ffmpeg's tmix: each frame the mean of the last three, shots or not.
    average = [np.mean(good[max(0, i - 2) : i + 1], 0, dtype=np.float32) for i in range(len(good))]
    return {
        "good": good,
        "jitter": jitter,
        "flicker": [np.clip(image * (1 + 0.01 * (-1) ** i), 0, 1) for i, image in enumerate(good)],
        "blur": [cv2.GaussianBlur(image, (0, 0), 2) for image in good],
        "repeat": repeated,
        "average": average,
    }
