"""Which frames a file has, and when they are shown, where its times are not all to be trusted."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.helpers.outputs import write_video
from vidstyle.media.probe.probe import probe
from vidstyle.media.probe.timestamps import repair_timestamps
from vidstyle.media.reader import read_frames


@pytest.mark.parametrize(
    ("times", "meant"),
    [
        ([0, 40, 80, 120], [0, 40, 80, 120]),
        ([0, 40, 40, 120], [0, 40, 80, 120]),
        ([0, 40, None, 120], [0, 40, 80, 120]),
        ([0, 40, 9999, 120], [0, 40, 80, 120]),
        ([0, 40, 80, 80], [0, 40, 80, 120]),
        ([None, 40, 80, 300], [0, 40, 80, 300]),
        ([0, 100, 100, 100, 400], [0, 100, 200, 300, 400]),
    ],
)
def test_single_times_are_mended_and_all_others_kept(times: list[int | None], meant: list[int]) -> None:
    pts, scale, repaired = repair_timestamps(times)
    assert (pts, scale) == (meant, 1)
    assert repaired == sum(time != right for time, right in zip(times, meant, strict=True))


def test_more_frames_than_ticks_get_finer_ticks() -> None:
    pts, scale, repaired = repair_timestamps([0, 1, 1, 2])
    assert (pts, scale, repaired) == ([0, 2, 3, 4], 2, 1)


def test_without_any_time_frames_are_counted() -> None:
    assert repair_timestamps([None, None, None]) == ([0, 1, 2], 1, 3)


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
