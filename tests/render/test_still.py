"""Pictures repainted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vidstyle.errors import InputError, OutputError, UsageError
from vidstyle.media.images.pictures import describe_image, read_image_alpha
from vidstyle.media.images.stills import read_image, write_image
from vidstyle.render.still import stylize_image
from vidstyle.settings import Settings, StyleImage

SETTINGS = Settings().replace(
    first_frame_steps=4,
    content_layers=("relu2_1",),
    style_layers=("relu1_1", "relu2_1"),
    threads=1,
    device="cpu",
    precision="float32",
)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A ramp with a half-transparent left side."""
    image = np.ones((30, 44, 4), np.float32)
    image[..., :3] = np.linspace(0, 1, 44, dtype=np.float32)[:, None]
    image[:, :20, 3] = 0.5
    write_image(tmp_path / "picture.png", image)
    return tmp_path / "picture.png"


@pytest.mark.parametrize("suffix", [".png", ".tif", ".webp", ".jpg"])
def test_a_picture_is_repainted_and_keeps_its_opacity_where_it_can(
    tmp_path: Path, picture: Path, style: StyleImage, suffix: str
) -> None:
    out = tmp_path / f"out{suffix}"
    told = list(stylize_image(picture, [style], out, SETTINGS))
    assert told[0].kind == "plan" and told[-1].kind == "done" and told[-1].output == out
    assert {progress.kind for progress in told[1:-1]} == {"estimate", "evaluation"}
    losses = [sum(progress.losses.values()) for progress in told if progress.kind == "evaluation"]
    assert losses[-1] < losses[0]
    painted, alpha = read_image_alpha(out)
    original, opacity = read_image_alpha(picture)
    assert painted.shape == original.shape
    assert np.abs(painted[:, 25:] - original[:, 25:]).mean() > 0.01
    if suffix == ".jpg":
        assert alpha is None
    else:
        np.testing.assert_allclose(alpha, opacity, atol=1 / 255)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([out.name, "picture.png"])


def test_the_same_command_gives_the_same_bytes(tmp_path: Path, picture: Path, style: StyleImage) -> None:
    for name in ("a.png", "b.png"):
        list(stylize_image(picture, [style], tmp_path / name, SETTINGS))
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_size_and_orientation(tmp_path: Path, style: StyleImage) -> None:
    exif = Image.Exif()
    exif[274] = 6  # turned by a quarter
    Image.fromarray(np.full((30, 44, 3), 99, np.uint8)).save(tmp_path / "turned.jpg", exif=exif)
    list(stylize_image(tmp_path / "turned.jpg", [style], tmp_path / "out.png", SETTINGS.replace(size=22)))
    assert read_image(tmp_path / "out.png").shape == (22, 15, 3)


def test_deep_colour_stays_deep(tmp_path: Path, style: StyleImage) -> None:
    write_image(tmp_path / "deep.png", np.random.default_rng(1).random((20, 20, 3), np.float32), 16)
    list(stylize_image(tmp_path / "deep.png", [style], tmp_path / "out.png", SETTINGS))
    assert describe_image(tmp_path / "out.png").bit_depth == 16


def test_two_styles_blend(tmp_path: Path, picture: Path, style: StyleImage) -> None:
    write_image(tmp_path / "flat.png", np.full((32, 32, 3), 0.1, np.float32))
    results = []
    for shares in ((1.0, 0.001), (0.001, 1.0)):
        styles = [StyleImage(style.path, shares[0]), StyleImage(tmp_path / "flat.png", shares[1])]
        list(stylize_image(picture, styles, tmp_path / "out.png", SETTINGS, overwrite=True))
        results.append(read_image(tmp_path / "out.png"))
    assert np.abs(results[0] - results[1]).mean() > 0.01


def test_what_cannot_work_says_why_and_leaves_nothing(
    tmp_path: Path, picture: Path, clip: Path, style: StyleImage
) -> None:
    (tmp_path / "taken.png").write_text("mine")
    write_image(tmp_path / "dear.png", np.zeros((32, 32, 3), np.float32))
    before = sorted(tmp_path.iterdir())
    for kind, says, arguments in (
        (UsageError, "stylize_video", (clip, [style], tmp_path / "out.png")),
        (UsageError, "no style", (picture, [], tmp_path / "out.png")),
        (UsageError, "single picture", (picture, [style], tmp_path / "out.mp4")),
        (OutputError, "exists already", (picture, [style], tmp_path / "taken.png")),
        (OutputError, "the clip itself", (picture, [style], picture)),
        (OutputError, "one of the inputs", (picture, [tmp_path / "dear.png"], tmp_path / "dear.png")),
        (InputError, "nothing.png", (picture, [tmp_path / "nothing.png"], tmp_path / "out.png")),
        (InputError, "nothing.png", (tmp_path / "nothing.png", [style], tmp_path / "out.png")),
    ):
        with pytest.raises(kind, match=says):
            list(stylize_image(*arguments, SETTINGS, overwrite="dear.png" in str(arguments)))
        assert sorted(tmp_path.iterdir()) == before
    run = stylize_image(picture, [style], tmp_path / "out.png", SETTINGS)
    next(run), next(run)
    run.close()
    assert sorted(tmp_path.iterdir()) == before
