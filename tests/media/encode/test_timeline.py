"""When each written frame is shown."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from vidstyle.media.encode.timeline import Timeline

STEPS = st.lists(st.integers(1, 10**6), min_size=2, max_size=50)


@given(STEPS, st.integers(1, 10**6), st.integers(1, 10**5))
def test_times_in_other_ticks_are_off_by_half_a_tick_at_most(steps: list[int], ticks: int, other: int) -> None:
    times = [sum(steps[:count]) for count in range(len(steps) + 1)]
    line = Timeline(ticks, tuple(times[:-1]), Fraction(25), times[-1], Fraction(0), whole=True)
    rounded = line.rounded(other)
    assert len(rounded.pts) == len(line.pts)
    assert list(rounded.pts) == sorted(rounded.pts)
    for pts, meant in zip(rounded.pts, line.pts, strict=True):
        assert abs(pts * rounded.time_base - meant * line.time_base) <= rounded.time_base / 2
    assert rounded.end > rounded.pts[-1]
