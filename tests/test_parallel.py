import itertools
import threading
from collections.abc import Iterator
from functools import partial

import pytest

from vidstyle.parallel import spread, together


@pytest.mark.parametrize("workers", [0, 1, 2, 5, 40])
def test_results_come_in_order_whatever_ends_first(workers: int) -> None:
    later = [threading.Event() for _ in range(20)]

    def work(number: int) -> int:
        if workers > 1 and number % 2 == 0:
            later[number + 1].wait(10)  # the one after it ends first
        later[number].set()
        return number

    assert list(spread(work, range(20), workers, "test")) == list(range(20))


def test_no_more_is_begun_than_there_are_workers_for() -> None:
    asked = []

    def items():
        for number in range(100):
            asked.append(number)
            yield number

    results = spread(lambda number: number, items(), 3, "test")
    for taken in range(10):
        assert next(results) == taken and len(asked) == taken + 4
    results.close()
    assert len(asked) == 13


def test_an_error_comes_in_its_items_place_and_ends_all() -> None:
    def work(number: int) -> float:
        return 1 / (number - 3)

    results = spread(work, range(100), 4, "test")
    assert [next(results) for _ in range(3)] == [1 / -3, 1 / -2, -1.0]
    with pytest.raises(ZeroDivisionError):
        next(results)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("test")]


def test_works_are_done_at_once_and_their_news_come_as_there_are_some() -> None:
    met = threading.Barrier(3, timeout=30)

    def work(number: int) -> Iterator[tuple[int, int]]:
        for step in range(4):
            met.wait()  # nobody gets here alone
            yield number, step

    news = list(together([partial(work, number) for number in range(3)], "test"))
    assert sorted(news) == [(number, step) for number in range(3) for step in range(4)]
    for number in range(3):
        assert [step for one, step in news if one == number] == [0, 1, 2, 3]


def test_one_work_needs_no_thread() -> None:
    assert list(together([lambda: [threading.current_thread()]], "test")) == [threading.current_thread()]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_who_fails_or_stops_ends_all(error: type[BaseException]) -> None:
    ended = []

    def work(fails: bool) -> Iterator[int]:
        try:
            for step in itertools.count():
                if fails and step == 5:
                    raise error("five")
                yield step
        finally:
            ended.append(fails)

    with pytest.raises(error, match="five"):
        list(together([partial(work, False), partial(work, True)], "test"))
    assert sorted(ended) == [False, True]
    news = together([partial(work, False), partial(work, False)], "test")
    next(news)
    news.close()
    assert ended[2:] == [False, False]
