"""Which frames a file has, and when they are shown, where its times are not all to be trusted."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.helpers.footage import MakeClip, picture
from tests.helpers.outputs import write_video
from vidstyle.media.probe import frame_index
from vidstyle.media.probe.probe import probe
from vidstyle.media.reader import read_frames


@pytest.mark.parametrize("suffix", [".mkv", ".mp4"])
def test_a_repeated_time_moves_one_frame_and_no_other(tmp_path: Path, suffix: str) -> None:
    """A variable clip of 2.1 seconds, in which a frame has the time of the one before."""
    times = [0, 40, 80, 80, 160, 500, 540, 1200, 1240, 2060, 2100]
    path = tmp_path / "repeated.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=25)
        stream.width, stream.height, stream.pix_fmt = 32, 24, "yuvj420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        for place, time in enumerate(range(len(times))):
            pixels = np.full((24, 32, 3), 20 * place, np.uint8)
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = time * 7, Fraction(1, 1000)
            for packet in stream.encode(frame):
                packet.pts = packet.dts = times[place]
                packet.time_base = Fraction(1, 1000)
                container.mux(packet)
    source = probe(path)
    meant = [time if place != 3 else 120 for place, time in enumerate(times)]
    assert [tick * source.time_base * 1000 for tick in source.pts] == meant
    assert any("one frame has no time of its own" in sentence for sentence in source.warnings)
    images = [frame.image for frame in read_frames(source)]
    assert [round(float(image.mean() * 255 / 20)) for image in images] == list(range(len(times)))
    for _ in write_video(source, images, tmp_path / f"out{suffix}"):
        pass
    result = probe(tmp_path / f"out{suffix}")
    shown = [float((tick - result.pts[0]) * result.time_base * 1000) for tick in result.pts]
    assert shown == pytest.approx(meant, abs=1.01)


@pytest.mark.parametrize("options", [(), ("-bf", "0")])
def test_an_index_tells_as_much_as_all_packets(
    make_clip: MakeClip, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    path = make_clip(f"indexed{len(options)}.mp4", *picture(), "-c:v", "libx264", *options)
    whole = probe(path)
    monkeypatch.delattr(frame_index, "_contents")
    glimpsed = probe(path, glance=True)
    assert (glimpsed.pts, glimpsed.time_base, glimpsed.frame_rate) == (whole.pts, whole.time_base, whole.frame_rate)
    [seen], [meant] = read_frames(glimpsed, 17, 18), read_frames(whole, 17, 18)
    assert np.array_equal(seen.image, meant.image)


def test_where_no_index_tells_packets_do(make_clip: MakeClip, uneven: Path) -> None:
    for path in (uneven, make_clip("plain.mkv", *picture(), "-c:v", "libx264")):
        assert probe(path, glance=True).pts == probe(path).pts
