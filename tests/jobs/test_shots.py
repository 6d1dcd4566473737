"""Which frames are painted, and the pieces of long shots."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidstyle.errors import UsageError
from vidstyle.jobs.shots import OVERLAP, inspect_shots, pieces, selected_frames
from vidstyle.media.probe.probe import probe
from vidstyle.media.source import Source
from vidstyle.settings import MediaSettings, Settings


@given(st.integers(0, 1000), st.integers(1, 2000), st.integers(1, 500))
def test_pieces_cover_a_shot_and_share_frames_with_their_neighbours_alone(start: int, count: int, longest: int) -> None:
    found = pieces(start, start + count, longest)
    assert (found[0][0], found[-1][1]) == (start, start + count)
    assert len(found) == -(-count // longest)
    assert all(first[0] < second[0] < first[1] for first, second in itertools.pairwise(found))
    shared = {first[1] - second[0] for first, second in itertools.pairwise(found)}
    assert len(shared) <= 1 and all(1 <= frames <= OVERLAP for frames in shared)
    assert all(first[1] <= third[0] for first, third in zip(found, found[2:], strict=False))
    assert all(stop - begin <= longest + OVERLAP for begin, stop in found)


_ROUND = "nullsrc=s=64x48:r=12,geq=lum='128+60*sin(X/5+sin(2*PI*N/16))+50*sin(Y/7)':cb=128:cr=128,trim=end_frame=16"
_BARS = "testsrc2=s=64x48:r=12,trim=end_frame=6"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("clip", "longest", "shots", "sentences"),
    [
        ([_ROUND], None, [range(24)], 0),
        ([_ROUND], 8, [range(9), range(3, 15), range(9, 18)], 0),
        ([_BARS, _ROUND], None, [range(6), range(6, 22)], 1),
    ],
)
def test_the_last_shot_of_a_loop_goes_on_over_its_beginning_if_motion_leads_there(
    tmp_path: Path,
    make_clip: Callable[..., None],
    clip: list[str],
    longest: int | None,
    shots: list[range],
    sentences: int,
) -> None:
    make_clip(tmp_path / "clip.mkv", *clip)
    source = probe(tmp_path / "clip.mkv")
    count, settings = len(source.pts), Settings().replace(loop="on", max_shot_frames=longest)
    _, found, said = inspect_shots(source, range(count), settings)
    assert [shot.frames for shot in found] == shots
    assert [shot.pts[1] for shot in found] == [source.pts[(frames.stop - 1) % count] for frames in shots]
    assert sum("nothing to close" in sentence for sentence in said) == sentences


def part(source: Source, **asked: str) -> range:
    return selected_frames(source, MediaSettings(**asked))  # type: ignore[arg-type]


def test_a_part_is_named_by_times(clip: Path) -> None:
    source = probe(clip)  # 12 frames, a twelfth of a second each
    assert part(source, frames="0.25s-0.5s") == part(source, start="0.25s", limit="250ms") == range(3, 6)
    assert part(source, frames="00:00:00.5-") == part(source, frames="7-") == range(6, 12)
    assert part(source, frames="-0.5s") == range(6)
    assert part(source, frames="0.3s") == range(3, 4)  # the frame that is shown then
    assert part(source, frames="0.25s-9s") == range(3, 12)
    assert part(source, start="4", limit="2f") == range(3, 5)
    for asked, words in (
        ({"frames": "2s-3s"}, "has 1 s"),
        ({"start": "13"}, "only 12 frames"),
        ({"frames": "01:00:00:00-01:00:00:05"}, "has no timecode"),
    ):
        with pytest.raises(UsageError, match=words):
            part(source, **asked)


def test_a_part_is_named_by_timecodes(clip: Path) -> None:
    source = dataclasses.replace(probe(clip), timecode="01:00:59:10")
    assert part(source, frames="01:00:59:11-01:01:00:01") == range(1, 4)
    assert part(source, frames="-01:00:59:10") == range(1)
    assert part(source, start="01:01:00:00", limit="2f") == range(2, 4)
    assert part(source, frames="00:59:00:00-01:00:59:11") == range(2)
    with pytest.raises(UsageError, match="the timecodes 01:00:59:10 to 01:01:00:09"):
        part(source, frames="02:00:00:00-")
