"""Frames by their timecode."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidstyle.media.timecode import frames_from, timecode_after

NTSC = Fraction(30000, 1001)


@given(
    st.integers(-100_000, 100_000),
    st.sampled_from([("00:58:59;28", NTSC), ("23:59:00:12", Fraction(25)), ("01:00:00;00", 2 * NTSC)]),
)
def test_a_frame_is_found_by_the_timecode_that_it_has(frames: int, start: tuple[str, Fraction]) -> None:
    timecode, rate = start
    assert frames_from(timecode, timecode_after(timecode, frames, rate), rate) == frames


@pytest.mark.parametrize(("begin", "later"), [("", "01:00:00:00"), ("01:00:00:00", "soon")])
def test_what_is_no_timecode_names_no_frame(begin: str, later: str) -> None:
    assert frames_from(begin, later, NTSC) is None
