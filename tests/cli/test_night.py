"""How long several paintings take, one after the other."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from vidstyle.cli.night import Night
from vidstyle.jobs.progress import Progress
from vidstyle.jobs.time_estimate import Typical, typical
from vidstyle.settings import Settings


def test_a_night_is_told_from_the_clip_at_work_and_from_those_before_it() -> None:
    """The machine is half as fast as a typical one, and takes ten seconds to look at a clip."""
    clock = [0.0]
    lengths, factor, ahead = [40.0, 120.0, 0.0, 80.0], 2.0, 10.0

    def painted(seconds: float) -> Generator[Progress, None, None]:
        yield Progress("plan")
        clock[0] += ahead
        for second in range(round(seconds)):
            yield Progress("evaluation", seconds_left=seconds - second, evaluation_seconds=0.1 * factor)
            clock[0] += 1

    night = Night([Typical(length, 0.1) if length else None for length in lengths], now=lambda: clock[0])
    said: list[tuple[float, Progress]] = []
    for place, length in enumerate(lengths):
        if length:
            said += [(clock[0], news) for news in night.over(place, painted(factor * length))]
    end = clock[0]
    assert said[0][1].all_seconds_left is None
    assert [(news.clip_number, news.clips) for _, news in said[:: len(said) - 1]] == [(1, 4), (4, 4)]
    for at, news in said[1:]:
        assert news.all_seconds_left == pytest.approx(end - at, rel=0.15)
    assert said[-1][1].all_seconds_left == said[-1][1].seconds_left


def test_a_clip_that_moves_a_lot_says_only_something_of_the_others() -> None:
    """It takes thrice what a typical one does; the machine is a typical one."""
    clock = [0.0]
    night = Night([Typical(60.0, 0.1)] * 4, now=lambda: clock[0])

    def painted() -> Generator[Progress, None, None]:
        yield Progress("estimate", seconds_left=180.0, evaluation_seconds=0.1)

    [news] = night.over(0, painted())
    assert news.all_seconds_left is not None
    assert 180 + 3 * 60 < news.all_seconds_left < 180 + 3 * 120


def test_clips_that_were_looked_at_are_told_as_they_were_seen() -> None:
    """The second takes a third of what a typical one does, the third can't be looked at, and the fourth is done."""
    clock, seen = [0.0], []

    def painted() -> Generator[Progress, None, None]:
        yield Progress("plan")
        yield Progress("estimate", seconds_left=60.0, evaluation_seconds=0.1)

    def look(place: int) -> float | None:
        clock[0] += 1
        seen.append(place)
        return {1: 20.0}.get(place)

    night = Night([*[Typical(60.0, 0.1, 100)] * 3, None, Typical(5.0, 0.1, 1)], look, lambda: clock[0])
    _, news = night.over(0, painted())
    assert seen == [1, 2]  # neither at what is done nor at a picture
    assert news.all_seconds_left == pytest.approx(60 + 20 + 60 + 5, rel=0.05)


def test_a_look_at_many_clips_costs_little_of_their_time() -> None:
    clock = [0.0]

    def painted() -> Generator[Progress, None, None]:
        yield Progress("plan")
        yield Progress("estimate", seconds_left=10.0, evaluation_seconds=0.1)

    def look(_: int) -> float:
        clock[0] += 2
        return 10.0

    night = Night([Typical(10.0, 0.1, 100)] * 60, look, lambda: clock[0])
    list(night.over(0, painted()))
    assert clock[0] <= 0.02 * 600 + 2


def test_a_stopped_painting_is_closed() -> None:
    closed = []

    def painted() -> Generator[Progress, None, None]:
        try:
            yield Progress("plan")
            yield Progress("done")
        finally:
            closed.append(True)

    news = Night([Typical(1.0, 1.0)] * 2).over(0, painted())
    next(news)
    news.close()
    assert closed == [True]


def test_larger_and_longer_clips_take_longer() -> None:
    settings = Settings()
    short, long, large = (
        typical(settings, size, frames).seconds
        for size, frames in (((320, 180), 48), ((320, 180), 96), ((480, 270), 48))
    )
    assert 1.3 * short < long < 2 * short
    assert 1.8 * short < large < 3 * short
    assert typical(settings.replace(max_inbetweens=0), (320, 180), 48).seconds > 2 * short
    assert 0 < typical(settings, (320, 180), 1).seconds < short
