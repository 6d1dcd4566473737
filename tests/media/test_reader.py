from __future__ import annotations

import dataclasses
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from tests.helpers.footage import MakeClip, picture
from tests.helpers.outputs import write_video
from vidstyle.errors import InputError
from vidstyle.jobs.shots import inspect_shots
from vidstyle.media.images.stills import write_image
from vidstyle.media.probe.inspection import Inspection
from vidstyle.media.probe.probe import probe
from vidstyle.media.reader import read_frames
from vidstyle.settings import MediaSettings, Settings

COLORS = np.random.default_rng(5).integers(0, 256, (3, 4, 3)).astype(np.uint8)
COLORS[0, :2] = [[0, 0, 0], [255, 255, 255]]
# What rounding to whole numbers of YUV costs at most, by the gains of the matrices.
ROUNDING = {8: 2.3 / 255, 10: 0.6 / 255}


@pytest.fixture(scope="module")
def clips(make_clip: MakeClip, plain: Path, uneven: Path) -> dict[str, Path]:
    """A clip of each kind that is hard to find a frame in."""
    x264 = ["-c:v", "libx264", "-g", "6", "-bf", "3"]
    return {
        "plain": plain,
        "uneven": uneven,
        "open groups": make_clip("open.mp4", *picture(), *x264, "-x264-params", "open-gop=1"),
        "matroska": make_clip("seek.mkv", *picture("30000/1001"), *x264),
        "transport": make_clip("seek.ts", *picture(), *x264),
        "avi": make_clip("seek.avi", *picture(), *x264),
        "bare": make_clip("seek.h264", *picture(), *x264),
        "vp8": make_clip("seek.webm", *picture(), "-c:v", "libvpx", "-g", "6", "-auto-alt-ref", "1"),
        "fields": make_clip("seek-fields.mp4", *picture(), *x264, "-flags", "+ildct+ilme"),
        "edited": make_clip("seek-edited.mp4", "-ss", "0.4", "-i", f"file:{plain}", "-c", "copy"),
        "late": make_clip("late.mkv", *picture(), *x264, "-output_ts_offset", "3.5"),
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    ["plain", "uneven", "open groups", "matroska", "transport", "avi", "bare", "vp8", "fields", "edited", "late"],
)
def test_any_start_gives_the_very_same_frames(clips: dict[str, Path], name: str) -> None:
    source = probe(clips[name])
    whole = list(read_frames(source))
    assert [frame.index for frame in whole] == list(range(len(source.pts)))
    assert [frame.pts for frame in whole] == list(source.pts)
    different = sum(not np.array_equal(a.image, b.image) for a, b in pairwise(whole))
    assert different == len(whole) - 1  # or a wrong frame would go unseen
    for start in range(0, len(whole), 3):
        part = list(read_frames(source, start, start + 2))
        assert [frame.index for frame in part] == list(range(start, min(start + 2, len(whole))))
        for frame in part:
            assert np.array_equal(frame.image, whole[frame.index].image)


def test_frames_are_rgb_floats(plain: Path) -> None:
    source = probe(plain)
    frame = next(read_frames(source))
    assert frame.image.shape == (48, 64, 3)
    assert frame.image.dtype == np.float32
    assert frame.image.flags.c_contiguous
    assert 0 <= frame.image.min() < frame.image.max() <= 1
    assert frame.alpha is None
    assert list(read_frames(source, 20)) == []


@pytest.mark.parametrize("size", [(31, 23), (129, 97)])
def test_resizing(plain: Path, size: tuple[int, int]) -> None:
    source = probe(plain)
    small, full = next(read_frames(source, size=size)), next(read_frames(source))
    assert small.image.shape == (size[1], size[0], 3)
    assert small.image.min() >= 0
    assert small.image.max() <= 1
    np.testing.assert_allclose(small.image.mean((0, 1)), full.image.mean((0, 1)), atol=0.01)


@pytest.mark.parametrize(
    ("options", "turn"),
    [
        (["-display_rotation", "-90"], lambda image: np.rot90(image, -1)),
        (["-display_rotation", "180"], lambda image: np.rot90(image, 2)),
        (["-display_rotation", "90"], lambda image: np.rot90(image)),
        (["-display_hflip"], lambda image: image[:, ::-1]),
        (["-display_rotation", "90", "-display_hflip"], lambda image: np.rot90(image)[:, ::-1]),
    ],
)
def test_frames_are_upright(make_clip: MakeClip, plain: Path, options: list[str], turn) -> None:
    name = "upright" + "".join(options).replace(" ", "") + ".mp4"
    turned = make_clip(name, *options, "-i", f"file:{plain}", "-c", "copy")
    upright, stored = next(read_frames(probe(turned))), next(read_frames(probe(plain)))
    np.testing.assert_array_equal(upright.image, turn(stored.image))


@pytest.mark.slow
@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv444p", "yuv420p10le", "yuv422p10le"])
@pytest.mark.parametrize(
    ("space", "matrix"),
    [
        ("bt709", (0.2126, 0.0722)),
        ("smpte170m", (0.299, 0.114)),
        ("bt2020nc", (0.2627, 0.0593)),
        (None, (0.299, 0.114)),
    ],
)
@pytest.mark.parametrize("full", [False, True])
def test_colors_are_those_of_the_tags(
    tmp_path: Path, pixel_format: str, space: str | None, matrix: tuple[float, float], full: bool
) -> None:
    """Flat patches, converted by the definition of the matrix (H.273), come back as they were."""
    depth = 10 if "10" in pixel_format else 8
    rgb = COLORS / 255
    luma = rgb @ [matrix[0], 1 - sum(matrix), matrix[1]]
    planes = [
        luma,
        (rgb[..., 2] - luma) / (2 - 2 * matrix[1]),
        (rgb[..., 0] - luma) / (2 - 2 * matrix[0]),
    ]
    top = 2**depth - 1
    frame = av.VideoFrame(64, 48, pixel_format)
    for index, (plane, values) in enumerate(zip(frame.planes, planes, strict=True)):
        if full:
            values = values * top + (index > 0) * 2 ** (depth - 1)
        else:
            values = (values * (224 if index else 219) + (128 if index else 16)) * 2 ** (depth - 8)
        block = plane.height // 3, plane.width // 4
        pixels = np.repeat(np.repeat(np.rint(np.clip(values, 0, top)), block[0], 0), block[1], 1)
        rows = np.zeros(
            (plane.height, plane.line_size // (2 if depth > 8 else 1)), np.uint16 if depth > 8 else np.uint8
        )
        rows[:, : plane.width] = pixels
        plane.update(rows.tobytes())
    path = tmp_path / "patches.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, pixel_format
        stream.codec_context.color_range = 2 if full else 1
        stream.codec_context.colorspace = {"bt709": 1, "smpte170m": 6, "bt2020nc": 9, None: 2}[space]
        container.mux([*stream.encode(frame), *stream.encode()])
    source = probe(path)
    assert (source.color.space, source.color.range) == (space, "pc" if full else "tv")
    found = next(read_frames(source)).image[8::16, 8::16]
    np.testing.assert_allclose(found, rgb, atol=ROUNDING[depth])


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("half.mov", ["-c:v", "prores_ks", "-pix_fmt", "yuva444p10le"]),
        ("half.webm", ["-c:v", "libvpx-vp9", "-lossless", "1", "-pix_fmt", "yuva420p"]),
    ],
)
def test_opacity(make_clip: MakeClip, name: str, codec: list[str]) -> None:
    half = "format=rgba,geq=r='r(X,Y)':g='g(X,Y)':b='b(X,Y)':a='if(lt(X,32),255,102)'"
    frames = list(read_frames(probe(make_clip(name, *picture(frames=4), "-vf", half, *codec)), size=(32, 24)))
    assert len(frames) == 4
    for frame in frames:
        assert frame.alpha is not None
        assert frame.alpha.shape == (24, 32)
        np.testing.assert_allclose(frame.alpha[:, :14], 1, atol=0.003)
        np.testing.assert_allclose(frame.alpha[:, 18:], 0.4, atol=0.01)


def test_fields_become_frames(make_clip: MakeClip) -> None:
    """A bar that moves between the two fields of a frame leaves a comb, which deinterlacing removes."""
    bar = "color=black:s=64x48:r=50,format=gray,geq=lum='255*between(X,4*N,4*N+12)',trim=end_frame=16"
    source = probe(
        make_clip(
            "comb.mkv",
            *["-f", "lavfi", "-i", bar, "-vf", "interlace=lowpass=off,format=yuv420p,setfield=tff"],
            *["-c:v", "libx264", "-qp", "0", "-flags", "+ildct+ilme"],
        )
    )
    assert source.interlaced
    assert len(source.pts) == 8
    frames = [frame.image[..., 0] for frame in read_frames(source)]
    assert len(frames) == 8
    with av.open(str(source.path)) as container:
        woven = [frame.to_ndarray(format="gray") / 255 for frame in container.decode(video=0)]

    def comb(image: np.ndarray) -> float:
        return float(np.abs(image[1:-1] - (image[:-2] + image[2:]) / 2).mean())

    assert np.mean([comb(image) for image in woven]) > 0.05
    assert np.mean([comb(image) for image in frames]) < 0.3 * np.mean([comb(image) for image in woven])


def test_pictures(tmp_path: Path) -> None:
    for number in range(3):
        write_image(tmp_path / f"{number}.png", np.full((6, 9, 4), number / 2, np.float32))
    frames = list(read_frames(probe(tmp_path), 1))
    assert [frame.index for frame in frames] == [1, 2]
    np.testing.assert_allclose(frames[0].image, 0.5, atol=0.002)
    np.testing.assert_allclose(frames[0].alpha, 0.5, atol=0.002)
    write_image(tmp_path / "3.png", np.zeros((6, 10, 3), np.float32))
    with pytest.raises(InputError, match="one size"):
        probe(tmp_path)


def test_fewer_frames_than_promised_is_an_error(plain: Path) -> None:
    source = probe(plain)
    longer = dataclasses.replace(source, pts=(*source.pts, source.pts[-1] + 512))
    with pytest.raises(InputError, match="frame 21"):
        list(read_frames(longer))


@pytest.mark.slow
@pytest.mark.parametrize("lost", [(10,), (0,), (19,), (4, 5, 6)])
@pytest.mark.parametrize("start", [0, 8])
def test_a_frame_that_cannot_be_decoded_repeats_the_one_before(
    tmp_path: Path, make_clip: MakeClip, lost: tuple[int, ...], start: int
) -> None:
    whole = make_clip("intra.mov", *picture(), "-c:v", "prores_ks")
    path = tmp_path / "damaged.mov"
    path.write_bytes(whole.read_bytes())
    zeroed_bytes(path, lost)
    source = probe(path)
    good = [frame.image for frame in read_frames(probe(whole))]
    frames = list(read_frames(source, start))
    assert [frame.index for frame in frames] == list(range(start, 20))
    for frame in frames:
        stand_in = next((place for place in range(frame.index, -1, -1) if place not in lost), max(lost) + 1)
        assert frame.status == ("repeated" if frame.index in lost else "ok")
        np.testing.assert_array_equal(frame.image, good[frame.index if frame.index not in lost else stand_in])


def zeroed_bytes(path: Path, lost: tuple[int, ...]) -> None:
    """Fill the packets of some frames with zeros."""
    data = bytearray(path.read_bytes())
    with av.open(f"file:{path}") as container:
        for index, packet in enumerate(container.demux(video=0)):
            if index in lost:
                middle = data.index(bytes(packet))
                data[middle : middle + packet.size] = bytes(packet.size)
    path.write_bytes(data)


@pytest.mark.slow
@pytest.mark.parametrize("start", [7, 33, 58])
def test_a_part_of_a_stream_without_true_keyframes(make_clip: MakeClip, start: int) -> None:
    """With intra-refresh a decoder that comes in on the way leaves frames out until the picture is whole."""
    options = ("-c:v", "libx264", "-qp", "12", "-x264-params", "intra-refresh=1:keyint=24:bframes=0")
    source = probe(make_clip("refresh.mkv", *picture(frames=70), *options))
    whole = [frame.image for frame in read_frames(source)]
    part = [frame.image for frame in read_frames(source, start, start + 4)]
    assert [np.abs(a - b).max() for a, b in zip(part, whole[start:], strict=False)] == [0] * 4


@pytest.mark.slow
@pytest.mark.parametrize("start", [7, 33, 58])
@pytest.mark.parametrize("tool", ["cabac", "8x8dct"])
def test_a_part_of_a_stream_that_says_at_its_beginning_alone_how_it_is_decoded(
    make_clip: MakeClip, tmp_path: Path, tool: str, start: int
) -> None:
    """A decoder that comes in later believes the header, which is another stream's, and mends or shows nothing."""
    plainly, well = (
        make_clip(f"{used}.mp4", *picture(frames=70), "-c:v", "libx264", "-x264-params", f"{tool}={used}:keyint=24")
        for used in (0, 1)
    )
    with av.open(plainly) as one, av.open(well) as other, av.open(tmp_path / "both.mp4", "w") as both:
        stream = both.add_stream_from_template(one.streams.video[0])
        for packet in other.demux(video=0):
            if packet.size:
                header = in_band(other.streams.video[0].codec_context.extradata) if packet.pts == 0 else b""
                moved = av.Packet(header + bytes(packet))
                moved.pts, moved.dts, moved.duration = packet.pts, packet.dts, packet.duration
                moved.time_base, moved.is_keyframe, moved.stream = packet.time_base, packet.is_keyframe, stream
                both.mux(moved)
    whole = [frame.image for frame in read_frames(probe(well))]
    part = list(read_frames(probe(tmp_path / "both.mp4"), start, start + 4))
    assert [frame.status for frame in part] == ["ok"] * 4
    assert [np.abs(a.image - b).max() for a, b in zip(part, whole[start:], strict=False)] == [0] * 4


def in_band(header: bytes | None) -> bytes:
    """The parameter sets of an MP4's header (ISO/IEC 14496-15, 5.2.4.1) as they stand in a frame."""
    assert header is not None
    found, at = b"", 5
    for mask in (0x1F, 0xFF):
        count, at = header[at] & mask, at + 1
        for _ in range(count):
            length = int.from_bytes(header[at : at + 2])
            found += length.to_bytes(4) + header[at + 2 : at + 2 + length]
            at += 2 + length
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("codec", "size", "shape", "left", "right"),
    [
        ("libx264", "48x96", "4/3", 20, 44),
        ("libx264", "32x48", "4/3", 16, 48),
        ("libx264", "64x48", "2/3", 16, 48),
        ("mpeg2video", "64x48", "1/1", 8, 56),
    ],
)
def test_frames_of_another_size_or_pixel_shape_are_told_and_fitted_in_their_own_shape(
    make_clip: MakeClip, tmp_path: Path, codec: str, size: str, shape: str, left: int, right: int
) -> None:
    def white(name: str, size: str, shape: str) -> bytes:
        film = ["-f", "lavfi", "-i", f"color=white:s={size}:r=25:d=0.2,setsar={shape}"]
        return make_clip(f"{name}-{codec}.ts", *film, "-c:v", codec).read_bytes()

    both = tmp_path / "both.ts"
    both.write_bytes(white("large", "64x48", "4/3") + white(f"{size}-{shape[0]}", size, shape))
    source = probe(both, MediaSettings(on_damage="paint"))
    inspection = Inspection(source)
    frames = list(inspection.watched(read_frames(source)))
    assert source.size == (64, 48) and source.sample_aspect_ratio == Fraction(4, 3) and frames[0].image.min() > 0.9
    found = [frame for frame in frames if frame.status == "fitted"]
    assert found and "are of another size than 64×48" in inspection.notes[0]
    image = found[-1].image
    assert image[:, left + 2 : right - 2].min() > 0.9
    assert image[:, : left - 2].max() < 0.1 and image[:, right + 2 :].max() < 0.1
    uneven = inspect_shots(source, range(len(source.pts)), Settings().replace(on_damage="paint"))[0]
    for _ in write_video(uneven, None, tmp_path / "out.mkv"):  # as they are shown
        pass
    assert np.abs([*read_frames(probe(tmp_path / "out.mkv"))][-1].image - image).mean() < 0.03


def test_one_pixel_shape_in_several_roundings_is_one(make_clip: MakeClip, tmp_path: Path) -> None:
    parts = [
        make_clip(f"{shape.replace('/', '-')}.ts", *picture(frames=3), "-vf", f"setsar={shape}", "-c:v", "libx264")
        for shape in ("12/11", "59/54")
    ]
    both = tmp_path / "both.ts"
    both.write_bytes(b"".join(part.read_bytes() for part in parts))
    frames = read_frames(probe(both, MediaSettings(on_damage="paint")))
    assert "fitted" not in {frame.status for frame in frames}
