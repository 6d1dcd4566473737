from __future__ import annotations

import contextlib
import io
import random
import re
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms

from vidstyle.errors import InputError, OutputError, StorageError, UsageError
from vidstyle.media.images.pictures import describe_image, read_image_alpha
from vidstyle.media.images.stills import (
    decode_frame,
    encode_frame,
    read_image,
    read_style,
    write_image,
)
from vidstyle.media.probe.probe import probe

NOISE = np.random.default_rng(3).random((20, 30, 3), np.float32)
ALPHA = np.random.default_rng(4).random((20, 30), np.float32)
SMOOTH = np.stack(np.meshgrid(np.linspace(0, 1, 30), np.linspace(1, 0, 20)), -1)[..., [0, 1, 0]].astype(np.float32)


@pytest.mark.parametrize(
    ("suffix", "bit_depth", "error"),
    [
        (".png", 8, 0.5 / 255),
        (".png", 16, 0.5 / 65535),
        (".tif", 8, 0.5 / 255),
        (".tiff", 16, 0.5 / 65535),
        (".jpg", 8, 0.02),
        (".webp", 8, 0.04),
        (".JPEG", 16, 0.02),
    ],
)
def test_round_trips(tmp_path: Path, suffix: str, bit_depth: int, error: float) -> None:
    path = tmp_path / f"ü # 100%'{suffix}"
    write_image(path, SMOOTH, bit_depth)
    image = read_image(path)
    assert image.dtype == np.float32
    np.testing.assert_allclose(image, SMOOTH, atol=error + 1e-6)
    found = describe_image(path)
    assert (found.width, found.height, found.has_alpha) == (30, 20, False)
    assert found.bit_depth == (16 if bit_depth > 8 and suffix in (".png", ".tiff") else 8)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize(("suffix", "error"), [(".png", 0.002), (".tif", 0.002)])
@pytest.mark.parametrize("bit_depth", [8, 16])
def test_opacity(tmp_path: Path, suffix: str, error: float, bit_depth: int) -> None:
    path = tmp_path / f"a{suffix}"
    write_image(path, np.dstack([NOISE, ALPHA]), bit_depth)
    image, alpha = read_image_alpha(path)
    assert alpha is not None
    np.testing.assert_allclose(alpha, ALPHA, atol=error)
    np.testing.assert_allclose(image, NOISE, atol=error)
    np.testing.assert_allclose(read_image(path), NOISE * ALPHA[..., None] + 1 - ALPHA[..., None], atol=2 * error)
    assert describe_image(path).has_alpha


def test_jpeg_shows_opacity_over_white(tmp_path: Path) -> None:
    write_image(tmp_path / "a.jpg", np.dstack([np.zeros((8, 8, 3), np.float32), np.zeros((8, 8), np.float32)]))
    np.testing.assert_allclose(read_image(tmp_path / "a.jpg"), 1, atol=0.01)


@pytest.mark.parametrize("suffix", [".tif", ".png"])
@pytest.mark.parametrize("bit_depth", [8, 16])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied(tmp_path: Path, orientation: int, bit_depth: int, suffix: str) -> None:
    """EXIF 2.32, tag 0x0112, names the edges of the picture that the first row and column are."""
    path = tmp_path / f"a{suffix}"
    write_image(path, NOISE, bit_depth)
    upright = {
        1: NOISE,
        2: NOISE[:, ::-1],
        3: NOISE[::-1, ::-1],
        4: NOISE[::-1],
        5: NOISE.transpose(1, 0, 2),
        6: np.rot90(NOISE, -1),
        7: NOISE[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(NOISE),
    }[orientation]
    mark = _mark_tiff if suffix == ".tif" else _mark_png
    path.write_bytes(mark(path.read_bytes(), orientation))
    image = read_image(path)
    np.testing.assert_allclose(image, upright, atol=0.002)
    found = describe_image(path)
    assert (found.height, found.width) == image.shape[:2]
    assert found.bit_depth == bit_depth


def _mark_png(data: bytes, orientation: int) -> bytes:
    """The file with an eXIf chunk behind its header."""
    exif = Image.Exif()
    exif[274] = orientation
    chunk = b"eXIf" + exif.tobytes().removeprefix(b"Exif\0\0")
    return data[:33] + (len(chunk) - 4).to_bytes(4) + chunk + zlib.crc32(chunk).to_bytes(4) + data[33:]


def _mark_tiff(data: bytes, orientation: int) -> bytes:
    """The (little-endian) file with its directory copied to the end, with one entry more."""
    start = int.from_bytes(data[4:8], "little")
    count = int.from_bytes(data[start : start + 2], "little")
    entries = [data[start + 2 + 12 * place : start + 14 + 12 * place] for place in range(count)]
    entries = [entry for entry in entries if int.from_bytes(entry[:2], "little") != 274]
    tag = (274).to_bytes(2, "little") + (3).to_bytes(2, "little") + (1).to_bytes(4, "little")
    entries.append(tag + orientation.to_bytes(4, "little"))
    entries.sort(key=lambda entry: int.from_bytes(entry[:2], "little"))
    data += bytes(len(data) % 2)
    directory = len(entries).to_bytes(2, "little") + b"".join(entries) + bytes(4)
    return data[:4] + len(data).to_bytes(4, "little") + data[8:] + directory


@pytest.mark.parametrize("mode", ["L", "LA", "P", "1", "CMYK", "I;16"])
def test_every_color_mode_becomes_rgb(tmp_path: Path, mode: str) -> None:
    path = tmp_path / ("a.tif" if mode == "CMYK" else "a.png")
    gray = np.repeat(SMOOTH[..., :1], 3, -1)
    if mode == "I;16":
        cv2.imwrite(str(path), (gray[..., 0] * 65535).astype(np.uint16))
    else:
        with Image.fromarray(np.rint(gray * 255).astype(np.uint8)) as picture:
            picture.convert(mode, palette=Image.Palette.ADAPTIVE).save(path)
    image = read_image(path)
    assert image.shape == (20, 30, 3)
    if mode != "1":
        np.testing.assert_allclose(image, gray, atol=0.02)


def test_colors_of_a_wide_profile_are_converted(tmp_path: Path) -> None:
    """A picture that says it is in Lab-like or wide colours doesn't look faded: its profile is followed."""
    linear = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ"))
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    with Image.fromarray(np.full((4, 4, 3), 100, np.uint8)) as picture:
        picture.save(tmp_path / "srgb.png", icc_profile=srgb.tobytes())
        picture.save(tmp_path / "xyz.png", icc_profile=linear.tobytes())
    np.testing.assert_allclose(read_image(tmp_path / "srgb.png"), 100 / 255, atol=1e-6)
    assert read_image(tmp_path / "xyz.png").shape == (4, 4, 3)  # for another colour mode: left as it is


def test_what_is_no_picture_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "empty.png").touch()
    (tmp_path / "text.jpg").write_text("no picture at all")
    write_image(tmp_path / "whole.png", NOISE)
    data = (tmp_path / "whole.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(data[: len(data) // 2])
    write_image(tmp_path / "dot.png", NOISE[:1, :1])
    for name, words in {
        "missing.png": "no file",
        "empty.png": "empty",
        "text.jpg": "no picture",
        "cut.png": "damaged",
        "dot.png": "only 1×1",
        ".": "a folder",
    }.items():
        with pytest.raises(InputError, match=words):
            read_image(tmp_path / name, min_side=8)


def test_where_a_picture_can_t_be_written(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="png"):
        write_image(tmp_path / "a.xyz", NOISE)
    with pytest.raises(OutputError, match="nowhere"):
        write_image(tmp_path / "nowhere" / "a.png", NOISE)
    with pytest.raises(StorageError, match="20000×2"):
        write_image(tmp_path / "a.webp", np.zeros((2, 20000, 3), np.float32))
    assert list(tmp_path.iterdir()) == []


def test_values_are_rounded_and_clipped(tmp_path: Path) -> None:
    image = np.array([[[-0.1, 0.0, 0.5], [1.0, 1.7, 0.999]]], np.float32)
    write_image(tmp_path / "a.png", image)
    pixels = np.rint(read_image(tmp_path / "a.png") * 255).astype(int)
    assert pixels.tolist() == [[[0, 0, 128], [255, 255, 255]]]


@pytest.mark.parametrize(("bit_depth", "step"), [(8, 1 / 255), (10, 1 / 65535), (16, 1 / 65535)])
def test_frame_files_lose_nothing_but_the_rounding(bit_depth: int, step: float) -> None:
    first, size = encode_frame(NOISE, bit_depth), (NOISE.shape[1], NOISE.shape[0])
    once = decode_frame(first, size)
    np.testing.assert_allclose(once, NOISE, atol=0.51 * step)
    assert encode_frame(once, bit_depth) == first


def test_a_damaged_frame_file_or_one_of_another_size_is_a_storage_error() -> None:
    whole, size = encode_frame(NOISE, 8), (NOISE.shape[1], NOISE.shape[0])
    for data in (b"", whole[:40], whole[:16] + b"\xff" * 8 + whole[24:], b"GIF89a" + bytes(40)):
        with pytest.raises(StorageError, match="damaged"):
            decode_frame(data, size)
    with pytest.raises(StorageError, match="damaged"):
        decode_frame(whole, (size[1], size[0]))


@pytest.mark.parametrize("kind", ["png", "tif", "gif", "bmp", "webp"])
def test_a_picture_that_would_fill_the_memory_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"bomb.{kind}"
    write_image(tmp_path / "small.png", np.zeros((16, 16, 3), np.float32))
    path.write_bytes(_promising(kind, 16_000 if kind == "webp" else 60_000))
    with pytest.raises(InputError, match=r"60000×60000|16000×16000") as caught:
        read_image(path)
    assert re.search(r"200 million.*--max-megapixels (3600|256)\.", str(caught.value))
    with pytest.raises(InputError, match="--max-megapixels"):
        probe(path)
    Image.new("RGB", (1100, 1000)).save(tmp_path / "fine.png")
    with pytest.raises(InputError, match="--max-megapixels 2"):
        read_image(tmp_path / "fine.png", max_megapixels=1)
    assert read_image(tmp_path / "fine.png", max_megapixels=2).shape == (1000, 1100, 3)
    assert read_image(tmp_path / "fine.png", max_megapixels=0).shape == (1000, 1100, 3)


def _promising(kind: str, side: int) -> bytes:
    """A small file with a header that promises a large picture."""
    file = io.BytesIO()
    Image.new("RGB", (16, 16)).save(file, {"tif": "TIFF"}.get(kind, kind.upper()))
    data = bytearray(file.getvalue())
    if kind == "png":
        data[16:24] = side.to_bytes(4, "big") * 2
        data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    elif kind == "gif":
        data[6:10] = side.to_bytes(2, "little") * 2
    elif kind == "bmp":
        data[18:26] = side.to_bytes(4, "little") * 2
    elif kind == "webp":
        place = data.index(b"\x9d\x01\x2a") + 3
        data[place : place + 4] = side.to_bytes(2, "little") * 2
    else:
        for tag in (256, 257):
            place = data.index(tag.to_bytes(2, "little") + b"\x04\0\x01\0\0\0")
            data[place + 8 : place + 12] = side.to_bytes(4, "little")
    return bytes(data)


@pytest.mark.parametrize("kind", ["png", "jpeg", "tiff", "webp", "gif", "avif", "jpeg2000", "bmp"])
def test_a_damaged_picture_ends_in_a_sentence(tmp_path: Path, kind: str) -> None:
    """Each format's decoder raises errors of its own."""
    chance = random.Random(kind)
    file = io.BytesIO()
    Image.fromarray((NOISE * 255).astype(np.uint8)).save(file, kind)
    path = tmp_path / f"bad.{ {'jpeg2000': 'jp2', 'jpeg': 'jpg', 'tiff': 'tif'}.get(kind, kind) }"
    refused = 0
    for _ in range(40):
        data = bytearray(file.getvalue())
        for _ in range(chance.choice((1, 3))):
            data[chance.randrange(min(len(data), 300))] = chance.choice((0, 127, 255))
        path.write_bytes(data[: chance.choice((len(data), len(data) // 2))])
        for read in (read_image, probe):
            with contextlib.suppress(InputError):
                read(path)
                continue
            refused += 1
    assert refused > 10


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "deep.png"])
def test_a_huge_style_picture_is_reduced_while_it_is_read(tmp_path: Path, name: str) -> None:
    ramp = np.broadcast_to(np.linspace(0, 1, 8300, dtype=np.float32)[None, :, None], (40, 8300, 3))
    write_image(tmp_path / name, ramp, 16 if name == "deep.png" else 8)
    style = read_style(tmp_path / name, (640, 360), 1.0)
    assert style.shape == (20, 4150, 3)
    assert np.abs(style - ramp[::2, ::2]).max() < 0.02
    assert read_style(tmp_path / name, (4096, 2160), 1.0).shape == ramp.shape


@pytest.mark.parametrize(
    ("said", "spherical"),
    [
        ('GPano:ProjectionType="equirectangular"', True),
        (
            "<GPano:ProjectionType>equirectangular</GPano:ProjectionType><GPano:CroppedAreaImageWidthPixels>30"
            "</GPano:CroppedAreaImageWidthPixels><GPano:FullPanoWidthPixels>90</GPano:FullPanoWidthPixels>",
            False,
        ),
        ('GPano:ProjectionType="cylindrical"', False),
        ("", False),
    ],
)
def test_a_photo_sphere_is_known_by_its_xmp_data(tmp_path: Path, said: str, spherical: bool) -> None:
    path = tmp_path / "a.jpg"
    Image.new("RGB", (30, 20)).save(path, xmp=f"<x:xmpmeta {said}/>".encode())
    assert describe_image(path).spherical == probe(path).viewing.goes_around == spherical
