"""Sound that is converted has as many channels as it had, or it is said what became of them."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from tests.helpers.footage import MakeClip, picture, tone
from tests.helpers.outputs import check_output, write_video
from vidstyle.media.probe.probe import probe


@pytest.mark.slow
@pytest.mark.parametrize(
    ("layout", "codec", "suffix", "found"),
    [
        ("5.1(side)", "flac", ".mp4", ("alac", 6)),
        ("quad", "flac", ".mp4", ("flac", 4)),
        ("7.1", "flac", ".mp4", ("flac", 8)),
        ("2.1", "flac", ".mp4", ("pcm_s24le", 3)),
        ("7.1", "flac", ".mov", ("pcm_s24le", 8)),
        ("7.1", "pcm_s16le", ".webm", ("opus", 8)),
        ("3.0", "pcm_s16le", ".mp4", ("alac", 3)),  # PCM in Matroska doesn't say where its channels are
        ("quad", "pcm_s16le", ".webm", ("opus", 4)),
        ("4.0", "flac", ".webm", ("opus", 6)),
    ],
)
def test_channels_are_kept_or_their_loss_is_a_warning(
    make_clip: MakeClip, tmp_path: Path, layout: str, codec: str, suffix: str, found: tuple[str, int]
) -> None:
    clip = make_clip(
        f"{layout}-{codec}.mkv", *picture(frames=8), *tone("0.32", layout), "-c:v", "libx264", "-c:a", codec
    )
    source = probe(clip)
    [said] = check_output(source, tmp_path / f"a{suffix}", False)
    list(write_video(source, None, tmp_path / f"a{suffix}"))
    [sound] = probe(tmp_path / f"a{suffix}").streams
    assert (sound.codec, sound.channels) == found
    if sound.channels != source.streams[0].channels:
        assert f"its 4 channels ({layout}) are mixed into 5.1" in said
    if found[0] == "pcm_s24le" and suffix == ".mp4":
        assert "kept uncompressed" in said


@pytest.mark.slow
def test_lossless_sound_stays_lossless(make_clip: MakeClip, tmp_path: Path) -> None:
    noise = ["-f", "lavfi", "-i", "anoisesrc=d=0.4:r=48000:seed=1,aformat=channel_layouts=stereo"]
    clip = make_clip("noise.mov", *picture(frames=10), *noise, "-c:v", "libx264", "-c:a", "pcm_s24le")

    def samples(path: Path) -> np.ndarray:
        with av.open(str(path)) as container:
            resampler = av.AudioResampler("s32", "stereo")
            frames = [out for frame in container.decode(audio=0) for out in resampler.resample(frame)]
            return np.concatenate([frame.to_ndarray() for frame in frames], axis=1)

    before = samples(clip)
    for place, name in enumerate(("a.mp4", "a.mkv", "a.mov")):
        list(write_video(probe(clip), None, tmp_path / name, audio="convert" if place else "auto"))
        np.testing.assert_array_equal(samples(tmp_path / name)[:, : before.shape[1]], before)
