"""EXR and DPX sequences as a compositor hands them over, and gets them back."""

from __future__ import annotations

import sys
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import OpenImageIO as oiio  # noqa: N813
import pytest

from tests.helpers.outputs import check_output, write_video
from tests.helpers.plate_files import facts, load, save, spec
from vidstyle.errors import DependencyError, InputError, OutputError, UsageError
from vidstyle.media.color import ocio
from vidstyle.media.color.display import DisplayTransform
from vidstyle.media.color.transfer import BT2020
from vidstyle.media.images.stills import decode_frame, encode_frame, read_image
from vidstyle.media.probe.probe import fingerprint, probe
from vidstyle.media.probe.source_json import from_dict, to_dict
from vidstyle.media.reader import read_frames
from vidstyle.media.source import Source
from vidstyle.settings import MediaSettings

RANDOM = np.random.default_rng(3)
FRAME = (32, 18)
# Overscan on one side, less than the frame on another.
OVER, LESS = (-4, -2, 44, 24), (6, 3, 20, 12)


def light(window: tuple[int, int, int, int], names: str = "RGBA") -> np.ndarray:
    """Sky, a sun of 30, what is below zero, edges that are half transparent, and a flare without any opacity."""
    width, height = window[2:]
    pixels = RANDOM.uniform(0.001, 1, (height, width, 4)).astype(np.float32)
    pixels[2:4, 2:4, :3] = 30
    pixels[0, 0, :3] = [-0.25, 1e-5, 6e4]
    pixels[..., 3] = 1
    pixels[5, :, :] *= 0.5
    pixels[6, :5] = 0
    pixels[7, :5] = [2, 0.5, 0.1, 0]
    return pixels[..., : len(names)]


def shot(folder: Path, window: tuple[int, int, int, int] = OVER, first: int = 1001) -> Path:
    """Three frames of two parts: half RGBA with a timecode, and float depth."""
    folder.mkdir()
    for number in range(first, first + 3):
        beauty = spec(FRAME, "RGBA", window=window, name="beauty", compression="zips", comment="slate 7")
        beauty.attribute("FramesPerSecond", oiio.TypeRational, (24000, 1001))
        beauty.attribute("smpte:TimeCode", oiio.TypeTimeCode, (0x01020300 + number - first, 0))
        depth = spec(FRAME, "Z", "float", name="depth", compression="zip")
        far = RANDOM.uniform(1, 1e5, (FRAME[1], FRAME[0], 1)).astype(np.float32)
        far[0, 0] = np.inf
        save(folder / f"sh010.{number}.exr", (beauty, light(window)), (depth, far))
    return folder


def unpainted(source: Source, output: Path, start: int = 0, stop: int | None = None, **more: object) -> None:
    """Write what is read."""
    frames = (frame.image for frame in read_frames(source, start, stop))
    list(write_video(source, frames, output, start=start, stop=stop, **more))  # type: ignore[arg-type]


@pytest.mark.parametrize("window", [OVER, LESS, (0, 0, *FRAME)])
def test_an_exr_sequence_comes_back_as_itself(tmp_path: Path, window: tuple[int, int, int, int]) -> None:
    source = probe(shot(tmp_path / "in", window))
    assert (source.frame_rate, source.numbers) == (Fraction(24000, 1001), (1001, 1002, 1003))
    unpainted(source, tmp_path / "out.####.exr")
    for number in source.numbers:
        before, after = load(tmp_path / "in" / f"sh010.{number}.exr"), load(tmp_path / f"out.{number}.exr")
        assert [facts(made) for made, _ in before] == [facts(made) for made, _ in after]
        for (_, meant), (_, found) in zip(before, after, strict=True):
            np.testing.assert_array_equal(found, meant)


def test_what_is_painted_is_the_frame_with_its_overscan(tmp_path: Path) -> None:
    source = probe(shot(tmp_path / "over"))
    assert source.size == OVER[2:]
    assert any("beyond the frame" in remark for remark in source.warnings)
    assert any("'depth'" in remark for remark in source.warnings)
    source = probe(shot(tmp_path / "less", LESS))
    assert source.size == FRAME
    frame = next(read_frames(source))
    assert frame.alpha is not None
    assert frame.alpha[:3].max() == 0
    assert frame.image.min() >= 0
    assert frame.image.max() <= 1


def test_half_the_size_keeps_all_that_a_file_holds(tmp_path: Path) -> None:
    source, size = probe(shot(tmp_path / "in")), (22, 12)
    frames = (frame.image for frame in read_frames(source, size=size))
    list(write_video(source, frames, tmp_path / "out.%04d.exr", size=size))
    (beauty, colors), (depth, far) = load(tmp_path / "out.1002.exr")
    assert (beauty.full_width, beauty.full_height, beauty.x, beauty.y, beauty.width) == (16, 9, -2, -1, 22)
    assert (depth.width, depth.height) == (16, 9)
    assert np.isin(far, load(tmp_path / "in" / "sh010.1002.exr")[1][1]).all()  # depths are picked, never mixed
    assert colors.max() > 20
    assert beauty.getattribute("smpte:TimeCode") == (0x01020301, 0)


@pytest.mark.parametrize("names", ["RGB", "Y", "BGR"])
def test_other_channels_than_rgba(tmp_path: Path, names: str) -> None:
    pixels = light((0, 0, *FRAME))[..., : len(names)]
    path = save(tmp_path / "a.0001.exr", (spec(FRAME, names, "float"), pixels))
    source = probe(tmp_path / "a.####.exr")
    assert not source.has_alpha
    unpainted(source, tmp_path / "b.####.exr")
    [(made, found)] = load(tmp_path / "b.0001.exr")
    assert made.channelnames == load(path)[0][0].channelnames
    # Floats of 32 bits come back to more than half precision.
    np.testing.assert_allclose(found, load(path)[0][1], rtol=2e-5)


def test_of_layers_the_picture_is_painted_and_the_others_kept(tmp_path: Path) -> None:
    names = ["Cryptomatte.r", "Cryptomatte.g", "Cryptomatte.b"]
    names += [f"{layer}.{channel}" for layer in ("View.Diffuse", "View.Combined") for channel in "RGB"]
    made = spec(FRAME, "x" * len(names))
    made.channelnames = tuple(names)
    path = save(tmp_path / "a.0001.exr", (made, RANDOM.uniform(0, 1, (18, 32, len(names)))))
    source = probe(tmp_path / "a.####.exr")
    assert "the layer 'View.Combined' is painted." in source.warnings
    list(write_video(source, [np.full((18, 32, 3), 0.5, np.float32)], tmp_path / "b.####.exr"))
    (header, found), (_, meant) = load(tmp_path / "b.0001.exr")[0], load(path)[0]
    painted = ["Combined" in name for name in header.channelnames]
    assert np.ptp(found[..., painted]) == 0
    np.testing.assert_array_equal(found[..., ~np.array(painted)], meant[..., ~np.array(painted)])


def test_files_that_hold_no_picture_are_refused(tmp_path: Path) -> None:
    depth = save(tmp_path / "z.exr", (spec(FRAME, "Z"), np.ones((18, 32, 1), np.float32)))
    with pytest.raises(InputError, match="no channels R, G and B"):
        probe(depth)
    whole = shot(tmp_path / "in") / "sh010.1002.exr"
    data = whole.read_bytes()
    # Its depth, its picture, its header, all of it, or another thing by its name.
    for there in (data[:-40], data[: len(data) * 3 // 4], data[:3000], b"", b"nothing of the kind"):
        whole.write_bytes(there)
        with pytest.raises(InputError, match=r"is broken: .*sh010\.1002\.exr' is (damaged|empty).*--on-damage paint"):
            probe(tmp_path / "in")
    (tmp_path / "in" / "sh010.1001.exr").unlink()
    with pytest.raises(InputError, match="is damaged"):
        probe(whole)


@pytest.mark.parametrize("suffix", [".exr", ".png"])
def test_what_is_broken_is_left_out_if_that_is_asked_for(tmp_path: Path, suffix: str) -> None:
    for number in range(1001, 1006):
        made = spec(FRAME, "RGB", "half" if suffix == ".exr" else "uint16")
        path = save(tmp_path / f"a.{number}{suffix}", (made, light((0, 0, *FRAME), "RGB")))
        if number == 1002:
            path.write_bytes(path.read_bytes()[:-100])
    (tmp_path / f"a.1004{suffix}").unlink()
    pattern = tmp_path / f"a.####{suffix}"
    with pytest.raises(InputError, match=rf"without 1 of its pictures \(1004\); it is broken: .*a\.1002\{suffix}"):
        probe(pattern)
    source = probe(pattern, MediaSettings(on_damage="paint"))
    assert source.numbers == (1001, 1003, 1005)
    assert from_dict(to_dict(source), pattern) == source
    unpainted(source, tmp_path / f"b.####{suffix}")
    assert not (tmp_path / f"b.1002{suffix}").exists()


def test_a_data_window_that_no_memory_holds_is_refused(tmp_path: Path) -> None:
    made = spec(FRAME, "RGB", window=(0, 0, 1500, 1000))
    path = save(tmp_path / "a.exr", (made, np.zeros((1000, 1500, 3), np.float32)))
    with pytest.raises(InputError, match="--max-megapixels 2"):
        probe(path, MediaSettings(max_megapixels=1))
    with pytest.raises(InputError, match="--max-megapixels 2"):
        read_image(path, max_megapixels=1)
    source = probe(path)
    assert source.size == FRAME  # so far beyond the frame is no overscan


@pytest.mark.parametrize(("bits", "kind"), [(8, "uint8"), (10, "uint16"), (12, "uint16"), (16, "uint16")])
@pytest.mark.parametrize("transfer", ["Printing density", "Undefined"])
def test_dpx_comes_back_to_the_code(tmp_path: Path, bits: int, kind: str, transfer: str) -> None:
    top, most = 2**bits - 1, np.iinfo(kind).max
    codes = np.arange(32 * 18 * 3).reshape(18, 32, 3) * 37 % (top + 1)
    made = spec(FRAME, "RGB", kind)
    made.attribute("oiio:BitsPerSample", bits)
    made.attribute("dpx:Transfer", transfer)
    made.attribute("dpx:FrameRate", 23.976)
    made.attribute("smpte:TimeCode", oiio.TypeTimeCode, (0x01020304, 0))
    path = save(tmp_path / "a.0087.dpx", (made, np.rint(codes / top * most).astype(kind)))
    source = probe(tmp_path / "a.@@@@.dpx")
    assert source.display.transfer == ("log" if transfer == "Printing density" else "srgb")
    assert (source.frame_rate, source.bit_depth) == (Fraction(24000, 1001), bits)
    unpainted(source, tmp_path / "b.@@@@.dpx")
    (before, meant), (after, found) = load(path)[0], load(tmp_path / "b.0087.dpx")[0]
    np.testing.assert_array_equal(found, meant)
    assert facts(after) == facts(before)


def test_a_tiff_file_of_floats_is_light_too(tmp_path: Path) -> None:
    path = save(tmp_path / "a.0001.tif", (spec(FRAME, "RGB", "float"), light((0, 0, *FRAME), "RGB")))
    source = probe(tmp_path / "a.####.tif")
    assert source.display == DisplayTransform("linear", floating=True)
    unpainted(source, tmp_path / "b.####.tif")
    unpainted(source, tmp_path / "b.####.exr")
    for name, within in (("b.0001.tif", 2e-5), ("b.0001.exr", 2**-10)):
        np.testing.assert_allclose(load(tmp_path / name)[0][1], load(path)[0][1], rtol=within, atol=3e-8)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_sixteen_bits_with_opacity_come_back_to_the_code(tmp_path: Path, suffix: str) -> None:
    codes = RANDOM.integers(0, 65_536, (18, 32, 4)).astype(np.uint16)
    for number in (998, 1000):
        path = save(tmp_path / f"a_{number}{suffix}", (spec(FRAME, "RGBA", "uint16"), codes))
    source = probe(tmp_path / f"a_*{suffix}")
    unpainted(source, tmp_path / f"b_####{suffix}")
    for found in (tmp_path / f"b_0998{suffix}", tmp_path / f"b_1000{suffix}"):
        # OpenImageIO multiplies a PNG's colours by its opacity, in both.
        np.testing.assert_array_equal(load(found)[0][1], load(path)[0][1])


def test_a_checkpoint_holds_half_floats() -> None:
    display = DisplayTransform("linear", floating=True)
    values = light((0, 0, *FRAME), "RGB").astype(np.float16).astype(np.float32)
    data = encode_frame(display.to_display(values), 16, display)
    read = display.from_display(decode_frame(data, (values.shape[1], values.shape[0]), display))
    np.testing.assert_array_equal(read.astype(np.float16), values.astype(np.float16))


def test_a_sequences_record_is_read_back_and_its_stamp_changes(tmp_path: Path) -> None:
    folder = shot(tmp_path / "in")
    source, mark = probe(folder), fingerprint(folder)
    assert from_dict(to_dict(source), folder) == source
    save(folder / "sh010.1002.exr", (spec(FRAME, "RGBA"), light((0, 0, *FRAME))))
    assert fingerprint(folder) != mark


def test_the_rate_is_the_one_asked_for(tmp_path: Path) -> None:
    folder = shot(tmp_path / "in")
    assert probe(folder, MediaSettings(fps="23.98")).frame_rate == Fraction(24000, 1001)
    asked = probe(folder, MediaSettings(fps="30"))
    assert asked.frame_rate == 30
    assert any("--fps 30" in remark for remark in asked.warnings)


@pytest.mark.parametrize(
    ("hdr", "transfer", "primaries"),
    [
        ("auto", "bt709", "bt709"),
        ("sdr", "bt709", "bt709"),
        ("pq", "smpte2084", "bt2020"),
        ("hlg", "arib-std-b67", "bt2020"),
    ],
)
def test_light_becomes_a_film(tmp_path: Path, hdr: str, transfer: str, primaries: str) -> None:
    source = probe(shot(tmp_path / "in", (0, 0, *FRAME)))
    assert check_output(source, tmp_path / "a.mkv", False, hdr=hdr)  # type: ignore[arg-type]  # said aloud
    unpainted(source, tmp_path / "a.mkv", hdr=hdr, crf=0)
    film = probe(tmp_path / "a.mkv")
    assert (film.color.transfer, film.color.primaries, film.frame_rate) == (transfer, primaries, Fraction(24000, 1001))
    assert film.bit_depth == 10
    brightest = max(film.display.to_light(film.display.from_display(frame.image)).max() for frame in read_frames(film))
    assert brightest == pytest.approx({"pq": 49, "hlg": 3.77}.get(hdr, 1), rel=0.1)


def test_what_a_format_cannot_hold_is_refused(tmp_path: Path) -> None:
    source = probe(shot(tmp_path / "in"))
    for name, hdr in [("a.mp4", "keep"), ("a.####.exr", "sdr"), ("a.####.png", "pq")]:
        with pytest.raises(UsageError, match=f"--hdr {hdr}"):
            check_output(source, tmp_path / name, False, hdr=hdr)  # type: ignore[arg-type]
    with pytest.raises(OutputError, match="the clip itself"):
        check_output(source, tmp_path / "in" / "sh010.%d.exr", True)
    [said] = check_output(source, tmp_path / "a.####.png", False)
    assert "SDR" in said


def test_a_style_may_be_an_exr_file(tmp_path: Path) -> None:
    grey = np.full((18, 32, 3), 0.18, np.float32)
    grey[:9] = 40
    image = read_image(save(tmp_path / "style.exr", (spec(FRAME, "RGB"), grey)))
    assert image[12, 5] == pytest.approx(0.41, abs=0.02)
    assert 0.9 < image[3, 5, 0] <= 1


def test_an_opencolorio_space_round_trips(tmp_path: Path) -> None:
    pytest.importorskip("PyOpenColorIO")
    config, folder = "ocio://default", shot(tmp_path / "in", (0, 0, *FRAME))
    source = probe(folder, MediaSettings(ocio=config, colorspace="ACEScg"))
    unpainted(source, tmp_path / "out.####.exr")
    found, meant = load(tmp_path / "out.1001.exr")[0][1], load(folder / "sh010.1001.exr")[0][1]
    np.testing.assert_allclose(found, meant, rtol=2**-10, atol=1e-7)
    white = source.display.from_srgb(np.ones((1, 1, 3), np.float32))
    assert source.display.from_display(white) == pytest.approx(1, abs=1e-3)
    for asked, error in [("Nowhere", "Nowhere"), ("auto", "--colorspace")]:
        with pytest.raises(UsageError, match=error):
            probe(folder, MediaSettings(ocio=config, colorspace=asked))
    with pytest.raises(InputError, match="can't be read"):
        probe(folder, MediaSettings(ocio=str(tmp_path / "none.ocio"), colorspace="ACEScg"))
    with pytest.raises(UsageError, match="not known"):
        probe(folder, MediaSettings(colorspace="ACEScg"))


def test_without_opencolorio_it_is_said_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PyOpenColorIO", None)
    ocio._config.cache_clear()
    with pytest.raises(DependencyError, match="pip install opencolorio"):
        probe(shot(tmp_path / "in"), MediaSettings(ocio="ocio://default", colorspace="ACEScg"))


def test_an_hdr_film_becomes_light(tmp_path: Path) -> None:
    source = probe(shot(tmp_path / "in", (0, 0, *FRAME)))
    unpainted(source, tmp_path / "a.mkv", hdr="pq", crf=0)
    film = probe(tmp_path / "a.mkv")
    unpainted(film, tmp_path / "b.####.exr")
    [(made, found)] = load(tmp_path / "b.0001.exr")
    assert tuple(made.getattribute("chromaticities")) == pytest.approx(BT2020, abs=1e-6)
    assert found.max() > 40


@pytest.mark.slow
def test_the_same_frames_make_the_same_file(tmp_path: Path) -> None:
    source = probe(shot(tmp_path / "in"))
    unpainted(source, tmp_path / "a.####.exr", 0, 1)
    bare = tmp_path / "bare.####.exr"
    save(tmp_path / "bare.0001.exr", (spec(FRAME, "RGB", DateTime=""), light((0, 0, *FRAME), "RGB")))
    film = tmp_path / "film.mkv"
    unpainted(source, film)
    clips = [probe(bare), probe(film)]
    written: list[list[bytes]] = [[], []]
    for data in written:
        for number, clip in enumerate(clips):
            output = tmp_path / f"{number}.####.exr"
            unpainted(clip, output, 0, 1, overwrite=True)
            data.append((tmp_path / f"{number}.0001.exr").read_bytes())
        time.sleep(1.1)  # OpenImageIO writes the time down, in seconds
    assert written[0] == written[1]


def test_a_film_without_transparency_shows_it_over_black(tmp_path: Path) -> None:
    pixels = np.zeros((18, 32, 4), np.float32)
    pixels[:, 8:16] = [0.1, 0.1, 0.1, 0.5]  # a grey of 0.2, half of it there
    pixels[:, 16:24] = [0.2, 0.2, 0.2, 1]
    pixels[:, 24:, :3] = 0.3  # a flare
    source = probe(save(tmp_path / "a.0001.exr", (spec(FRAME, "RGBA"), pixels)).with_name("a.####.exr"))
    unpainted(source, tmp_path / "a.mkv", hdr="pq", crf=0)
    film = probe(tmp_path / "a.mkv")
    found = film.display.to_light(film.display.from_display(next(read_frames(film)).image))
    np.testing.assert_allclose(found[9, [4, 12, 20, 28], 1], [0, 0.1, 0.2, 0.3], atol=0.01)


@pytest.mark.parametrize(("packed", "said"), [(0x01595823, "01:59:58:23"), (0x01595823 | 1 << 6, "01:59:58;23")])
def test_a_timecode_goes_from_exr_to_film_and_back(tmp_path: Path, packed: int, said: str) -> None:
    made = spec(FRAME, "RGB")
    made.attribute("smpte:TimeCode", oiio.TypeTimeCode, (packed, 0))
    made.attribute("FramesPerSecond", oiio.TypeRational, (30000, 1001))
    for number in range(3):
        save(tmp_path / f"a.{number}.exr", (made, light((0, 0, *FRAME), "RGB")))
    source = probe(tmp_path / "a.#.exr")
    assert source.timecode == said
    unpainted(source, tmp_path / "a.mov", 1)
    film = probe(tmp_path / "a.mov")
    assert film.timecode == said[:-1] + "4"
    unpainted(film, tmp_path / "b.#.exr", 1)
    assert load(tmp_path / "b.2.exr")[0][0].getattribute("smpte:TimeCode")[0] == packed + 2


@pytest.mark.parametrize("name", ["out.####.exr", "out.####.dpx"])
def test_a_file_is_written_elsewhere_before_anything_is_painted(tmp_path: Path, name: str) -> None:
    source = probe(shot(tmp_path / "in"))
    check_output(source, tmp_path / name, False)
    assert not list(tmp_path.glob("*out*"))
    if name.endswith("exr"):  # what else it holds is taken from the clip's own
        source.files[1].unlink()
        with pytest.raises(InputError, match=r"sh010\.1002\.exr"):
            check_output(source, tmp_path / name, False, start=1)


def test_pictures_with_and_without_opacity_make_a_film(tmp_path: Path) -> None:
    for number, names in enumerate(("RGBA", "RGB", "RGBA")):
        save(tmp_path / f"a.{number}.exr", (spec(FRAME, names), light((0, 0, *FRAME), names)))
    unpainted(probe(tmp_path / "a.#.exr"), tmp_path / "a.mov")
    film = probe(tmp_path / "a.mov")
    assert film.has_alpha
    assert [frame.alpha.min() == 1 for frame in read_frames(film) if frame.alpha is not None] == [False, True, False]
    unpainted(probe(tmp_path / "a.#.exr"), tmp_path / "b.#.exr")
    assert [len(load(tmp_path / f"b.{number}.exr")[0][0].channelnames) for number in range(3)] == [4, 3, 4]
