"""Clips that are interlaced and don't say so are found, told and deinterlaced; others are left alone."""

from __future__ import annotations

import numpy as np
import pytest

from tests.helpers.footage import MakeClip
from vidstyle.media.probe.probe import probe
from vidstyle.media.reader import read_frames
from vidstyle.settings import MediaSettings

WAVES = "nullsrc=s=128x96:r=50,format=gray,geq=lum='128+90*sin(X/5-N)*cos(Y/7+N/3)'"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "steps", "meant"),
    [
        ("top", "interlace=lowpass=off", "top"),
        ("bottom", "interlace=lowpass=off:scan=bff", "bottom"),
        ("telecine", "fps=24,telecine", "top"),
        ("progressive", "fps=25", ""),
        ("noisy", "fps=25,noise=alls=60:allf=t", ""),
        ("still", "fps=25,loop=30:1:0", ""),
        ("upwards", "fps=25,scroll=v=0.0208", ""),
    ],
)
def test_combs_without_a_mark_are_found_and_told(make_clip: MakeClip, name: str, steps: str, meant: str) -> None:
    scene = ["-f", "lavfi", "-i", f"{WAVES},trim=end_frame=72"]
    words = ["-vf", f"{steps},format=yuv420p,setfield=prog", "-c:v", "libx264", "-g", "12", "-bf", "0"]
    clip = make_clip(f"combs-{name}.mp4", *scene, *words)
    source = probe(clip)
    assert source.interlaced == meant
    told = [warning for warning in source.warnings if "interlaced" in warning]
    assert len(told) == bool(meant) and all(f"{meant} field first" in warning for warning in told)
    off = probe(clip, MediaSettings(deinterlace="off"))
    assert (off.interlaced, [warning for warning in off.warnings if "interlaced" in warning]) == ("", [])
    asked = probe(clip, MediaSettings(deinterlace="on"))
    assert asked.interlaced == (meant or "top") and any("--deinterlace on" in warning for warning in asked.warnings)


@pytest.mark.slow
@pytest.mark.parametrize("scan", ["tff", "bff"])
def test_what_is_found_is_deinterlaced_like_what_is_marked(make_clip: MakeClip, scan: str) -> None:
    scene = ["-f", "lavfi", "-i", f"{WAVES},trim=end_frame=24"]
    steps = f"interlace=lowpass=off:scan={scan},format=yuv420p"
    words = ["-c:v", "libx264", "-qp", "0", "-g", "6", "-bf", "0"]
    unmarked = probe(make_clip(f"un-{scan}.mkv", *scene, "-vf", f"{steps},setfield=prog", *words))
    marked = probe(make_clip(f"m-{scan}.mkv", *scene, "-vf", steps, *words, "-flags", "+ildct+ilme"))
    assert (unmarked.interlaced, marked.interlaced) == ("top" if scan == "tff" else "bottom", "marked")
    for one, two in zip(read_frames(unmarked), read_frames(marked), strict=True):
        np.testing.assert_array_equal(one.image, two.image)
    left = probe(marked.path, MediaSettings(deinterlace="off"))
    assert left.interlaced == "" and any("stays so" in warning for warning in left.warnings)
