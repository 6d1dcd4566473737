"""What moves by itself is told from what goes with the camera, on scenes whose motion is known."""

import itertools
import subprocess
from pathlib import Path

import cv2
import imageio_ffmpeg
import numpy as np
import pytest

from tests.helpers.synthetic import Disc, make_scene
from vidstyle.motion.camera.own_motion import own_motion
from vidstyle.motion.methods import flow_method
from vidstyle.motion.methods.dis import dense_inverse_search

NOISE = 3 / 255


@pytest.fixture
def grain():
    """Adds a sensor's noise to an image, another one each time."""
    rng = np.random.default_rng(5)
    return lambda image: (image + rng.normal(0, NOISE, image.shape)).clip(0, 1).astype(np.float32)


def off(flow, truth):
    """How far a flow is from the true one, in pixels, (H, W)."""
    return np.linalg.norm(flow - np.broadcast_to(truth, flow.shape), axis=2)


def half_flat(image):
    """The left half has texture, the right half none."""
    flat = image.copy()
    flat[:, image.shape[1] // 2 :] = 0.5
    return flat


@pytest.mark.parametrize("gain", [1, 0.85], ids=["steady light", "light that falls"])
@pytest.mark.parametrize("picture", [lambda image: image, half_flat], ids=["textured", "half of it flat"])
def test_a_still_scene_under_noise_does_not_move(picture, gain, grain):
    image = picture(make_scene(1, (120, 160)).images[0])
    a, b = grain(image), grain(gain * image)
    found = dense_inverse_search(a, b)
    assert np.abs(found).max() > 0.1
    flow = own_motion(found, a, b)
    assert (np.abs(flow) < 0.01).mean() > 0.95
    assert np.abs(flow).mean() < 0.05 * np.abs(found).mean()


def encoded(frames, path: Path, quality: int) -> list[np.ndarray]:
    """Frames, (H, W, 3) in 0..1, as H.264 of a quality leaves them."""
    height, width = frames[0].shape[:2]
    raw = b"".join(np.rint(frame * 255).astype(np.uint8).tobytes() for frame in frames)
    program = imageio_ffmpeg.get_ffmpeg_exe()
    size = f"{width}x{height}"
    command = [
        program,
        "-v",
        "error",
        "-f",
        "rawvideo",
        "-pix_fmt",
        "rgb24",
        "-s",
        size,
        "-i",
        "-",
        "-crf",
        str(quality),
    ]
    subprocess.run([*command, "-c:v", "libx264", "-pix_fmt", "yuv420p", str(path)], input=raw, check=True)
    command = [program, "-v", "error", "-i", str(path), "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    out = subprocess.run(command, capture_output=True, check=True).stdout
    decoded = np.frombuffer(out, np.uint8).reshape(-1, height, width, 3)
    return [frame.astype(np.float32) / 255 for frame in decoded]


@pytest.mark.parametrize("quality", [24, 34, 42])
def test_what_a_codec_leaves_is_no_motion(quality, grain, tmp_path):
    image = half_flat(0.3 + 0.2 * make_scene(1, (120, 160)).images[0])
    frames = encoded([grain(image) for _ in range(6)], tmp_path / "clip.mp4", quality)
    for earlier, frame in itertools.pairwise(frames[2:]):
        flow = own_motion(dense_inverse_search(frame, earlier), frame, earlier)
        assert (np.linalg.norm(flow, axis=2) < 0.05).mean() > 0.9


@pytest.mark.parametrize("shift", [(0.4, -0.3), (1.5, 1.5), (12, 5)], ids=["half a pixel", "two pixels", "fast"])
def test_a_pan_is_followed(shift, grain):
    a, b = map(grain, make_scene(2, (120, 160), shift=shift).images)
    found = dense_inverse_search(a, b)
    inner = np.s_[16:-16, 16:-16]
    assert off(own_motion(found, a, b), shift)[inner].mean() < max(0.1, off(found, shift)[inner].mean())


def test_a_turn_is_followed(grain):
    scene = make_scene(2, (120, 160), degrees=2)
    a, b = map(grain, scene.images)
    inner = np.s_[16:-16, 16:-16]
    assert off(own_motion(dense_inverse_search(a, b), a, b), scene.forward[0])[inner].mean() < 0.1


def test_a_texture_without_a_quiet_place_is_followed():
    texture = np.random.default_rng(0).random((40, 64, 3), np.float32)
    texture = (texture + np.roll(texture, 1, 1) + np.roll(texture, 2, 1)) / 3
    a, b = np.ascontiguousarray(texture[:, :60]), np.ascontiguousarray(texture[:, 4:])
    flow = own_motion(dense_inverse_search(b, a), b, a)
    assert np.median(flow[..., 0]) == pytest.approx(4, abs=0.1)


@pytest.mark.parametrize("shift", [(0.6, 0.3), (3, -1)], ids=["slow", "faster"])
def test_something_moves_before_a_ground_at_rest(shift, grain):
    scene = make_scene(2, (160, 240), disc=Disc((60, 60), 28, shift))
    a, b = map(grain, scene.images)
    flow = own_motion(dense_inverse_search(a, b), a, b)
    from_centre = np.hypot(*(np.mgrid[:160, :240] - np.array([60, 60])[:, None, None]))
    assert np.median(off(flow, shift)[from_centre < 22]) < 0.15
    assert np.abs(flow[:, 130:]).max() == 0


def test_something_moves_before_a_ground_that_goes_with_the_camera(grain):
    scene = make_scene(2, (160, 240), shift=(2, 0), disc=Disc((90, 70), 24, (-2, 1)))
    a, b = map(grain, scene.images)
    flow = own_motion(dense_inverse_search(a, b), a, b)
    from_centre = np.hypot(*(np.mgrid[:160, :240] - np.array([70, 90])[:, None, None]))
    assert np.median(off(flow, (-2, 1))[from_centre < 18]) < 0.2
    assert off(flow, (2, 0))[:, 150:230].mean() < 0.1


def test_a_flat_sky_goes_with_the_camera_in_a_slow_pan(grain):
    """By itself it can't tell, and a painting must not tear there."""
    a, b = (image.copy() for image in make_scene(2, (120, 160), shift=(0.5, 0)).images)
    a[:50], b[:50] = 0.5, 0.5
    a, b = grain(a), grain(b)
    flow = own_motion(dense_inverse_search(a, b), a, b)
    assert off(flow, (0.5, 0))[:40].mean() < 0.1


def test_a_flat_wall_is_not_dragged_along_by_what_moves_before_it(grain):
    wall = np.full((160, 240, 3), 0.7, np.float32)
    disc = make_scene(2, (160, 240), disc=Disc((100, 80), 40, (4, 0)))
    rows, columns = np.mgrid[:160, :240]
    frames = []
    for step, image in enumerate(disc.images):
        inside = np.hypot(rows - 80, columns - 100 - 4 * step) < 40
        frames.append(grain(np.where(inside[..., None], image, wall)))
    a, b = frames
    flow = own_motion(dense_inverse_search(a, b), a, b)
    assert np.median(off(flow, (4, 0))[60:100, 80:120]) < 0.2
    far = np.hypot(rows - 80, columns - 102) > 52
    assert (np.linalg.norm(flow, axis=2)[far] < 0.05).mean() > 0.97


def test_a_flat_roof_moves_with_its_rim(grain):
    """A car seen from above, before a street that has a texture."""
    street = make_scene(1, (160, 240)).images[0]
    frames = []
    for step in range(2):
        image = street.copy()
        left = 60 + 4 * step
        cv2.rectangle(image, (left, 50), (left + 80, 110), (0.1, 0.1, 0.1), -1)
        cv2.rectangle(image, (left + 5, 55), (left + 75, 105), (0.9, 0.9, 0.9), -1)
        frames.append(grain(image))
    a, b = frames
    found = dense_inverse_search(a, b)
    roof = np.s_[70:94, 84:116]
    assert off(found, (4, 0))[roof].mean() > 1, "the search itself does not find it"
    assert off(own_motion(found, a, b), (4, 0))[roof].mean() < 0.8 * off(found, (4, 0))[roof].mean()


def test_a_plain_wall_that_a_codec_leaves_alone_goes_with_the_camera():
    """In a pan its blocks are copied from where they were, with what little they show."""
    room = make_scene(2, (160, 240), shift=(3, 0)).images
    noise = cv2.GaussianBlur(np.random.default_rng(1).normal(0, 1, (160, 240, 1)).astype(np.float32), (0, 0), 3)
    wall = np.rint(255 * (0.6 + 2 / 255 * noise / noise.std()))[..., None].repeat(3, 2) / 255
    frames = []
    for step, image in enumerate(room):
        image = image.copy()
        image[20:140, 40 + 3 * step : 180 + 3 * step] = wall[20:140, 40 + 3 * step : 180 + 3 * step]
        frames.append(image)
    a, b = frames
    found = dense_inverse_search(a, b)
    inner = np.s_[40:120, 64:160]
    assert off(found, (3, 0))[inner].mean() > 2, "the search says that it rests"
    assert off(own_motion(found, a, b), (3, 0))[inner].mean() < 0.1


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (8, 8), (9, 200), (33, 65)])
def test_any_size_is_taken(size):
    scene = make_scene(2, size, shift=(1, 0))
    flow = np.ones((*size, 2), np.float32)
    found = own_motion(flow, *scene.images)
    assert found.shape == flow.shape and found.dtype == np.float32
    assert np.isfinite(found).all()


def test_the_search_by_its_name_knows_the_camera(grain):
    image = make_scene(1, (60, 80)).images[0]
    a, b = grain(image), grain(image)
    assert np.array_equal(flow_method("dis")(a, b), own_motion(dense_inverse_search(a, b), a, b))
