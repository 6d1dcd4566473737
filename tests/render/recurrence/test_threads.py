"""The motion and the in-betweens are spread over threads: of how many, no frame tells."""

from pathlib import Path

import pytest

from bench.pipeline import FreeSolver
from vidstyle.generators import finish
from vidstyle.render import forecast
from vidstyle.render.recurrence import context
from vidstyle.render.video import stylize_video
from vidstyle.settings import Settings


@pytest.mark.slow
def test_the_bytes_do_not_depend_on_the_number_of_threads(
    tmp_path: Path, clip: Path, style: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(context, "FrameSolver", FreeSolver)
    monkeypatch.setattr(forecast, "takes_long", lambda job, left: False)
    found = []
    for threads in (1, 2, 5):
        output = tmp_path / f"{threads}.mkv"
        settings = Settings().replace(size=96, frames="1-12", cuts="none", threads=threads)
        finish(stylize_video(clip, [style], output, settings, keep=True))
        files = sorted(output.with_name(f"{output.name}.vidstyle").rglob("frames/*.png"))
        found.append([path.read_bytes() for path in files])
    assert len(found[0]) == 12 and found[0] == found[1] == found[2]
