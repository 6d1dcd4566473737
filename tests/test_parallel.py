import threading

import pytest

from vidstyle.parallel import spread


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
