"""Looks of a frame: what they are worth, and in which order they come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.helpers.runs import QUICK, drained
from vidstyle.errors import OutputError, UsageError
from vidstyle.looks.board import Look
from vidstyle.looks.looks import paint_looks
from vidstyle.media.images.stills import read_image, write_image
from vidstyle.media.probe.probe import probe
from vidstyle.media.reader import read_frames
from vidstyle.media.source import scaled_size
from vidstyle.render.still import stylize_image
from vidstyle.settings import Mask, Settings, StyleImage
from vidstyle.style.network.device import select_device
from vidstyle.style.network.remembered import RememberedNetwork
from vidstyle.style.network.vgg import FeatureNetwork
from vidstyle.style.solver import feature_network

STEPS = QUICK.replace(first_frame_steps=4)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A photo of 192×24, which is painted at two sizes, and two styles beside it."""
    rng = np.random.default_rng(0)
    for name, size in (("photo", (24, 192)), ("a", (32, 40)), ("b", (40, 32))):
        write_image(tmp_path / f"{name}.png", rng.random((*size, 3), np.float32))
    return tmp_path / "photo.png"


def looks_of(photo: Path, *settings: Settings) -> list[Look]:
    return [
        Look((StyleImage(photo.with_name(f"{name}.png")),), chosen, (name, str(place)), f"paint {name}")
        for name in "ab"
        for place, chosen in enumerate(settings)
    ]


@pytest.mark.slow
def test_a_look_is_what_the_command_paints(photo: Path) -> None:
    """In one network's hands, beside other looks, half of it earlier than the rest: to the same pixels."""
    from vidstyle.looks.looks import subjects_at
    from vidstyle.looks.paint import paint

    grid = looks_of(photo, STEPS, STEPS.replace(style_weight=100), STEPS.replace(style_scale=2))
    drawn = np.zeros((24, 192, 3), np.float32)
    drawn[:, :96] = 1
    write_image(mask := photo.with_name("mask.png"), drawn)
    a, b = (StyleImage(photo.with_name(f"{name}.png")) for name in "ab")
    masked = replace(a, mask=Mask(drawn=((1, mask),)))
    grid += [Look(styles, STEPS, (), "") for styles in ((masked,), (masked, b), (a, replace(b, weight=2.0)))]
    source = probe(photo, None)
    subjects = subjects_at(source, (), grid)
    news, _ = drained(paint(source, grid, subjects))
    finished = {step.look: step.image for step in news if step.done}
    assert sorted(finished) == list(range(9))
    for look, image in finished.items():
        out = photo.with_name(f"{look}.png")
        drained(stylize_image(photo, grid[look].styles, out, grid[look].settings))
        assert image is not None
        np.testing.assert_allclose(read_image(out), image.clip(0, 1), atol=0.5 / 255 + 1e-6)


@pytest.mark.slow
def test_all_are_seen_coarse_before_one_is_fine(photo: Path) -> None:
    grid = looks_of(photo, STEPS, STEPS.replace(style_weight=100))
    sheet = photo.with_name("sheet.png")
    news, _ = drained(paint_looks(photo, grid, (), sheet))
    assert [one.kind for one in news if one.kind != "evaluation"] == ["plan", *["look"] * 5, "done"]
    assert read_image(sheet).shape[1] > 4 * 192
    from vidstyle.looks.looks import subjects_at
    from vidstyle.looks.paint import paint

    source = probe(photo, None)
    shown = [step for step in paint(source, grid, subjects_at(source, (), grid)) if step.image is not None]
    assert sorted(step.look for step in shown[:4]) == sorted(step.look for step in shown[4:]) == [0, 1, 2, 3]
    assert [step.done for step in shown] == [False] * 4 + [True] * 4
    assert [step.share for step in shown] == sorted(step.share for step in shown)
    assert shown[-1].share == pytest.approx(1)


def test_a_picture_is_seen_once(monkeypatch: pytest.MonkeyPatch) -> None:
    device = select_device(STEPS.run)
    network = feature_network(STEPS, device, RememberedNetwork)
    seen: list[tuple[int, ...]] = []
    forward = FeatureNetwork.forward
    monkeypatch.setattr(
        FeatureNetwork,
        "forward",
        lambda self, image, layers=None: (seen.append(image.shape), forward(self, image, layers))[1],
    )
    image = torch.rand(1, 3, 16, 24)
    with torch.no_grad():
        for picture in (image, image.clone(), image.reshape(1, 3, 24, 16)):
            network(picture, ["relu1_1"])
    assert seen == [(1, 3, 16, 24), (1, 3, 24, 16)]
    network(image, ["relu1_1"])
    assert len(seen) == 3


def test_what_can_not_be_painted_is_said_before_anything_is(photo: Path) -> None:
    grid, sheet = looks_of(photo, STEPS), photo.with_name("sheet.png")
    with pytest.raises(UsageError, match="none or too many"):
        next(paint_looks(photo, [], (), sheet))
    with pytest.raises(UsageError, match="no picture format"):
        next(paint_looks(photo, grid, (), photo.with_name("sheet.mp4")))
    with pytest.raises(OutputError, match="one of the inputs"):
        next(paint_looks(photo, grid, (), photo, overwrite=True))
    with pytest.raises(UsageError, match=r"--at 9: .* no frame there"):
        next(paint_looks(photo, grid, ("9",), sheet))
    sheet.write_text("mine")
    with pytest.raises(OutputError, match="-y"):
        next(paint_looks(photo, grid, (), sheet))
    assert sheet.read_text() == "mine"


def test_a_frame_is_decoded_once_bars_and_all(
    tmp_path: Path, make_clip: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    from vidstyle.looks import looks

    clip = tmp_path / "barred.mkv"
    make_clip(clip, "testsrc2=s=64x40:r=5,trim=end_frame=3,pad=64:64:0:12")
    reads: list[object] = []

    def counted(*args: Any, **kwargs: Any) -> Any:
        reads.append(args)
        return read_frames(*args, **kwargs)

    monkeypatch.setattr(looks, "read_frames", counted)
    source = probe(clip, None)
    settings = STEPS.replace(size=32)
    look = Look((StyleImage(clip),), settings, (), "")
    [subject] = looks.subjects_at(source, (), [look])
    assert len(reads) == 1
    assert subject.picture is not None
    as_film = next(read_frames(source, 1, 2, scaled_size(source, 32))).image
    np.testing.assert_array_equal(subject.image, as_film)
